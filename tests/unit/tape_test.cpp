#include "harness/tape/tape.h"

#include <catch2/catch.hpp>
#include <string>

#include "harness/scenario/load.h"
#include "harness/tape/difference.h"
#include "harness/tape/urls.h"

namespace {

using namespace ringback;
using nlohmann::json;
using nlohmann::ordered_json;
using namespace std::chrono_literals;

const TapeSettings settings{"taped", "http://127.0.0.1:3000", "http://127.0.0.1:4000"};

Passage event(Duration when, const json& body, int status = 200) {
    return {Passage::Leg::callback,
            when,
            {"POST", "/cb", "BandwidthAPI/v1", "", "", body.dump()},
            {status, "", false}};
}

Passage command(Duration when, const std::string& path, const json& body, TapedAnswer answer,
                const std::string& agent = "app") {
    return {Passage::Leg::api,
            when,
            {"POST", "/v1/users/u-1" + path, agent, "Basic dC1wcml2YXRlOnMtcHJpdmF0ZQ==", "",
             body.dump()},
            std::move(answer)};
}

/// The founding conversation: placed by somebody else, greeted, hung up by the receiver.
std::vector<Passage> founding_conversation() {
    const json call{{"callId", "c-secondlife"}, {"from", "+19195550123"}, {"to", "+19195550187"}};
    const auto with = [&call](json more) {
        more.update(call);
        return more;
    };
    return {
        command(0ms, "/calls",
                {{"from", "+19195550123"},
                 {"to", "+19195550187"},
                 {"callbackUrl", "http://u:p-private@localhost:3000/cb?token=q-private&a=1"}},
                {201, "http://127.0.0.1:4000/v1/users/u-1/calls/c-secondlife", false}, "tester"),
        event(40ms, with({{"eventType", "answer"},
                          {"callState", "active"},
                          {"time", "2017-11-24T04:00:46Z"}})),
        command(50ms, "/calls/c-secondlife/audio",
                {{"sentence", "Your token is t-private, call c-secondlife"}}, {200, "", false}),
        event(60ms, with({{"eventType", "speak"},
                          {"status", "started"},
                          {"time", "2017-11-24T04:00:46Z"}})),
        event(80ms,
              with({{"eventType", "speak"}, {"status", "done"}, {"time", "2017-11-24T04:00:50Z"}})),
        command(90ms, "/calls/c-secondlife", {{"state", "completed"}}, {200, "", false}),
        event(130ms, with({{"eventType", "hangup"},
                           {"callState", "completed"},
                           {"cause", "NORMAL_CLEARING"},
                           {"time", "2017-11-24T04:00:50Z"}})),
    };
}

constexpr const char* golden = R"({
  "version": 1, "name": "taped", "about": "Recorded: what the receiver did in one call.",
  "vars": {"from": "+19195550123", "to": "+19195550187", "userId": "u-1"},
  "start": {"call": {"from": "${from}", "to": "${to}",
                     "callbackUrl": "${receiver}/cb?token=${secret}&a=1"}},
  "steps": [
    {"send": "answer", "id": "answer", "after": "40ms",
     "match": {"from": "${from}", "to": "${to}", "callState": "active"}, "expect": {"status": 200}},
    {"await": {"id": "say", "method": "POST",
               "path": "/v1/users/${userId}/calls/${create:callId}/audio", "within": "5s",
               "match": {"body": {"equalToJson":
                 {"sentence": "Your token is ${token}, call ${create:callId}"}}}}},
    {"send": "speak.started", "id": "speak-started", "after": "10ms",
     "match": {"from": "${from}", "to": "${to}"}, "expect": {"status": 200}},
    {"send": "speak.done", "id": "speak-done", "after": "4s",
     "match": {"from": "${from}", "to": "${to}"}, "expect": {"status": 200}},
    {"await": {"id": "bye", "method": "POST",
               "path": "/v1/users/${userId}/calls/${create:callId}", "within": "5s",
               "match": {"body": {"equalToJson": {"state": "completed"}}}}},
    {"send": "hangup", "id": "hangup", "after": "40ms",
     "match": {"from": "${from}", "to": "${to}", "callState": "completed",
               "cause": "NORMAL_CLEARING"}, "expect": {"status": 200}},
    {"quiet": "2s"}
  ]
})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace

TEST_CASE("tape: the founding conversation becomes the scenario that plays it", "[tape]") {
    const TapedScenarios taped = scenarios_of(founding_conversation(), settings);

    REQUIRE(taped.scenarios.size() == 1);
    // A call that ringback places has its id from its first event.
    const std::string wanted = replaced(golden, "${create:callId}", "${answer:callId}");
    CHECK(json(taped.scenarios[0]) == json::parse(wanted));
    CHECK(taped.notes.empty());
    const LoadedScenario read = read_scenario("t.json", scenario_text(taped.scenarios[0]), {});
    for (const Mistake& mistake : read.mistakes) {
        FAIL_CHECK(to_text(mistake));
    }
}

TEST_CASE("tape: no secret is written, whatever holds it", "[tape]") {
    auto passages = founding_conversation();
    passages.insert(passages.begin() + 3,
                    command(55ms, "/calls/c-secondlife/audio",
                            {{"fileUrl", "https://u:p-private@files.example/a.mp3"},
                             {"apiKey", "k-private"},
                             {"nested", {{"password", "n-private"}, {"tag", "k-private"}}}},
                            {200, "", false}));

    for (const ordered_json& scenario : scenarios_of(passages, settings).scenarios) {
        const std::string text = scenario_text(scenario);
        CHECK(text.find("private") == std::string::npos);
        CHECK(text.find("dC1wcml2") == std::string::npos);
        CHECK(text.find("c-secondlife") == std::string::npos);
    }
}

TEST_CASE("tape: keys and the hand that hangs up are inferred", "[tape]") {
    const auto on = [](json more) {
        more["callId"] = "c-secondlife";
        return more;
    };
    const std::vector<Passage> passages{
        event(0ms, on({{"eventType", "answer"}, {"from", "+15550100001"}, {"to", "+15550100002"}})),
        event(1200ms, on({{"eventType", "dtmf"}, {"dtmfDigit", "7"}})),
        event(2000ms, on({{"eventType", "hangup"}, {"cause", "NORMAL_CLEARING"}})),
    };

    const auto steps = scenarios_of(passages, settings).scenarios.at(0)["steps"];

    CHECK(steps.at(1) == ordered_json::parse(R"({"caller": {"press": "7", "after": "1.2s"}})"));
    CHECK(steps.at(3) == ordered_json::parse(R"({"caller": {"hangup": true, "after": "800ms"}})"));
}

TEST_CASE("tape: the called number is one with which a fake does what the network did", "[tape]") {
    const auto number_of = [](const std::string& to, const std::vector<json>& events) {
        std::vector<Passage> passages{command(
            0ms, "/calls", {{"from", "+15550100001"}, {"to", to}},
            {201, "http://127.0.0.1:4000/v1/users/u-1/calls/c-secondlife", false}, "tester")};
        for (json body : events) {
            body.update({{"callId", "c-secondlife"}, {"from", "+15550100001"}, {"to", to}});
            passages.push_back(event(passages.size() * 10ms, body));
        }
        const TapedScenarios taped = scenarios_of(passages, settings);
        const auto& match = taped.scenarios.at(0)["steps"].at(0)["match"];
        CHECK(match["to"] == "${to}");
        const std::string number = taped.scenarios.at(0)["vars"]["to"];
        CHECK(taped.notes.empty() == (number == to));
        return number;
    };
    const auto hangup = [](const char* cause) {
        return json{{"eventType", "hangup"}, {"cause", cause}};
    };
    const json answer{{"eventType", "answer"}};
    CHECK(number_of("+15557654321", {hangup("USER_BUSY")}) == "+15557659901");
    CHECK(number_of("+15557654321", {{{"eventType", "timeout"}}, hangup("NO_ANSWER")}) ==
          "+15557659902");
    CHECK(number_of("+15557659903", {hangup("CALL_REJECTED")}) == "+15557659903");
    CHECK(number_of("+15557654321", {answer, hangup("NORMAL_CLEARING")}) == "+15557654321");
    CHECK(number_of("+15557659909", {answer, hangup("NORMAL_CLEARING")}) == "+15557650100");
    CHECK(number_of("+15557659900", {answer, hangup("NORMAL_CLEARING")}) == "+15557659900");
    CHECK(number_of("+15557654321", {answer,
                                     {{"eventType", "recording"}, {"state", "error"}},
                                     hangup("NORMAL_CLEARING")}) == "+15557659911");
}

