// What a call lets itself be told in each of its states: spec v1 2.1.5-2.1.8.

#include <map>

#include "simulator/wire/bxml_news.h"
#include "tests/support/api_fixture.h"

namespace ringback::test {
namespace {

/// Brings a call into a state and says where it is.
std::string call_in(Api& api, const std::string& state) {
    if (state == "started-in") {
        return api.inbound_call();
    }
    if (state == "started-out") {
        return api.call();
    }
    if (state == "rejected") {
        const std::string path = api.inbound_call();
        api.post(path, R"({"state":"rejected"})");
        return path;
    }
    const std::string path = api.active_call();
    if (state == "transferring") {
        api.post(path, R"({"state":"transferring","transferTo":"+19195550144"})");
    } else if (state == "completed") {
        api.post(path, R"({"state":"completed"})");
    }
    return path;
}

const std::string refused = "403 call-invalid-state";

}  // namespace

TEST_CASE("POST calls/{id}: every state meets every wanted state", "[api]") {
    // Rows: the state before. Columns: what is asked for. Source: the table of spec v1 2.1.5.
    const std::vector<std::string> wanted{"active", "rejected", "completed", "transferring"};
    const std::map<std::string, std::vector<std::string>> table{
        {"started-in", {"200", "200", "200", refused}},
        {"started-out", {refused, refused, "200", refused}},
        {"active", {"200", refused, "200", "201"}},
        {"transferring", {refused, refused, "200", refused}},
        {"completed", {refused, refused, refused, refused}},
        {"rejected", {refused, refused, refused, refused}},
    };
    const std::map<std::string, std::vector<std::string>> afterwards{
        {"started-in", {"active", "rejected", "completed", "started"}},
        {"started-out", {"started", "started", "completed", "started"}},
        {"active", {"active", "active", "completed", "transferring"}},
        {"transferring", {"transferring", "transferring", "completed", "transferring"}},
        {"completed", {"completed", "completed", "completed", "completed"}},
        {"rejected", {"rejected", "rejected", "rejected", "rejected"}},
    };
    for (const auto& [state, row] : table) {
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            CAPTURE(state, wanted[i]);
            Api api;
            const std::string path = call_in(api, state);

            const ApiReply reply =
                api.post(path, R"({"state":")" + wanted[i] + R"(","transferTo":"+19195550144"})");

            CHECK(outcome(reply) == row[i]);
            CHECK(api.get_json(path)["state"] == afterwards.at(state)[i]);
        }
    }
}

TEST_CASE("calls: commands need an answered call, in every state", "[api]") {
    const std::vector<std::pair<std::string, std::string>> commands{
        {"/audio", R"({"sentence":"hello"})"}, {"/dtmf", R"({"dtmfOut":"1"})"}, {"/gather", "{}"}};
    const std::map<std::string, std::vector<std::string>> table{
        {"started-in", {refused, refused, refused}}, {"started-out", {refused, refused, refused}},
        {"active", {"200", "200", "201"}},           {"transferring", {"200", "200", "201"}},
        {"completed", {refused, refused, refused}},  {"rejected", {refused, refused, refused}},
    };
    for (const auto& [state, row] : table) {
        for (std::size_t i = 0; i < commands.size(); ++i) {
            CAPTURE(state, commands[i].first);
            Api api;
            const std::string path = call_in(api, state);
            CHECK(outcome(api.post(path + commands[i].first, commands[i].second)) == row[i]);
        }
    }
}

TEST_CASE("POST calls/{id}: the message tells running from ended calls", "[api]") {
    Api api;
    const std::string path = api.active_call();
    const std::string id = path.substr(7);
    const auto message = [&] {
        return Api::parsed(api.post(path, R"({"state":"rejected"})"))["message"].get<std::string>();
    };
    CHECK(message() == "Unable to update call " + id + ". Invalid call state active");
    api.post(path, R"({"state":"completed"})");
    CHECK(message() == "Unable to update call " + id +
                           ". You can't update the call's state after being set to completed.");
}

TEST_CASE("POST calls/{id}: active is answered with the call's Location, others with nothing",
          "[api]") {
    Api api;
    const std::string path = api.inbound_call();

    const ApiReply accepted = api.post(path, R"({"state":"active"})");

    CHECK(Api::header(accepted.response, "Location") ==
          "http://127.0.0.1:8080/v1/users/u-1" + path);
    CHECK(accepted.response.body.empty());
    CHECK(accepted.location.empty());
    CHECK(accepted.touched == std::vector<CallId>{accepted.call});
    CHECK(api.post(path, R"({"state":"completed"})").response.headers.empty());
}

