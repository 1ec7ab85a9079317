#include <regex>

#include "simulator/core/message_numbers.h"
#include "tests/support/api_fixture.h"

namespace ringback::test::messages {
namespace {

const std::string numbers = R"("from":"+19195550123","to":"+19195550187")";
const std::string good = "{" + numbers + R"(,"text":"Good morning"})";

/// The URL that Link gives for a relation, below the user; "" if there is none.
std::string linked(const ApiReply& reply, const std::string& relation) {
    const std::string header = Api::header(reply.response, "Link");
    std::smatch found;
    const std::regex one{"<http://127\\.0\\.0\\.1:8080/v1/users/u-1([^>]*)>; rel=\"" + relation +
                         "\""};
    return std::regex_search(header, found, one) ? found[1].str() : "";
}

/// Makes a message and returns its path below the user's.
std::string message(Api& api, const std::string& more = "",
                    const std::string& to = "+19195550187") {
    const ApiReply reply = api.post(
        "/messages", R"({"from":"+19195550123","text":"Hi","to":")" + to + "\"" + more + "}");
    REQUIRE(reply.response.status == 201);
    return reply.location.substr(reply.location.find("/messages/"));
}

std::string inbound(Api& api, std::vector<std::string> media = {}) {
    NewMessage wanted;
    wanted.direction = Direction::in;
    wanted.from = "+19195550187";
    wanted.to = "+19195550123";
    wanted.text = "Hello there";
    wanted.media = std::move(media);
    User& user = api.engine.user("u-1");
    const Message* const made = api.engine.create(user, wanted, api.now);
    return "/messages/" + api.ids.text(IdKind::message, user.hash, number_of(made->id));
}

std::vector<std::string> texts(const json& list) {
    std::vector<std::string> all;
    for (const auto& one : list) {
        all.push_back(one.at("text"));
    }
    return all;
}

}  // namespace

TEST_CASE("POST messages: 201, an absolute Location, an empty body without a type",
          "[api][messages]") {
    Api api;
    const ApiReply reply = api.post("/messages", good);
    CHECK(reply.response.status == 201);
    CHECK(reply.response.body.empty());
    CHECK(reply.response.headers.size() == 1);
    CHECK(std::regex_match(
        Api::header(reply.response, "Location"),
        std::regex{"http://127\\.0\\.0\\.1:8080/v1/users/u-1/messages/m-[a-z2-7]{22}[aiqy]"}));
    CHECK(reply.touched == std::vector<CallId>{reply.call});
    CHECK(resource_of(reply.call) == Resource::message);
    api.settings.relative_location = true;
    CHECK(api.post("/messages/", good).location.starts_with("/v1/users/u-1/messages/m-"));
}

TEST_CASE("GET message: it reads as the table of fields says, in every state", "[api][messages]") {
    Api api;
    const std::string path =
        message(api, R"(,"receiptRequested":"all","callbackUrl":"http://me:secret@127.0.0.1:9/cb",
                 "callbackHttpMethod":"post","callbackTimeout":2000,
                 "fallbackUrl":"http://127.0.0.1:9/fb","tag":"t")");
    const std::string id = path.substr(10);
    json expected{{"id", id},
                  {"messageId", id},
                  {"from", "+19195550123"},
                  {"to", "+19195550187"},
                  {"text", "Hi"},
                  {"direction", "out"},
                  {"time", "2017-11-24T04:00:41Z"},
                  {"state", "queued"},
                  {"media", json::array()},
                  {"segmentCount", 1},
                  {"receiptRequested", "all"},
                  {"callbackUrl", "http://***@127.0.0.1:9/cb"},
                  {"callbackHttpMethod", "POST"},
                  {"callbackTimeout", 2000},
                  {"fallbackUrl", "http://127.0.0.1:9/fb"},
                  {"tag", "t"}};
    CHECK(api.get_json(path) == expected);
    api.advance(250ms);
    expected["state"] = "sending";
    CHECK(api.get_json(path) == expected);
    api.advance(250ms);
    expected["state"] = "sent";
    expected["deliveryState"] = "waiting";
    CHECK(api.get_json(path) == expected);
    api.advance(3s);
    expected["deliveryState"] = "delivered";
    expected["deliveryCode"] = "0";
    expected["deliveryDescription"] = "Message delivered to carrier";
    CHECK(api.get_json(path) == expected);
}