TEST_CASE("tape: an event that comes again because nobody took it is one step", "[tape]") {
    const json answer{{"eventType", "answer"}, {"callId", "c-secondlife"}};
    const std::vector<Passage> passages{event(0ms, answer, 500), event(5ms, answer, 200)};

    const auto steps = scenarios_of(passages, settings).scenarios.at(0)["steps"];

    REQUIRE(steps.size() == 1);
    CHECK(steps.at(0)["expect"] ==
          ordered_json::parse(R"({"status": 200, "attempts": 2, "deliveredVia": "callback"})"));
}

TEST_CASE("tape: what is no event of the API is left out, however odd", "[tape]") {
    std::vector<Passage> passages;
    for (const std::string& body :
         {std::string{}, std::string{"\0\xff{", 3}, std::string(100'000, '['), std::string{"[1]"},
          std::string(1U << 20U, 'x'), std::string{R"({"eventType":5,"callId":[]})"},
          std::string{R"({"eventType":"${x","callId":"c-1"})"}}) {
        Passage passage = event(0ms, nullptr);
        passage.request.body = body;
        passages.push_back(passage);
        passage.leg = Passage::Leg::api;
        for (const char* const target : {"", "/", "/v1/", "/v1/users//calls/", "/v1/users/u/calls",
                                         "/v1/users/u/recordings/r/transcriptions?%zz"}) {
            passage.request.target = target;
            passages.push_back(passage);
        }
    }

    CHECK(scenarios_of(passages, settings).scenarios.empty());
}

TEST_CASE("tape: URLs move between receiver and recorder, others stay", "[tape]") {
    const char* const from = "http://127.0.0.1:3000";
    const char* const to = "http://127.0.0.1:4000";

    CHECK(moved_url("http://localhost:3000/cb?x=1", from, to) == "http://127.0.0.1:4000/cb?x=1");
    CHECK(moved_url("http://u:p@127.0.0.1:3000", from, to) == "http://u:p@127.0.0.1:4000");
    CHECK_FALSE(moved_url("http://127.0.0.1:30001/cb", from, to));
    CHECK_FALSE(moved_url("https://127.0.0.1:3000/cb", from, to));
    CHECK_FALSE(moved_url("http://evil@example.com:3000/", from, to));
    CHECK_FALSE(moved_url("http://127.0.0.1:3000/cbx", "http://127.0.0.1:3000/cb", to));
    CHECK_FALSE(moved_body("[" + std::string(100'000, '['), from, to));
    CHECK(moved_body(R"({"callbackUrl":"http://127.0.0.1:3000/","x":1})", from, to) ==
          R"({"callbackUrl":"http://127.0.0.1:4000/","x":1})");
}

TEST_CASE("tape: a difference names file, place, step, field and both values", "[tape]") {
    RunRecord run;
    run.verdict.result = Judged::Result::failed;
    Judged judged;
    judged.result = Judged::Result::failed;
    judged.name = "step say: await POST /audio";
    judged.file = "menu.json";
    judged.place = {12, 7};
    judged.candidates = {
        {"POST /audio",
         1,
         {},
         {{"body", {false, "{}", "{}", "expected \"menu\" at tag, got nothing"}, {}}}}};
    run.verdict.judged = {judged};

    CHECK(difference_text(run) ==
          "menu.json:12:7 step say: body.tag: recorded \"menu\", now nothing");
    CHECK_FALSE(difference_text(RunRecord{}));

    // What only came close, and had a step of its own, differs from nothing.
    judged.expected = "within 2000 ms: POST /gather";
    judged.got = "nothing came";
    judged.candidates[0].fields = {
        {"method", {true, "POST", "POST", ""}, {}},
        {"path", {true, "/audio", "/audio", ""}, {}},
        {"step", {false, "no step", "ask", "it was what step ask waited for"}, {}}};
    run.verdict.judged = {judged};
    CHECK(difference_text(run) ==
          "menu.json:12:7 step say: what happened: recorded within 2000 ms: POST /gather, now "
          "nothing came");
}
