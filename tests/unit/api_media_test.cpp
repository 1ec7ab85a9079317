// Media files: what was put and what ringback makes up. Source: spec v1 2.5, 1.8.

#include "simulator/wire/media.h"
#include "tests/support/api_fixture.h"

namespace ringback::test::media {
namespace {

ApiReply put(Api& api, const std::string& name, std::string bytes,
             std::vector<Header> headers = {{"Content-Type", "audio/wav"}}) {
    Request asked = api.request("PUT", Api::users + ("/media/" + name), std::move(bytes));
    for (Header& header : headers) {
        asked.headers.push_back(std::move(header));
    }
    return api.send(asked);
}
ApiReply remove(Api& api, const std::string& name) {
    return api.send("DELETE", Api::users + ("/media/" + name));
}
std::vector<std::string> names(Api& api, const std::string& query = "") {
    std::vector<std::string> all;
    for (const auto& item : api.get_json("/media" + query)) {
        all.push_back(item.at("mediaName"));
    }
    return all;
}
using Names = std::vector<std::string>;

/// An inbound picture message; its text id.
std::string picture(Api& api, const std::vector<std::string>& parts) {
    NewMessage wanted;
    wanted.direction = Direction::in;
    wanted.from = "+19195550187";
    wanted.to = "+19195550123";
    wanted.media = parts;
    User& user = api.engine.user("u-1");
    const Message* const made = api.engine.create(user, wanted, api.now);
    return api.ids.text(IdKind::message, user.hash, number_of(made->id));
}

}  // namespace

TEST_CASE("PUT media: the bytes come back with their type and Cache-Control", "[api][media]") {
    Api api;
    const std::string bytes{"RI\0FF\xff\r\n", 8};
    const ApiReply stored = put(api, "greeting.wav", bytes,
                                {{"content-type", "audio/wav"}, {"Cache-Control", "no-cache"}});
    CHECK(stored.response.status == 200);
    CHECK(stored.response.body.empty());
    CHECK(stored.keeps == KeepBody::size_only);
    for (const char* const method : {"GET", "HEAD"}) {
        const ApiReply got = api.send(method, std::string{Api::users} + "/media/greeting.wav");
        CHECK(got.response.status == 200);
        REQUIRE(got.file != nullptr);
        CHECK(*got.file == bytes);
        CHECK(Api::header(got.response, "Content-Type") == "audio/wav");
        CHECK(Api::header(got.response, "Cache-Control") == "no-cache");
    }
    CHECK(put(api, "greeting.wav", "new", {}).response.status == 200);
    const ApiReply changed = api.get("/media/greeting.wav");
    CHECK(*changed.file == "new");
    CHECK(Api::header(changed.response, "Content-Type") == "application/octet-stream");
    CHECK(Api::header(changed.response, "Cache-Control").empty());
}

TEST_CASE("media: listed newest first with length and address, and deleted", "[api][media]") {
    Api api;
    put(api, "a", "12345");
    put(api, "b", "");
    CHECK(api.get_json("/media") == json::parse(R"([{"mediaName":"b","contentLength":0,
                           "content":"http://127.0.0.1:8080/v1/users/u-1/media/b"},
                          {"mediaName":"a","contentLength":5,
                           "content":"http://127.0.0.1:8080/v1/users/u-1/media/a"}])"));
    api.now += 1s;
    put(api, "a", "1");
    CHECK(names(api) == Names{"a", "b"});
    CHECK(names(api, "?size=1&page=1") == Names{"b"});
    CHECK(outcome(remove(api, "a")) == "200");
    CHECK(outcome(remove(api, "a")) == "404 media-not-found");
    CHECK(outcome(api.get("/media/a")) == "404 media-not-found");
    CHECK(names(api) == Names{"b"});
    CHECK(outcome(api.send("POST", std::string{Api::users} + "/media/b")) ==
          "405 method-not-allowed");
}

TEST_CASE("media: a name may hold any character that is encoded", "[api][media]") {
    Api api;
    for (const char* const name :
         {"a%20b.wav", "a%2Fb", "%E2%82%AC", "a%3Fb%23", "%22quote%22", "a+b", "%25"}) {
        CAPTURE(name);
        CHECK(put(api, name, "x").response.status == 200);
        CHECK(api.get(std::string{"/media/"} + name).file != nullptr);
    }
    for (const auto& item : api.get_json("/media")) {
        const auto url = item.at("content").get<std::string>();
        CAPTURE(url);
        CHECK(api.send("GET", url.substr(url.find("/v1/"))).file != nullptr);
    }
    CHECK(outcome(put(api, "a/b", "x")) == "404 resource-not-found");
    CHECK(outcome(put(api, "..", "x")) == "404 resource-not-found");
    CHECK(outcome(put(api, "%2E", "x")) == "404 resource-not-found");
    CHECK(outcome(put(api, "%00", "x")) == "400 validation-error");
    CHECK(outcome(api.get("/calls/a%2Fb")) == "404 resource-not-found");
}