TEST_CASE("GET message: an inbound one has no receipt, and its parts are media of the account",
          "[api][messages]") {
    Api api;
    const std::string path = inbound(api, {"photo.jpg", "noext"});
    const std::string id = path.substr(10);
    const json shown = api.get_json(path);
    CHECK(shown["state"] == "received");
    CHECK(shown["direction"] == "in");
    CHECK_FALSE(shown.contains("receiptRequested"));
    const std::string media = "http://127.0.0.1:8080/v1/users/u-1/media/";
    CHECK(shown["media"] == json::array({media + "photo-" + id + ".jpg", media + "noext-" + id}));
}

TEST_CASE("GET message: an id of nothing, of another user or of a call is not found",
          "[api][messages]") {
    Api api;
    const std::string path = message(api);
    CHECK(outcome(api.get("/messages/m-nonsense")) == "404 message-not-found");
    CHECK(outcome(api.send("GET", "/v1/users/u-2" + path)) == "404 message-not-found");
    CHECK(outcome(api.get("/messages/" + api.call().substr(7))) == "404 message-not-found");
    const json error = Api::parsed(api.get("/messages/m-x"));
    CHECK(error["details"][0] == json{{"name", "messageId"}, {"value", "m-x"}});
    CHECK(Api::header(api.send("DELETE", "/v1/users/u-1" + path).response, "Allow") ==
          "GET, PATCH");
    CHECK(outcome(api.post(path, R"({"text":""})")) == "405 method-not-allowed");
}

TEST_CASE("POST messages: what is wrong is refused and creates nothing", "[api][messages]") {
    Api api;
    const auto refused = [&](const std::string& body) {
        return outcome(api.post("/messages", body));
    };
    CHECK(refused("") == "400 missing-property");
    CHECK(refused("[]") == "400 missing-property");  // as {}: spec v1 1.3
    CHECK(refused("{" + numbers + "}") == "400 missing-property");
    CHECK(refused("{" + numbers + R"(,"text":" "})") == "400 blank-property");
    CHECK(refused("{" + numbers + R"(,"text":"x","callbackUrl":"http://example.com/"})") ==
          "400 callback-invalid-url");
    CHECK(refused("{" + numbers + R"(,"media":"x"})") == "403 media-invalid-url");
    CHECK(refused("{") == "400 validation-error");
    CHECK(refused("5") == "400 validation-error");
    CHECK(refused("[{]") == "400 validation-error");
    CHECK(api.engine.known_messages() == 0);
    api.overloaded = true;
    CHECK(outcome(api.post("/messages", good)) == "503 gateway-unavailable");
    CHECK(api.engine.known_messages() == 0);
}

TEST_CASE("POST messages: magic numbers are refused as their table says", "[api][messages]") {
    Api api;
    const auto refused = [&](const std::string& suffix) {
        return outcome(api.post(
            "/messages", R"({"from":"+19195550123","text":"x","to":"+191955)" + suffix + "\"}"));
    };
    CHECK(refused("98403") == "403 restricted-number");
    CHECK(refused("98800") == "403 message-from-toll-free");
    CHECK(refused("98429") == "403 message-rate-limit");
    CHECK(refused("98408") == "400 message-delay-limit");
    for (const MessageNumber& number : message_numbers()) {
        if (number.refusal == MessageRefusal::none) {
            CHECK(refused(std::string{number.suffix}) == "201");
        }
    }
}

TEST_CASE("POST messages: what is set for a number is stronger than its refusal",
          "[api][messages]") {
    Api api;
    const std::string body = R"({"from":"+19195550123","to":"+19195598403","text":"hello"})";
    CHECK(outcome(api.post("/messages", body)) == "403 restricted-number");
    CHECK(api.engine.set_message_fate("+19195598403", MessageFate{}));
    CHECK(outcome(api.post("/messages", body)) == "201");
}

TEST_CASE("POST messages: with strict ownership only from a number of the account",
          "[api][messages]") {
    Api api;
    api.settings.strict_numbers = true;
    CHECK(outcome(api.post("/messages", good)) == "401 number-access-denied");
    api.settings.numbers.insert("+19195550123");
    CHECK(outcome(api.post("/messages", good)) == "201");
}

