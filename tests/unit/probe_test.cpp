#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using nlohmann::json;
using Kind = Deviation::Kind;
using test::menu_call;
using test::ProbedCall;

std::vector<std::string> texts(const std::vector<Disturbance>& all) {
    std::vector<std::string> made;
    for (const Disturbance& one : all) {
        made.push_back(one.what);
    }
    return made;
}

}  // namespace

TEST_CASE("probe: two runs are alike although every id is another", "[probe]") {
    const Behaviour one = menu_call("one").behaviour();
    const Behaviour other = menu_call("two").behaviour();

    CHECK(differences(one, other, {}).empty());
    REQUIRE(one.effects.size() == 3);
    CHECK(text_of(one.effects[0]) == R"(POST /v1/users/u/calls/{call}/audio {"sentence":"Hello"})");
    CHECK(text_of(one.effects[2]) == R"(POST /v1/users/u/calls/{call} {"state":"completed"})");
}

TEST_CASE("probe: ids have names inside bodies too", "[probe]") {
    ProbedCall story = menu_call("one");
    story.asks("", {{"tag", "of c-one-0000001"}, {"list", {"g-one-0000001"}}});

    CHECK(text_of(story.behaviour().effects.back()) ==
          R"(POST /v1/users/u/calls/{call} {"list":["{gather}"],"tag":"of {call}"})");
}

TEST_CASE("probe: looking is no effect, nor is what ringback asks for itself", "[probe]") {
    ProbedCall story = menu_call("one");
    story.asks("", {}, 200, "GET").placed(true);

    CHECK(differences(menu_call("one").behaviour(), story.behaviour(), {}).empty());
}

TEST_CASE("probe: the first request too much is named, with how often it came", "[probe]") {
    ProbedCall story{"two"};
    story.placed(true).becomes("active").event("answer").says("Hello").again("answer").says(
        "Hello");
    story.speak("started")
        .speak("done")
        .asks("/gather", {{"maxDigits", 1}}, 201)
        .event("dtmf")
        .event("gather");
    story.asks("", {{"state", "completed"}}).becomes("completed").event("hangup");

    const auto found = differences(menu_call("one").behaviour(), story.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::extra);
    CHECK(found[0].what == R"(POST /v1/users/u/calls/{call}/audio {"sentence":"Hello"})");
    CHECK(found[0].than == "twice here, once in the clean run");
    CHECK(found[0].seq == 8);
}

TEST_CASE("probe: what is missing comes behind what is wrong, and a call that never ends last",
          "[probe]") {
    ProbedCall story{"two"};
    story.placed(true).becomes("active").event("answer").says("Hello").speak("started").event(
        "speak", {{"status", "done"}}, 404);

    const auto found = differences(menu_call("one").behaviour(), story.behaviour(), {});

    REQUIRE(found.size() == 4);
    CHECK(found[0].kind == Kind::bad_answer);
    CHECK(found[0].what == "speak.done was answered 404");
    CHECK(found[1].kind == Kind::missing);
    CHECK(found[1].what == R"(POST /v1/users/u/calls/{call}/gather {"maxDigits":1})");
    CHECK(found[1].than == "never here, once in the clean run");
    CHECK(found[2].what == R"(POST /v1/users/u/calls/{call} {"state":"completed"})");
    CHECK(found[3].kind == Kind::stuck);
    CHECK(found[3].what == "{call} never ends, it is still active");
}

TEST_CASE("probe: a call that ends in another state is told, with both and its place", "[probe]") {
    ProbedCall clean{"one"};
    ProbedCall rejected{"two"};
    ProbedCall left_alone{"three"};
    clean.event("incomingcall").becomes("completed").event("hangup");
    rejected.event("incomingcall").becomes("rejected").event("hangup");
    left_alone.event("incomingcall").becomes("active").event("hangup");

    const auto found = differences(clean.behaviour(), rejected.behaviour(), {});
    const auto ended = differences(left_alone.behaviour(), clean.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::other_end);
    CHECK(word_of(found[0].kind) == "other end");
    CHECK(found[0].what == "{call} ends as rejected");
    CHECK(found[0].than == "completed in the clean run");
    CHECK(found[0].seq == 3);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].what == "{call} ends as completed");
    CHECK(ended[0].than == "active in the clean run");
}