TEST_CASE("POST calls/{id}: a transfer creates leg B under its own Location", "[api]") {
    Api api;
    const std::string path = api.active_call();

    const ApiReply reply = api.post(
        path, R"({"state":"transferring","transferTo":"+19195550144","transferCallerId":"private",
                  "whisperAudio":{"sentence":"hello"},"callbackUrl":"http://127.0.0.1:9/b"})");

    REQUIRE(outcome(reply) == "201");
    CHECK(reply.location == Api::header(reply.response, "Location"));
    const json leg_a = api.get_json(path);
    const json leg_b = api.get_json(reply.location.substr(reply.location.find("/calls/")));
    CHECK(leg_a["state"] == "transferring");
    CHECK(leg_a["transferTo"] == "+19195550144");
    CHECK(leg_a["transferCallerId"] == "private");
    CHECK(leg_a["callbackUrl"] == "http://127.0.0.1:9/cb");
    CHECK(leg_b["state"] == "started");
    CHECK(leg_b["to"] == "+19195550144");
    CHECK(leg_b["callbackUrl"] == "http://127.0.0.1:9/b");
}

TEST_CASE("POST calls/{id}: tag and callbackUrl of a live call change, {} changes nothing",
          "[api]") {
    Api api;
    const std::string path = api.call(R"(,"tag":"old")");

    CHECK(outcome(api.post(path, R"({"tag":"new","callbackUrl":"http://127.0.0.1:9/new"})")) ==
          "200");
    CHECK(api.get_json(path)["tag"] == "new");
    CHECK(api.get_json(path)["callbackUrl"] == "http://127.0.0.1:9/new");

    const json before = api.get_json(path);
    CHECK(outcome(api.post(path, "{}")) == "200");
    CHECK(outcome(api.post(path)) == "200");
    CHECK(api.get_json(path) == before);

    CHECK(outcome(api.post(path, R"({"callbackUrl":"http://example.com/"})")) ==
          "400 callback-invalid-url");
    CHECK(outcome(api.post(path, R"({"callbackUrl":"none"})")) == "200");
    CHECK_FALSE(api.get_json(path).contains("callbackUrl"));
}

TEST_CASE("POST calls/{id}: what is invalid changes nothing of what comes with it", "[api]") {
    Api api;
    const std::string path = api.active_call(R"(,"tag":"old")");
    const json before = api.get_json(path);
    CHECK(outcome(
              api.post(path, R"({"tag":"new","state":"completed","recordingMaxDuration":9999})")) ==
          "403 maximum-recording-value-request");
    CHECK(outcome(api.post(path, R"({"tag":"new","state":"rejected"})")) == refused);
    CHECK(api.get_json(path) == before);
}

TEST_CASE("POST calls/{id}: an ended call takes no change at all", "[api]") {
    Api api;
    const std::string path = call_in(api, "completed");
    for (const auto* const body : {R"({"tag":"x"})", R"({"recordingEnabled":false})",
                                   R"({"callbackUrl":"http://127.0.0.1:9/"})"}) {
        CAPTURE(body);
        CHECK(outcome(api.post(path, body)) == refused);
    }
}

TEST_CASE("POST audio: stopping works once, then nothing plays any more", "[api]") {
    Api api;
    const std::string path = api.active_call();
    CHECK(outcome(api.post(path + "/audio", R"({"sentence":""})")) ==
          "403 call-audio-invalid-state");
    CHECK(outcome(api.post(path + "/audio", R"({"sentence":"hello"})")) == "200");
    api.advance(500ms);
    CHECK(outcome(api.post(path + "/audio", R"({"fileUrl":""})")) == "200");
    api.advance(500ms);
    CHECK(outcome(api.post(path + "/audio", R"({"sentence":""})")) ==
          "403 call-audio-invalid-state");
}

TEST_CASE("POST audio: python-bandwidth's object for fileUrl is told that it must be a string",
          "[api]") {
    Api api;
    const std::string path = api.active_call();
    const ApiReply reply =
        api.post(path + "/audio", R"({"fileUrl":{"sentence":"hello","tag":null},"sentence":null})");
    CHECK(outcome(reply) == "400 validation-error");
    CHECK(Api::parsed(reply)["message"].get<std::string>().find("'fileUrl' must be a string") !=
          std::string::npos);
}

TEST_CASE("gather: started and completed, it reads as the docs show it", "[api]") {
    Api api;
    const std::string path = api.active_call();

    const ApiReply made = api.post(path + "/gather", R"({"maxDigits":"2","tag":"menu"})");

    REQUIRE(outcome(made) == "201");
    CHECK(made.location.starts_with("http://127.0.0.1:8080/v1/users/u-1" + path + "/gather/gtr-"));
    CHECK(made.touched.size() == 1);
    const std::string gather = made.location.substr(made.location.find("/calls/"));
    const std::string id = gather.substr(gather.rfind('/') + 1);
    json expected{{"id", id},
                  {"state", "started"},
                  {"digits", ""},
                  {"createdTime", "2017-11-24T04:00:46Z"},
                  {"call", "http://127.0.0.1:8080/v1/users/u-1" + path}};
    CHECK(api.get_json(gather) == expected);
    CHECK(outcome(api.post(path + "/gather", "{}")) == "409 call-duplicate-gather-error");

    api.engine.apply(made.call, PressKeys{"25"}, api.now);

    expected.update({{"state", "completed"},
                     {"reason", "max-digits"},
                     {"digits", "25"},
                     {"completedTime", "2017-11-24T04:00:46Z"}});
    CHECK(api.get_json(gather) == expected);
}

TEST_CASE("gather: it can be stopped once and only be asked to complete", "[api]") {
    Api api;
    const std::string path = api.active_call();
    const ApiReply made = api.post(path + "/gather");
    const std::string gather = made.location.substr(made.location.find("/calls/"));

    CHECK(outcome(api.post(gather, R"({"state":"started"})")) == "400 validation-error");
    CHECK(outcome(api.post(gather, "{}")) == "400 validation-error");
    CHECK(outcome(api.post(gather, R"({"state":"Completed"})")) == "200");
    CHECK(api.get_json(gather)["reason"] == "cancelled");
    CHECK(outcome(api.post(gather, R"({"state":"completed"})")) == refused);
    CHECK(outcome(api.get(path + "/gather/gtr-x")) == "404 resource-not-found");
    CHECK(outcome(api.post(path + "/gather/gtr-x", R"({"state":"completed"})")) ==
          "404 resource-not-found");
    CHECK(outcome(api.get(api.call() + gather.substr(gather.find("/gather/")))) ==
          "404 resource-not-found");
}

TEST_CASE("gather, recording: one more than a call may have is told as what exceeds a limit",
          "[api]") {
    Api api;
    const std::string path = api.active_call();
    const CallId id = call_id(api.engine.user("u-1").slot, 1);
    for (std::uint32_t number = 1; number <= most_parts_of_a_call; ++number) {
        REQUIRE(outcome(api.post(path + "/gather", "{}")) == "201");
        REQUIRE(api.engine.apply(id, StopGather{number}, api.now).refusal == Refusal::none);
        REQUIRE(outcome(api.post(path, R"({"recordingEnabled":true})")) == "200");
        REQUIRE(outcome(api.post(path, R"({"recordingEnabled":false})")) == "200");
    }
    const ApiReply gather = api.post(path + "/gather", "{}");
    CHECK(outcome(gather) == "400 validation-error");
    CHECK(Api::parsed(gather)["message"].get<std::string>().find("exceeds the limit of 1000") !=
          std::string::npos);
    CHECK(outcome(api.post(path, R"({"recordingEnabled":true,"tag":"x"})")) ==
          "400 validation-error");
    CHECK_FALSE(api.get_json(path).contains("tag"));
}

TEST_CASE("calls: one under control of BXML can be ended, and all else says why not", "[api]") {
    Api api;
    const std::string path = api.active_call(R"(,"callbackHttpMethod":"GET")");
    api.engine.apply(call_id(api.engine.user("u-1").slot, 1),
                     read_answer(EventType::answer, "http://127.0.0.1:9/cb",
                                 "<Response><Pause length='60'/></Response>"),
                     api.now);
    const std::string id = path.substr(path.rfind('/') + 1);
    const std::string conference = api.post("/conferences", R"({"from":"+19195550123"})").location;
    const std::string members = conference.substr(conference.find("/conferences")) + "/members";
    const std::string bridge = api.post("/bridges", "").location;

    for (const ApiReply& reply :
         {api.post(path + "/audio", R"({"sentence":"hi"})"), api.post(path, R"({"tag":"x"})"),
          api.post(members, R"({"callId":")" + id + "\"}"),
          api.post("/bridges", R"({"callIds":[")" + id + "\"]}"),
          api.post(bridge.substr(bridge.find("/bridges")), R"({"callIds":[")" + id + "\"]}")}) {
        CHECK(outcome(reply) == "403 call-invalid-state");
        CHECK(reply.response.body.find("under control of BXML") != std::string::npos);
        CHECK(Api::parsed(reply)["details"][0] == json{{"name", "callId"}, {"value", id}});
    }
    CHECK_FALSE(api.get_json(path).contains("bridgeId"));
    CHECK_FALSE(api.get_json(path).contains("conferenceId"));
    CHECK(outcome(api.post(path, R"({"state":"completed"})")) == "200");
}

}  // namespace ringback::test