TEST_CASE("POST messages: too many on their way are refused", "[api][messages]") {
    EngineLimits limits;
    limits.live_messages = 1;
    Api api{{}, limits};
    CHECK(outcome(api.post("/messages", good)) == "201");
    const ApiReply reply = api.post("/messages", good);
    CHECK(outcome(reply) == "503 gateway-unavailable");
    CHECK(Api::header(reply.response, "Retry-After") == "1");
    const json results = Api::parsed(api.post("/messages", "[" + good + "]"));
    CHECK(results[0]["error"]["code"] == "gateway-unavailable");
}

TEST_CASE("POST messages: an array has a result for each element, in order", "[api][messages]") {
    Api api;
    const ApiReply reply = api.post("/messages", "[" + good + R"(,{"from":"x"},5,)" + good + "]");
    REQUIRE(reply.response.status == 202);
    CHECK(Api::header(reply.response, "Content-Type") == "application/json");
    const json results = Api::parsed(reply);
    REQUIRE(results.size() == 4);
    CHECK(results[0]["result"] == "accepted");
    CHECK(results[1]["result"] == "error");
    CHECK(results[1]["error"]["code"] == "validation-error");
    CHECK(results[1]["error"]["category"] == "bad-request");
    CHECK(results[1]["error"]["details"].is_array());
    CHECK(results[2]["error"]["code"] == "validation-error");
    CHECK(results[3]["result"] == "accepted");
    CHECK(api.engine.known_messages() == 2);
    CHECK(reply.touched.size() == 2);
    for (const std::size_t accepted : {0U, 3U}) {
        const std::string location = results[accepted]["location"];
        REQUIRE(location.starts_with("http://127.0.0.1:8080/v1/users/u-1/messages/m-"));
        CHECK(api.get(location.substr(location.find("/messages/"))).response.status == 200);
    }
}

TEST_CASE("POST messages: fifty at once, one more is refused whole", "[api][messages]") {
    Api api;
    std::string fifty = good;
    for (int i = 1; i < 50; ++i) {
        fifty += "," + good;
    }
    CHECK(Api::parsed(api.post("/messages", " [" + fifty + "]")).size() == 50);
    const ApiReply reply = api.post("/messages", "[" + fifty + "," + good + "]");
    CHECK(outcome(reply) == "403 multi-message-limit");
    CHECK(Api::parsed(reply)["category"] == "limit");
    CHECK(api.engine.known_messages() == 50);
}

TEST_CASE("PATCH message: takes the text, and its events wait for the answer", "[api][messages]") {
    Api api;
    const std::string path = message(api);
    const std::string url = "/v1/users/u-1" + path;
    CHECK(outcome(api.send("PATCH", url, R"({"text":"other"})")) == "400 validation-error");
    CHECK(outcome(api.send("PATCH", url, R"({"text":"","tag":"x"})")) == "400 validation-error");
    CHECK(outcome(api.send("PATCH", url, "[")) == "400 validation-error");
    CHECK(api.get_json(path)["text"] == "Hi");

    const ApiReply reply = api.send("PATCH", url, R"({"text":""})");
    CHECK(reply.response.status == 200);
    CHECK(reply.response.body.empty());
    CHECK(reply.touched == std::vector<CallId>{reply.call});
    CHECK(api.get_json(path)["text"] == "");
    CHECK(api.get_json(path)["segmentCount"] == 1);
    CHECK(outcome(api.send("PATCH", "/v1/users/u-1/messages/m-x", R"({"text":""})")) ==
          "404 message-not-found");
}

TEST_CASE("GET message: the text is gone after three days", "[api][messages]") {
    Api api;
    const std::string path = message(api);
    api.advance(72h - 1ns);
    CHECK(api.get_json(path)["text"] == "Hi");
    api.advance(1ns);
    CHECK(api.get_json(path)["text"] == "");
}