TEST_CASE("media: 65 MB fit, one byte more does not", "[api][media]") {
    Api api;
    api.media = MediaStore{std::size_t{100} << 20U};
    CHECK(put(api, "large", std::string(MediaStore::largest, 'x')).response.status == 200);
    CHECK(outcome(put(api, "larger", std::string(MediaStore::largest + 1, 'x'))) ==
          "403 media-size-overflow");
    CHECK(names(api) == Names{"large"});
}

TEST_CASE("media: beyond what may be held it is a 503, and what is there stays", "[api][media]") {
    Api api;
    api.media = MediaStore{10'000};
    CHECK(put(api, "a", std::string(6000, 'x')).response.status == 200);
    const ApiReply refused = put(api, "b", std::string(6000, 'x'));
    CHECK(outcome(refused) == "503 media-unavailable");
    CHECK(Api::header(refused.response, "Retry-After") == "1");
    CHECK(names(api) == Names{"a"});

    const MediaBytes being_sent = api.get("/media/a").file;
    CHECK(outcome(remove(api, "a")) == "200");
    CHECK(outcome(put(api, "b", std::string(6000, 'x'))) == "503 media-unavailable");
    CHECK(being_sent->size() == 6000);
}

TEST_CASE("media: what is sent no more makes room", "[api][media]") {
    MediaStore store{10'000};
    REQUIRE(store.put("u-1", "a", std::string(6000, 'x'), "t", "", Instant{}));
    MediaBytes being_sent = store.find("u-1", "a")->bytes;
    store.reset("u-1");
    CHECK(store.bytes() > 6000);
    being_sent.reset();
    CHECK(store.bytes() == 0);
    CHECK(store.put("u-2", "a", std::string(6000, 'x'), "t", "", Instant{}));
    CHECK(store.find("u-1", "a") == nullptr);
    for (int i = 0; i < 100; ++i) {
        static_cast<void>(store.hide("u-1", "name-" + std::to_string(i)));
    }
    CHECK(store.bytes() <= 10'000);
    CHECK_FALSE(store.is_hidden("u-1", "name-99"));
    store.reset_all();
    CHECK(store.bytes() == 0);
}

TEST_CASE("media: recordings and transcripts are files that can be replaced and deleted",
          "[api][media]") {
    Api api;
    const std::string call = api.active_call(R"(,"recordingEnabled":true,
                                                "transcriptionEnabled":true)");
    api.post(call, R"({"recordingEnabled":false})");
    api.advance(60s);
    const Names made = names(api);
    REQUIRE(made.size() == 2);
    const std::string recording = call.substr(7) + "-1.wav";
    CHECK(std::count(made.begin(), made.end(), recording) == 1);
    const ApiReply got = api.get("/media/" + recording);
    CHECK(got.response.body == recording_bytes(RecordingFormat::wav));
    CHECK(Api::header(got.response, "Content-Type") == "audio/wav");

    CHECK(put(api, recording, "mine").response.status == 200);
    CHECK(names(api).size() == 2);
    CHECK(*api.get("/media/" + recording).file == "mine");
    CHECK(outcome(remove(api, recording)) == "200");
    CHECK(outcome(api.get("/media/" + recording)) == "404 media-not-found");
    CHECK(outcome(remove(api, recording)) == "404 media-not-found");
    CHECK(names(api).size() == 1);
    const std::string text = names(api)[0];
    CHECK(Api::header(api.get("/media/" + text).response, "Content-Type") == "text/plain");
    CHECK(outcome(remove(api, text)) == "200");
    CHECK(names(api).empty());
    CHECK(put(api, text, "back").response.status == 200);
    CHECK(names(api) == Names{text});
}

TEST_CASE("media: the parts of a received message can be had by their names", "[api][media]") {
    Api api;
    const std::string id = picture(api, {"photo.jpg", "note.m-1.txt", "plain"});
    const Names parts{"photo-" + id + ".jpg", "note.m-1-" + id + ".txt", "plain-" + id};
    CHECK(names(api) == parts);
    const ApiReply photo = api.get("/media/" + parts[0]);
    CHECK(photo.response.body.substr(1, 3) == "PNG");
    CHECK(Api::header(photo.response, "Content-Type") == "image/png");
    for (const std::string& part : {parts[1], parts[2]}) {
        CAPTURE(part);
        CHECK(Api::header(api.get("/media/" + part).response, "Content-Type") == "text/plain");
    }
    CHECK(outcome(api.get("/media/other-" + id + ".jpg")) == "404 media-not-found");
    CHECK(outcome(remove(api, parts[0])) == "200");
    CHECK(names(api) == Names{parts[1], parts[2]});
}

}  // namespace ringback::test::media