TEST_CASE("probe: a request that is refused where it was not is another answer", "[probe]") {
    ProbedCall clean{"one"};
    ProbedCall refused{"two"};
    clean.becomes("active").event("answer").says("Hello").becomes("completed");
    refused.becomes("active").event("answer").says("Hello", 403).becomes("completed");

    const auto found = differences(clean.behaviour(), refused.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::other_answer);
    CHECK(found[0].than == "answered 4xx here, 2xx in the clean run");
}

TEST_CASE("probe: a bad answer that the clean run has too is none", "[probe]") {
    ProbedCall clean{"one"};
    ProbedCall other{"two"};
    clean.event("answer", json::object(), 500);
    other.event("answer", json::object(), 500).again("answer", 500);

    const auto found = differences(clean.behaviour(), other.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].what == "answer was answered 500");
    CHECK(found[0].seq == 4);
}

TEST_CASE("probe: what differs between two runs in which nothing was wrong is not compared",
          "[probe]") {
    ProbedCall one{"one"};
    ProbedCall two{"two"};
    ProbedCall three{"three"};
    one.event("answer").asks("/audio", {{"sentence", "Hello"}, {"tag", "at 1"}});
    two.event("answer").asks("/audio", {{"sentence", "Hello"}, {"tag", "at 2"}});
    three.event("answer").asks("/audio", {{"sentence", "Good-bye"}, {"tag", "at 3"}});

    const Volatile left_out = volatile_members(one.behaviour(), two.behaviour());

    CHECK(left_out == Volatile{"POST /v1/users/u/calls/{call}/audio#/tag"});
    CHECK(differences(one.behaviour(), two.behaviour(), left_out).empty());
    CHECK(differences(one.behaviour(), three.behaviour(), left_out).size() == 2);
}

TEST_CASE("probe: what is tried is said in words", "[probe]") {
    const Behaviour clean = menu_call("one").behaviour();
    const auto of = [&clean](ProbeKind kind) { return texts(disturbances_of(kind, clean, {})); };

    CHECK(of(ProbeKind::duplicates) ==
          std::vector<std::string>{"every event comes twice",
                                   "every event comes twice, both at the same time"});
    CHECK(of(ProbeKind::lost) ==
          std::vector<std::string>{"answer never comes", "speak.started never comes",
                                   "speak.done never comes", "dtmf never comes",
                                   "gather never comes", "hangup never comes"});
    CHECK(of(ProbeKind::restart).size() == 10);
    CHECK(of(ProbeKind::restart)[0] == "it is restarted between answer and speak.started");
    CHECK(of(ProbeKind::restart)[5] == "it is down from answer on and misses speak.started");
    CHECK(of(ProbeKind::early).size() == 3);
    CHECK(of(ProbeKind::slow_api)[0] == "POST /v1/users/u/calls/*/audio is answered after 2 s");
    CHECK(of(ProbeKind::reorder)[0] == "speak.started comes behind speak.done");
    CHECK(of(ProbeKind::reorder)[2] == "answer comes 1000 ms late");
}

TEST_CASE("probe: a copy waits for the answer to its event, and in the next run it does not",
          "[probe]") {
    std::vector<bool> together;
    for (const Disturbance& one :
         disturbances_of(ProbeKind::duplicates, menu_call("one").behaviour(), {})) {
        REQUIRE(one.faults.rules.size() == 1);
        const auto& fault = std::get<FaultRule::OfCallbacks>(one.faults.rules[0].what).what;
        together.push_back(std::get<fault::Duplicate>(fault).together);
    }

    CHECK(together == std::vector<bool>{false, true});
}

