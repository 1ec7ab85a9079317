#include "simulator/wire/media.h"
#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

constexpr const char* base = "http://127.0.0.1:8080";

std::string below_user(const std::string& url) {
    const std::string start = std::string{base} + Api::users;
    REQUIRE(url.starts_with(start));
    return url.substr(start.size());
}

/// A call of which a recording of that many seconds was made; its path.
std::string recorded_call(Api& api, const std::string& more = "", Duration length = 90s) {
    const std::string path = api.active_call(more);
    api.post(path, R"({"recordingEnabled":"true"})");
    api.advance(length);
    api.post(path, R"({"recordingEnabled":false})");
    return path;
}

}  // namespace

TEST_CASE("recordings: recording, saving, complete, with media only at the end", "[api]") {
    Api api;
    const std::string path = api.active_call();
    const std::string call_url = std::string{base} + Api::users + path;
    CHECK(api.get_json(path + "/recordings").empty());
    api.post(path, R"({"recordingEnabled":true})");

    json recording = api.get_json(path + "/recordings").at(0);
    const std::string id = recording["id"];
    CHECK(id.starts_with("rec-"));
    CHECK(recording == json{{"id", id},
                            {"state", "recording"},
                            {"startTime", "2017-11-24T04:00:46Z"},
                            {"call", call_url}});
    CHECK(api.get_json(path)["recordingEnabled"] == true);

    api.advance(10s);
    api.post(path, R"({"recordingEnabled":false})");
    recording.update({{"state", "saving"}, {"endTime", "2017-11-24T04:00:56Z"}});
    CHECK(api.get_json("/recordings/" + id) == recording);

    api.advance(2s);
    recording.update(
        {{"state", "complete"},
         {"media", std::string{base} + Api::users + "/media/" + path.substr(7) + "-1.wav"}});
    CHECK(api.get_json("/recordings/" + id) == recording);
    CHECK(outcome(api.get("/recordings/rec-x")) == "404 recording-not-found");
}

TEST_CASE("recordings: two of one call have media -1 and -2, each downloadable with a type",
          "[api]") {
    Api api;
    const std::string path = recorded_call(api);
    api.post(path, R"({"recordingFileFormat":"mp3","recordingEnabled":true})");
    api.advance(5s);
    CHECK(outcome(api.post(path, R"({"recordingFileFormat":"wav"})")) ==
          "409 conflicted-recording-values-request");
    api.post(path, R"({"state":"completed"})");
    CHECK(outcome(api.get("/media/" + path.substr(7) + "-2.mp3")) == "404 media-not-found");
    api.advance(5s);

    const json list = api.get_json(path + "/recordings");
    REQUIRE(list.size() == 2);
    const ApiReply wav = api.get(below_user(list[0]["media"]));
    CHECK(Api::header(wav.response, "Content-Type") == "audio/wav");
    CHECK(wav.response.body == recording_bytes(RecordingFormat::wav));
    const ApiReply mp3 = api.get(below_user(list[1]["media"]));
    CHECK(Api::header(mp3.response, "Content-Type") == "audio/mpeg");
    CHECK(mp3.response.body == recording_bytes(RecordingFormat::mp3));
    const ApiReply head = api.send("HEAD", Api::users + below_user(list[0]["media"]), "{}");
    CHECK(head.response.status == 200);
    CHECK(Api::header(head.response, "Content-Type") == "audio/wav");
    for (const std::string tail : {"-1.mp3", "-2.wav", "-3.wav", "-0.wav", "-01.wav", "-+1.wav", "",
                                   ".wav", "-1", "-x.wav"}) {
        CAPTURE(tail);
        CHECK(outcome(api.get("/media/" + path.substr(7) + tail)) == "404 media-not-found");
    }
}

TEST_CASE("recordings: those of all calls are listed newest first, in pages", "[api]") {
    Api api;
    recorded_call(api);
    recorded_call(api);
    api.send("POST", "/v1/users/u-2/calls", R"({"from":"+19195550123","to":"+19195550187"})");

    const ApiReply page = api.get("/recordings?size=1");

    REQUIRE(Api::parsed(page).size() == 1);
    CHECK(Api::parsed(page)[0]["startTime"] == "2017-11-24T04:02:21Z");
    CHECK(Api::header(page.response, "Link").find("/recordings?page=1&size=1>; rel=\"next\"") !=
          std::string::npos);
    CHECK(api.get_json("/recordings").size() == 2);
    CHECK(json::parse(api.send("GET", "/v1/users/u-2/recordings").response.body).empty());
    CHECK(json::parse(api.send("GET", "/v1/users/u-3/recordings").response.body).empty());
    CHECK(outcome(api.get("/recordings?size=0")) == "400 validation-error");
}

