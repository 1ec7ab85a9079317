#include <catch2/catch.hpp>
#include <set>

#include "harness/probe/inquiry.h"
#include "harness/probe/order_scenario.h"

namespace {

using namespace ringback;
using nlohmann::json;
using namespace std::chrono_literals;
using Kind = Deviation::Kind;

/// A journal as a receiver leaves it. Ids begin with what tells this run from others.
class Story {
public:
    explicit Story(std::string run = "one")
        : call_{"c-" + run + "-0000001"}, run_{std::move(run)} {}

    Story& event(const std::string& event, json payload = json::object(), int status = 200) {
        const std::uint64_t delivery = ++deliveries_;
        payload["callId"] = call_;
        add({{"kind", "event"},
             {"call", call_},
             {"delivery", delivery},
             {"event", event},
             {"payload", payload}});
        return answered(delivery, event, status);
    }
    Story& speak(const std::string& phase) { return event("speak", {{"status", phase}}); }
    /// The fake's own: the same event once more.
    Story& again(const std::string& event, int status = 200) {
        const std::uint64_t delivery = ++deliveries_;
        add({{"kind", "fault"},
             {"fault", "duplicate"},
             {"call", call_},
             {"delivery", delivery},
             {"event", event},
             {"extra", true}});
        return answered(delivery, event, status);
    }
    Story& asks(const std::string& path, json body, int status = 200,
                const std::string& method = "POST") {
        json entry{{"kind", "api"},
                   {"method", method},
                   {"path", "/v1/users/u/calls/" + call_ + path},
                   {"status", status}};
        entry["request"] = std::move(body);
        if (path == "/gather") {
            entry["location"] =
                "http://h/v1/users/u/calls/" + call_ + "/gather/g-" + run_ + "-0000001";
        }
        add(std::move(entry));
        return *this;
    }
    Story& own_request() {
        add({{"kind", "api"},
             {"own", true},
             {"method", "POST"},
             {"path", "/v1/users/u/calls"},
             {"status", 201}});
        return *this;
    }
    Story& becomes(const std::string& state) {
        add({{"kind", "state"}, {"call", call_}, {"before", "x"}, {"after", state}});
        return *this;
    }

    [[nodiscard]] const std::vector<json>& entries() const { return entries_; }
    [[nodiscard]] Behaviour behaviour() const { return behaviour_of(entries_); }
    [[nodiscard]] RunRecord record() const {
        RunRecord run;
        run.scenario = "menu";
        run.entries = entries_;
        return run;
    }

private:
    Story& answered(std::uint64_t delivery, const std::string& event, int status) {
        add({{"kind", "attempt"},
             {"call", call_},
             {"delivery", delivery},
             {"event", event},
             {"end", "answered"},
             {"status", status},
             {"outcome", "delivered"}});
        return *this;
    }
    void add(json entry) {
        entry["seq"] = entries_.size() + 1;
        entry["wall"] = {{"at_us", 1000 * (entries_.size() + 1)}};
        entries_.push_back(std::move(entry));
    }

    std::string call_;
    std::string run_;
    std::uint64_t deliveries_{0};
    std::vector<json> entries_;
};

const json hello{{"sentence", "Hello"}};
const json bye{{"state", "completed"}};

/// Answered, greeted, asked for a digit, hung up.
Story menu(const std::string& run) {
    Story story{run};
    story.own_request()
        .becomes("active")
        .event("answer")
        .asks("/audio", hello)
        .speak("started")
        .speak("done");
    story.asks("/gather", {{"maxDigits", 1}}, 201)
        .event("dtmf")
        .event("gather", {{"gatherId", "g-" + run + "-0000001"}});
    return story.asks("", bye).becomes("completed").event("hangup");
}

std::vector<std::string> texts(const std::vector<Disturbance>& all) {
    std::vector<std::string> made;
    for (const Disturbance& one : all) {
        made.push_back(one.what);
    }
    return made;
}

}  // namespace

