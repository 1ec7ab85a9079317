#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/scenario/events.h"
#include "harness/scenario/load.h"
#include "harness/trigger/sample_event.h"
#include "simulator/wire/query_object.h"

namespace ringback {
namespace {

using Catch::Matchers::Contains;
using nlohmann::ordered_json;

SampleCall a_call() {
    SampleCall call;
    call.now = Instant{} + std::chrono::hours{24 * 365 * 50};
    call.tag = "t";
    return call;
}

TriggeredEvent sample(const std::string& name, Method method = Method::post) {
    auto event = sample_event(name, method, a_call());
    REQUIRE(event);
    return *event;
}

std::vector<TriggeredEvent> events_of(const std::string& members, Method method = Method::post) {
    const LoadedScenario loaded =
        read_scenario("test.json", R"({"version":1,"name":"test",)" + members + "}", {});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.scenario);
    return triggered_events(*loaded.scenario, method, a_call());
}

}  // namespace

TEST_CASE("trigger: every event there is can be made, with documented members only", "[trigger]") {
    for (const std::string_view name : event_names()) {
        const TriggeredEvent event = sample(std::string{name});
        INFO(name);
        CHECK(event.members["eventType"] == name.substr(0, name.find('.')));
        const auto known = event_members(name);
        for (const auto& [member, value] : event.members.items()) {
            INFO(member);
            CHECK(std::ranges::find(known, member) != known.end());
        }
    }
    CHECK_FALSE(sample_event("speak", Method::post, a_call()));
    CHECK_FALSE(sample_event("", Method::post, a_call()));
}

TEST_CASE("trigger: a sample has what the catalogue requires of the event", "[trigger]") {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/v1-events.json"};
    const ordered_json events = ordered_json::parse(in)["events"];
    std::size_t seen{0};
    for (const ordered_json& entry : events) {
        const std::string type = entry["eventType"];
        const bool of_bxml_only = type == "redirect" || type == "transferComplete";
        const ordered_json body =
            of_bxml_only ? ordered_json(query_object(entry["example_get"].get<std::string>()))
                         : entry["example_post"];
        for (const std::string_view name : event_names()) {
            const TriggeredEvent event =
                sample(std::string{name}, of_bxml_only ? Method::get : Method::post);
            const bool same =
                body.is_object() && (of_bxml_only || entry["mode"] == "rest") &&
                event.members["eventType"] == entry["eventType"] &&
                event.members.value("status", "") == body.value("status", "") &&
                event.members.value("direction", "") == body.value("direction", "") &&
                event.members.value("deliveryState", "") == body.value("deliveryState", "") &&
                entry.value("variant", "") != "transfer-leg";
            if (!same) {
                continue;
            }
            ++seen;
            for (const ordered_json& field : entry["fields"]) {
                const std::string member = field["name"];
                const bool required = field["required"].is_boolean() && field["required"];
                INFO(name << " " << member);
                CHECK((!required || event.members.contains(member)));
            }
        }
    }
    CHECK(seen >= event_names().size());
}

TEST_CASE("trigger: a GET carries the same in its query", "[trigger]") {
    const TriggeredEvent event = sample("hangup", Method::get);
    const std::string query = event.text(Method::get);

    CHECK_THAT(query, Contains("eventType=hangup") && Contains("from=%2B19195550123") &&
                          Contains("&cause=NORMAL_CLEARING&"));
    CHECK_THAT(sample("hangup").text(Method::post), Contains(R"("from":"+19195550123")"));
}

TEST_CASE("trigger: a scenario's sends become events, with what they set and want", "[trigger]") {
    const auto events = events_of(R"("vars":{"d":"7"},"steps":[
        {"send":"answer","id":"up","set":{"tag":"menu","callUri":null}},
        {"await":{"command":"gather"}},
        {"caller":{"press":"${d}"}},
        {"send":"dtmf","match":{"dtmfDigit":"${d}"}},
        {"send":"gather","match":{"digits":"${d}","reason":{"oneOf":["max-digits"]}}},
        {"repeat":{"times":2,"steps":[{"await":{"command":"audio"}},
            {"send":"speak.started"},{"send":"speak.done"}]}},
        {"send":"hangup","match":{"cause":"USER_BUSY"}}],
        "invariants":{"monotonic-times":true})");

    REQUIRE(events.size() == 8);
    CHECK(events[0].id == "up");
    CHECK(events[0].members["tag"] == "menu");
    CHECK_FALSE(events[0].members.contains("callUri"));
    CHECK(events[1].members["dtmfDigit"] == "7");
    CHECK(events[2].members["digits"] == "7");
    CHECK(events[2].members["reason"] == "max-digits");
    CHECK(events[6].event == "speak.done");
    CHECK(events[7].members["cause"] == "USER_BUSY");
    // One call.
    CHECK(events[0].members["callId"] == events[7].members["callId"]);
}

TEST_CASE("trigger: a scenario's events go as its start says", "[trigger]") {
    const auto method = [](const std::string& start) {
        const LoadedScenario loaded =
            read_scenario("test.json", R"({"version":1,"name":"test","start":)" + start + "}", {});
        REQUIRE(loaded.scenario);
        return method_of(loaded.scenario->start);
    };
    CHECK(method(R"({"call":{"callbackHttpMethod":"get"}})") == Method::get);
    CHECK(method(R"({"inbound":{"callbackHttpMethod":"GET"}})") == Method::get);
    CHECK(method(R"({"message":{"text":"Hi","callbackHttpMethod":"GET"}})") == Method::get);
    CHECK(method(R"({"call":{"callbackHttpMethod":"POST"}})") == Method::post);
    CHECK(method(R"({"inbound":{}})") == Method::post);
    CHECK(method(R"({"kick":{"method":"GET","url":"${receiver}/"}})") == Method::post);
}

TEST_CASE("trigger: an override reaches the steps and events it names", "[trigger]") {
    auto events = events_of(R"("steps":[{"send":"answer","id":"up"},{"send":"hangup"}])");
    CHECK_FALSE(apply({"up", "tag", "a"}, events));
    CHECK_FALSE(apply({"hangup", "cause", "NO_ANSWER"}, events));
    CHECK_FALSE(apply({"", "from", "+15550100001"}, events));
    CHECK_FALSE(apply({"hangup", "tag", "null"}, events));
    CHECK(events[0].members["tag"] == "a");
    CHECK(events[1].members["cause"] == "NO_ANSWER");
    CHECK(events[0].members["from"] == "+15550100001");
    CHECK(events[1].members["from"] == "+15550100001");
    CHECK_FALSE(events[1].members.contains("tag"));

    const auto problem = [&](const Override& edit) {
        const auto found = apply(edit, events);
        REQUIRE(found);
        return found->what;
    };
    CHECK(problem({"down", "tag", "a"}) == "there is no step or event \"down\"");
    CHECK_THAT(problem({"up", "cause", "a"}), Contains("answer has no member \"cause\"; it has"));
    CHECK(problem({"", "colour", "red"}) == "no event has a member \"colour\"");
}

TEST_CASE("trigger: how an override is written", "[trigger]") {
    const auto edit = override_of("speak.done:tag=a:b=c");
    REQUIRE(edit);
    CHECK(edit.value().step == "speak.done");
    CHECK(edit.value().path == "tag");
    CHECK(edit.value().value == "a:b=c");
    CHECK(override_of("tag=").value().value.empty());
    CHECK(override_of("tag=a:b").value().step.empty());
    for (const char* text : {"", "tag", "=x", ":tag=x", "up:=x"}) {
        INFO(text);
        CHECK_FALSE(override_of(text));
    }
}

}  // namespace ringback