TEST_CASE("GET messages: newest first by cursor, every message once", "[api][messages]") {
    Api api;
    for (int i = 0; i < 60; ++i) {
        api.post("/messages", "{" + numbers + R"(,"text":")" + std::to_string(i) + "\"}");
        if (i % 20 == 0) {
            api.advance(1s);  // some share a millisecond, some do not
        }
    }
    std::vector<std::string> seen;
    int pages = 0;
    for (std::string next = "/messages?direction=out"; !next.empty(); ++pages) {
        const ApiReply reply = api.get(next);
        for (const auto& text : texts(Api::parsed(reply))) {
            seen.push_back(text);
        }
        CHECK(linked(reply, "first") == "/messages?size=25&direction=out");
        next = linked(reply, "next");
        CHECK((next.empty() ||
               std::regex_match(next, std::regex{"/messages\\?sortKeyLT=[0-9]{19}&size=25"
                                                 "&direction=out"})));
    }
    CHECK(pages == 3);
    REQUIRE(seen.size() == 60);
    for (int i = 0; i < 60; ++i) {
        CHECK(seen[static_cast<std::size_t>(i)] == std::to_string(59 - i));
    }
    CHECK(texts(api.get_json("/messages?size=2&page=1")) == std::vector<std::string>{"57", "56"});
    CHECK(api.get_json("/messages?page=9").empty());
    CHECK(linked(api.get("/messages?page=9"), "next").empty());

    const ApiReply oldest = api.get("/messages?sortOrder=asc&size=2");
    CHECK(texts(Api::parsed(oldest)) == std::vector<std::string>{"0", "1"});
    CHECK(texts(api.get_json(linked(oldest, "next"))) == std::vector<std::string>{"2", "3"});
}

TEST_CASE("GET messages: every filter narrows, a wrong one is refused", "[api][messages]") {
    Api api;
    message(api, R"(,"receiptRequested":"all")", "+19195598720");
    message(api, R"(,"receiptRequested":"all")");
    message(api, "", "+19195598000");
    api.advance(10s);
    inbound(api);
    message(api);
    const auto count = [&](const std::string& query) {
        CAPTURE(query);
        return api.get_json("/messages?" + query).size();
    };
    CHECK(count("") == 5);
    CHECK(count("direction=in") == 1);
    CHECK(count("direction=OUT") == 4);
    CHECK(count("state=error") == 1);
    CHECK(count("state=queued") == 1);
    CHECK(count("state=received") == 1);
    CHECK(count("deliveryState=delivered") == 1);
    CHECK(count("deliveryState=NotDelivered") == 1);
    CHECK(count("deliveryState=waiting") == 0);
    CHECK(count("from=%2B19195550187") == 1);
    CHECK(count("from=%209195550187") == 0);
    CHECK(count("from=9195550187") == 1);
    CHECK(count("to=+19195598720") == 1);
    CHECK(count("fromDateTime=2017-11-24%2004:00:51") == 2);
    CHECK(count("toDateTime=2017-11-24T04:00:41.000Z") == 3);
    CHECK(count("from=9195550123&state=sent&unknown=1") == 2);
    for (const auto* const bad :
         {"from=12345", "to=x", "direction=up", "state=new", "deliveryState=lost",
          "sortOrder=random", "fromDateTime=soon", "toDateTime=1", "size=0", "page=-1",
          "sortKeyLT=x", "sortKeyLT=99999999999999999999", "sortKeyGT=-1"}) {
        CAPTURE(bad);
        CHECK(outcome(api.get(std::string{"/messages?"} + bad)) == "400 validation-error");
    }
    CHECK(api.send("GET", "/v1/users/u-9/messages").response.body == "[]");
}

TEST_CASE("rate limits: messages wait their turn, a burst and a full queue are refused",
          "[api][messages]") {
    Api api;
    api.settings.creation_limits = true;
    std::vector<std::string> paths;
    for (int i = 0; i < 11; ++i) {
        paths.push_back(message(api));
    }
    CHECK(outcome(api.post("/messages", good)) == "403 message-rate-limit");
    CHECK(Api::parsed(api.post("/messages", good))["category"] == "limit");
    api.advance(500ms);
    CHECK(api.get_json(paths[0])["state"] == "sent");
    CHECK(api.get_json(paths[1])["state"] == "queued");
    api.advance(1s);
    CHECK(api.get_json(paths[1])["state"] == "sent");
    CHECK(api.get_json(paths[2])["state"] == "queued");
    CHECK(outcome(api.post("/messages", good)) == "201");

    // Ten a second more than leave: after 90 s the queue is 15 minutes long.
    std::string last;
    for (int second = 0; second < 100; ++second) {
        for (int i = 0; i < 11; ++i) {
            last = outcome(api.post("/messages", good));
        }
        api.now += 1s;
    }
    CHECK(last == "400 message-delay-limit");
}

}  // namespace ringback::test::messages