TEST_CASE("probe: two runs are alike although every id is another", "[probe]") {
    const Behaviour one = menu("one").behaviour();
    const Behaviour other = menu("two").behaviour();

    CHECK(differences(one, other, {}).empty());
    REQUIRE(one.effects.size() == 3);
    CHECK(text_of(one.effects[0]) == R"(POST /v1/users/u/calls/{call}/audio {"sentence":"Hello"})");
    CHECK(text_of(one.effects[2]) == R"(POST /v1/users/u/calls/{call} {"state":"completed"})");
}

TEST_CASE("probe: ids have names inside bodies too", "[probe]") {
    Story story = menu("one");
    story.asks("", {{"tag", "of c-one-0000001"}, {"list", {"g-one-0000001"}}});

    CHECK(text_of(story.behaviour().effects.back()) ==
          R"(POST /v1/users/u/calls/{call} {"list":["{gather}"],"tag":"of {call}"})");
}

TEST_CASE("probe: looking is no effect, nor is what ringback asks for itself", "[probe]") {
    Story story = menu("one");
    story.asks("", {}, 200, "GET").own_request();

    CHECK(differences(menu("one").behaviour(), story.behaviour(), {}).empty());
}

TEST_CASE("probe: the first request too much is named, with how often it came", "[probe]") {
    Story story{"two"};
    story.own_request()
        .becomes("active")
        .event("answer")
        .asks("/audio", hello)
        .again("answer")
        .asks("/audio", hello);
    story.speak("started")
        .speak("done")
        .asks("/gather", {{"maxDigits", 1}}, 201)
        .event("dtmf")
        .event("gather");
    story.asks("", bye).becomes("completed").event("hangup");

    const auto found = differences(menu("one").behaviour(), story.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::extra);
    CHECK(found[0].what == R"(POST /v1/users/u/calls/{call}/audio {"sentence":"Hello"})");
    CHECK(found[0].than == "twice here, once in the clean run");
    CHECK(found[0].seq == 8);
}