TEST_CASE(
    "probe: early events come of what creates something, or was asked for while nobody waited",
    "[probe]") {
    const json audio{{"kind", "api"},
                     {"method", "POST"},
                     {"path", "/v1/users/u/calls/c-00000001/audio"},
                     {"status", 200}};
    const json create{
        {"kind", "api"}, {"method", "POST"}, {"path", "/v1/users/u/calls"}, {"status", 201}};
    const json event{
        {"kind", "event"}, {"call", "c-00000001"}, {"event", "answer"}, {"delivery", 1}};
    const json answer{{"kind", "attempt"}, {"call", "c-00000001"}, {"event", "answer"},
                      {"delivery", 1},     {"end", "answered"},    {"status", 200}};
    const auto rules = [](const std::vector<json>& entries) {
        const auto all = disturbances_of(ProbeKind::early, behaviour_of(entries), {});
        return all.empty() ? 0 : all.front().faults.rules.size();
    };

    CHECK(rules({event, audio, answer}) == 0);
    CHECK(rules({event, answer, audio}) == 1);
    CHECK(rules({event, create, audio, answer}) == 1);
}

TEST_CASE("probe: a rule means one event by its name and its number in the call", "[probe]") {
    ProbedCall story;
    story.event("answer")
        .says("Hello")
        .speak("started")
        .speak("done")
        .says("Hello")
        .speak("started")
        .speak("done");

    const auto lost = disturbances_of(ProbeKind::lost, story.behaviour(), {});

    REQUIRE(lost.size() == 5);
    CHECK(lost[4].what == "2nd speak.done never comes");
    const FaultRule& rule = lost[4].faults.rules.at(0);
    CHECK(rule.nth == 2);
    const auto& on = std::get<FaultRule::OfCallbacks>(rule.what).on;
    CHECK(on.type == EventType::speak);
    CHECK(on.phase == EventFilter::Phase::done);
}

TEST_CASE(
    "probe: without an event nobody is to be blamed for what is missing, but for a call that never "
    "ends",
    "[probe]") {
    const Behaviour clean = menu_call("one").behaviour();
    const auto lost = disturbances_of(ProbeKind::lost, clean, {});
    const std::vector<Deviation> found{{Kind::missing, "a", "b", 0, 1},
                                       {Kind::stuck, "c", "d", 0, 0}};

    const Blame of_done = blame_for(ProbeKind::lost, lost[2], found);
    const Blame of_answer = blame_for(ProbeKind::lost, lost[0], found);
    const Blame of_twice = blame_for(ProbeKind::duplicates, {}, found);

    REQUIRE(of_done.failing.size() == 1);
    CHECK(of_done.failing[0].kind == Kind::stuck);
    CHECK(of_answer.failing.empty());  // it has never heard of the call
    CHECK(of_answer.told.size() == 2);
    CHECK(of_twice.failing.size() == 2);
}

TEST_CASE("probe: a journal that says nothing, or nonsense, is read all the same", "[probe]") {
    const Behaviour read = behaviour_of({json(),
                                         json::array({1}),
                                         {{"kind", 7}},
                                         {{"kind", "api"}, {"path", 3}, {"request", "x"}},
                                         {{"kind", "event"}, {"event", "odd"}, {"payload", "a=b"}},
                                         {{"kind", "attempt"}, {"delivery", -1}, {"wall", 3}},
                                         {{"kind", "state"}}});

    CHECK(read.effects.size() == 1);
    CHECK(read.events.size() == 1);
    CHECK(disturbances_of(ProbeKind::reorder, {}, {}).empty());
    CHECK(disturbances_of(ProbeKind::restart, {}, {}).empty());
    CHECK(disturbances_of(ProbeKind::duplicates, {}, {}).empty());
}

}  // namespace ringback