TEST_CASE("transcriptions: on demand, from transcribing to a text to read", "[api]") {
    Api api;
    const std::string path = recorded_call(api);
    const std::string recording =
        "/recordings/" + api.get_json(path + "/recordings").at(0)["id"].get<std::string>();
    CHECK(outcome(api.post(recording + "/transcriptions")) == "403 invalid-recording-state");
    api.advance(2s);

    const ApiReply made = api.post(recording + "/transcriptions");

    REQUIRE(outcome(made) == "201");
    CHECK(made.touched == std::vector<CallId>{made.call});
    const std::string transcription = below_user(made.location);
    const std::string id = transcription.substr(transcription.rfind('/') + 1);
    CHECK(id.starts_with("tr-"));
    json expected{{"id", id}, {"state", "transcribing"}, {"time", "2017-11-24T04:02:18Z"}};
    CHECK(api.get_json(transcription) == expected);
    CHECK(outcome(api.get("/media/" + id)) == "404 media-not-found");

    api.advance(10s);

    expected.update({{"state", "completed"},
                     {"chargeableDuration", 90},
                     {"text", "Hello, please call me back."},
                     {"textSize", 27},
                     {"textUrl", std::string{base} + Api::users + "/media/" + id}});
    CHECK(api.get_json(transcription) == expected);
    CHECK(api.get_json(path + "/transcriptions") == json::array({expected}));
    CHECK(api.get_json(recording + "/transcriptions") == json::array({expected}));
    const ApiReply text = api.get(below_user(expected["textUrl"]));
    CHECK(text.response.body == "Hello, please call me back.");
    CHECK(Api::header(text.response, "Content-Type") == "text/plain");
    CHECK(outcome(api.get(recording + "/transcriptions/tr-x")) == "404 transcription-not-found");
    CHECK(outcome(api.post("/recordings/rec-x/transcriptions")) == "404 recording-not-found");
    CHECK(outcome(api.post(recording + "/transcriptions", "{")) == "400 validation-error");
}

TEST_CASE("transcriptions: one of another recording is not found below this one", "[api]") {
    Api api;
    const std::string path = recorded_call(api, R"(,"transcriptionEnabled":true)");
    api.post(path, R"({"recordingEnabled":true})");
    api.advance(20s);
    const json recordings = api.get_json(path + "/recordings");
    const std::string id = api.get_json(path + "/transcriptions").at(0)["id"];
    const auto below = [&](int i) {
        return "/recordings/" +
               recordings.at(static_cast<std::size_t>(i))["id"].get<std::string>() +
               "/transcriptions";
    };
    CHECK(outcome(api.get(below(0) + "/" + id)) == "200");
    CHECK(outcome(api.get(below(1) + "/" + id)) == "404 transcription-not-found");
    CHECK(api.get_json(below(1)).empty());
}

TEST_CASE("transcriptions: a long text is cropped in the resource, whole under textUrl", "[api]") {
    ModelSettings model;
    for (int i = 0; i < 1200; ++i) {
        model.transcript += "\xc3\xa9";
    }
    Api api{model};
    const std::string path = recorded_call(api, R"(,"transcriptionEnabled":true)");
    api.advance(20s);
    const json transcription = api.get_json(path + "/transcriptions").at(0);
    CHECK(transcription["textSize"] == 1227);
    CHECK(transcription["text"].get<std::string>().size() == 27 + 2 * 973);
    CHECK(api.get(below_user(transcription["textUrl"])).response.body == model.transcript);
}

TEST_CASE("media: the list has recordings and texts, with their true lengths", "[api]") {
    Api api;
    const std::string path = recorded_call(api, R"(,"transcriptionEnabled":true)");
    CHECK(api.get_json("/media").empty());
    api.advance(20s);

    const json list = api.get_json("/media");

    REQUIRE(list.size() == 2);
    for (const json& item : list) {
        const ApiReply file = api.get(below_user(item["content"]));
        CHECK(file.response.body.size() == item["contentLength"].get<std::size_t>());
        CHECK(item["content"].get<std::string>().ends_with("/media/" +
                                                           item["mediaName"].get<std::string>()));
    }
    CHECK(list[1]["mediaName"] == path.substr(7) + "-1.wav");
}

}  // namespace ringback::test