TEST_CASE("probe: what is missing comes behind what is wrong, and a call that never ends last",
          "[probe]") {
    Story story{"two"};
    story.own_request()
        .becomes("active")
        .event("answer")
        .asks("/audio", hello)
        .speak("started")
        .event("speak", {{"status", "done"}}, 404);

    const auto found = differences(menu("one").behaviour(), story.behaviour(), {});

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

TEST_CASE("probe: a request that is refused where it was not is another answer", "[probe]") {
    Story clean{"one"};
    Story refused{"two"};
    clean.becomes("active").event("answer").asks("/audio", hello).becomes("completed");
    refused.becomes("active").event("answer").asks("/audio", hello, 403).becomes("completed");

    const auto found = differences(clean.behaviour(), refused.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == Kind::other_answer);
    CHECK(found[0].than == "answered 4xx here, 2xx in the clean run");
}

TEST_CASE("probe: a bad answer that the clean run has too is none", "[probe]") {
    Story clean{"one"};
    Story other{"two"};
    clean.event("answer", json::object(), 500);
    other.event("answer", json::object(), 500).again("answer", 500);

    const auto found = differences(clean.behaviour(), other.behaviour(), {});

    REQUIRE(found.size() == 1);
    CHECK(found[0].what == "answer was answered 500");
    CHECK(found[0].seq == 4);
}

TEST_CASE("probe: what differs between two runs in which nothing was wrong is not compared",
          "[probe]") {
    Story one{"one"};
    Story two{"two"};
    Story three{"three"};
    one.event("answer").asks("/audio", {{"sentence", "Hello"}, {"tag", "at 1"}});
    two.event("answer").asks("/audio", {{"sentence", "Hello"}, {"tag", "at 2"}});
    three.event("answer").asks("/audio", {{"sentence", "Good-bye"}, {"tag", "at 3"}});

    const Volatile left_out = volatile_members(one.behaviour(), two.behaviour());

    CHECK(left_out == Volatile{"POST /v1/users/u/calls/{call}/audio#/tag"});
    CHECK(differences(one.behaviour(), two.behaviour(), left_out).empty());
    CHECK(differences(one.behaviour(), three.behaviour(), left_out).size() == 2);
}

TEST_CASE("probe: an event can be overtaken by those that come before the receiver says more",
          "[probe]") {
    const Behaviour clean = menu("one").behaviour();  // answer, started, done, dtmf, gather, hangup

    CHECK(overtakers(clean, 0) == 0);
    CHECK(overtakers(clean, 1) == 1);
    CHECK(overtakers(clean, 2) == 0);
    CHECK(overtakers(clean, 3) == 1);
    CHECK(overtakers(clean, 4) == 0);
}

TEST_CASE("probe: orders are tried from small to large, none twice, never more than allowed",
          "[probe]") {
    const Behaviour clean = menu("one").behaviour();

    const auto all = changed_orders(clean, 200, 42);

    REQUIRE(all.size() > 20);
    CHECK(all[0] == Changes{{1, 1, {}}});
    CHECK(all[1] == Changes{{3, 1, {}}});
    CHECK(all[2] == Changes{{0, 0, 1s}});
    std::set<std::string> orders{resulting_order({}, clean)};
    std::size_t most{1};
    for (const Changes& changes : all) {
        CHECK(orders.insert(resulting_order(changes, clean)).second);
        CHECK(changes.size() >= std::min<std::size_t>(most, 3));
        most = std::max(most, changes.size());
    }
    CHECK(most > 2);
    CHECK(changed_orders(clean, 5, 42).size() == 5);
    CHECK(changed_orders(clean, 200, 42) == all);
    CHECK(changed_orders(clean, 200, 43) != all);
}

TEST_CASE("probe: a failing order is made small: fewer changes first, then smaller numbers",
          "[probe]") {
    SmallerOrders smaller{{{1, 3, {}}, {4, 0, 5s}, {6, 1, {}}}};
    const auto fails = [](const Changes& changes) {  // what is wrong is the first event, far behind
        return std::ranges::any_of(
            changes, [](const Change& one) { return one.event == 1 && one.behind >= 2; });
    };

    std::size_t tries{0};
    while (const auto next = smaller.next()) {
        smaller.tried(fails(*next));
        REQUIRE(++tries < 41);
    }

    CHECK(smaller.smallest() == Changes{{1, 2, {}}});
}

TEST_CASE("probe: lateness is halved as long as it fails, and the tries come to an end",
          "[probe]") {
    SmallerOrders smaller{{{4, 0, 5s}}};

    std::size_t tries{0};
    while (smaller.next()) {
        smaller.tried(true);
        REQUIRE(++tries < 41);
    }

    REQUIRE(smaller.smallest().size() == 1);
    CHECK(smaller.smallest()[0].late < 200ms);
}

TEST_CASE("probe: what is tried is said in words", "[probe]") {
    const Behaviour clean = menu("one").behaviour();
    const auto of = [&clean](ProbeKind kind) { return texts(disturbances_of(kind, clean, {})); };

    CHECK(of(ProbeKind::duplicates) == std::vector<std::string>{"every event comes twice"});
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
    Story story;
    story.event("answer")
        .asks("/audio", hello)
        .speak("started")
        .speak("done")
        .asks("/audio", hello)
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
    const Behaviour clean = menu("one").behaviour();
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

TEST_CASE(
    "probe: an inquiry begins with a run in which nothing is wrong, and refuses where that differs",
    "[probe]") {
    Inquiry inquiry{menu("one").record(), {ProbeKind::duplicates}, {}};
    REQUIRE(inquiry.next());
    CHECK(inquiry.next()->faults.rules.empty());

    CHECK_FALSE(inquiry.told(Story{"two"}.event("answer").record()));

    CHECK_FALSE(inquiry.next());
    CHECK(inquiry.refusal() ==
          "two runs that the probe left alone differ: missing request POST "
          "/v1/users/u/calls/{call}/audio {\"sentence\":\"Hello\"} (never here, once in the clean "
          "run)");
}

TEST_CASE("probe: an inquiry tries one thing after the other and keeps the journal of what fails",
          "[probe]") {
    Inquiry inquiry{menu("one").record(), {ProbeKind::duplicates, ProbeKind::lost}, {}};
    inquiry.told(menu("two").record());

    std::vector<std::string> tried;
    while (const auto next = inquiry.next()) {
        const bool fails = next->what == "gather never comes";
        const auto told =
            inquiry.told(fails ? Story{"x"}.becomes("active").record() : menu("x").record());
        REQUIRE(told);
        CHECK(told->blame.failing.empty() != fails);
        tried.push_back(told->disturbance.what);
    }

    CHECK(tried.size() == 7);
    const auto results = inquiry.take_results();
    REQUIRE(results.size() == 2);
    CHECK(results[0].survived());
    CHECK(results[0].tries[0].run.entries.empty());
    CHECK_FALSE(results[1].survived());
    CHECK(results[1].failed() == 1);
    CHECK(results[1].tries[4].run.entries.size() == 1);
}

TEST_CASE("probe: the first failing order ends the search and is told when it is small",
          "[probe]") {
    Inquiry inquiry{menu("one").record(), {ProbeKind::reorder}, {}};
    inquiry.told(menu("two").record());

    std::optional<ProbeTry> found;
    std::size_t played{0};
    while (const auto next = inquiry.next()) {
        const bool fails = std::ranges::any_of(
            next->changes, [](const Change& one) { return one.event == 2 && one.late >= 1500ms; });
        auto told =
            inquiry.told(fails ? Story{"x"}.becomes("active").record() : menu("x").record());
        if (told && !told->blame.failing.empty()) {
            found = std::move(told);
        }
        REQUIRE(++played < 100);
    }

    REQUIRE(found);
    CHECK(found->disturbance.what == "speak.done comes 2500 ms late");
    const auto results = inquiry.take_results();
    CHECK(results[0].failed() == 1);
    CHECK(results[0].minimised_in == 2);
    CHECK(results[0].tries.back().disturbance.changes == Changes{{2, 0, 2500ms}});
}

TEST_CASE("probe: a failing order is the scenario with its faults, comments and all", "[probe]") {
    const Behaviour clean = menu("one").behaviour();
    const Disturbance order = reordered({{1, 1, {}}, {2, 0, 250ms}}, clean);

    const auto made = order_scenario("// a { menu\n{\n  \"version\": 1 }\n", order);
    const auto merged = order_scenario(R"({"version": 1, "faults": ["chaos"]})", order);

    REQUIRE(made);
    CHECK(
        made.value() ==
        "// a { menu\n{\n  // ringback run --probe reorder: speak.started comes behind speak.done, "
        "speak.done comes 250 ms late\n  \"faults\": [\n"
        "    "
        "{\"reorder\":{\"behind\":1,\"within\":\"30000ms\"},\"on\":\"speak.started\",\"nth\":1},\n"
        "    {\"delay\":\"250ms\",\"on\":\"speak.done\",\"nth\":1}\n  ],\n  \"version\": 1 }\n");
    REQUIRE(merged);
    CHECK(json::parse(merged.value())["faults"].size() == 3);
    CHECK_FALSE(order_scenario("[1]", order));
    CHECK(order_file("calls/menu.json") == "calls/menu.reorder.json");
    CHECK(order_file("builtin:busy") == "busy.reorder.json");
    CHECK(order_file("calls/menu.json", 2) == "calls/menu.reorder-2.json");
}

TEST_CASE("probe: an inquiry that is cut short has survived nothing that it did not try",
          "[probe]") {
    Inquiry inquiry{menu("one").record(), {ProbeKind::duplicates, ProbeKind::lost}, {}};
    inquiry.told(menu("two").record());
    inquiry.told(menu("three").record());

    inquiry.cut_short("interrupted");

    CHECK(inquiry.results()[0].survived());
    CHECK_FALSE(inquiry.results()[1].survived());
    CHECK(inquiry.results()[1].why_not == "interrupted");
    CHECK(inquiry.results()[1].not_played.size() == 6);
    CHECK_FALSE(inquiry.next());
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
