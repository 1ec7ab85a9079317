// Random scenarios, played by the whole runner against a receiver behind a socket.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "harness/report/losses.h"
#include "harness/report/run_json.h"
#include "harness/report/story.h"
#include "harness/run/suite.h"
#include "harness/scenario/load.h"
#include "tests/property/random_scenario.h"
#include "tests/support/fault_rules.h"
#include "tests/support/seeds.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

using ordered_json = nlohmann::ordered_json;

/// What is awaited in real time is awaited that long.
void set_patience(ordered_json& at, std::chrono::milliseconds patience) {
    if (at.is_object()) {
        for (auto& [name, value] : at.items()) {
            if (name == "command" || name == "method") {
                at["within"] = std::to_string(patience.count()) + "ms";
                break;
            }
        }
    }
    if (at.is_structured()) {
        for (ordered_json& inside : at) {
            set_patience(inside, patience);
        }
    }
}

std::optional<Scenario> scenario_in(ordered_json file, std::chrono::milliseconds patience) {
    for (ordered_json& step : file["steps"]) {
        set_patience(step, patience);
    }
    return read_scenario("random.json", file.dump(1), {}).scenario;
}

/// Those of many random files that are accepted, each under a name of its own.
std::map<std::string, ordered_json> files_of_dice(std::uint64_t seed, std::size_t count) {
    Rng dice{mix(seed)};
    RandomScenario maker{dice};
    std::map<std::string, ordered_json> all;
    while (all.size() < count) {
        ordered_json file = maker.file();
        const std::string name = "random-" + std::to_string(all.size());
        file["name"] = name;
        if (scenario_in(file, 1s)) {
            all.emplace(name, std::move(file));
        }
    }
    return all;
}

/// What it answers is its body's to say, so that the same callback is answered alike in every run.
void answer_by_the_body(ReceiverEnd& end) {
    for (std::string request = end.read_request(); !request.empty(); request = end.read_request()) {
        const std::size_t body = request.find("\r\n\r\n");
        const std::size_t sum = std::hash<std::string>{}(request.substr(body));
        if (sum % 16 == 0) {
            return;  // without an answer
        }
        const std::string status = sum % 7 == 0 ? "500 No" : sum % 5 == 0 ? "204 Fine" : "200 OK";
        end.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
    }
}

std::vector<RunRecord> played(std::vector<Scenario> scenarios, const std::string& receiver,
                              std::vector<FaultRule> faults = {},
                              std::chrono::milliseconds linger = 100ms) {
    SuiteSettings wanted;
    wanted.simulator.faults.rules = std::move(faults);
    wanted.scenarios = std::move(scenarios);
    wanted.jobs = 16;
    wanted.timeout = 60s;
    wanted.linger = linger;
    wanted.run_id = "run-1";
    Suite suite{std::move(wanted)};
    REQUIRE(suite.listen());
    auto runs = suite.run({.url = receiver}, [](const RunRecord&) {});
    REQUIRE(runs);
    REQUIRE(runs.value().size() == suite.planned());
    return std::move(runs).value();
}

/// A verdict without what real time has to do with.
ordered_json verdict_of(const RunRecord& run) {
    ordered_json told{{"result", word_of(run.verdict.result)}, {"calls", ordered_json::array()}};
    for (const Judged& each : run.verdict.judged) {
        told["judged"].push_back(
            {each.name, word_of(each.result), each.place.line, each.place.column});
    }
    std::set<std::string> calls;
    for (const nlohmann::json& entry : run.entries) {
        calls.insert(entry.value("call", std::string{}));
    }
    told["calls"] = calls;
    return told;
}

/// All of them twice, the first time and again. Real time is what this test has least of.
std::pair<std::vector<RunRecord>, std::vector<RunRecord>> played_twice(
    const std::map<std::string, ordered_json>& files, const std::string& receiver,
    std::chrono::milliseconds patience = 150ms) {
    std::vector<Scenario> scenarios;
    for (const auto& [name, file] : files) {
        scenarios.push_back(scenario_in(file, patience).value());
    }
    return {played(scenarios, receiver), played(scenarios, receiver)};
}

/// Two runs that differ are played with more patience: on a machine that does other things a
/// receiver's answer may come behind the end of what else was awaited.
void play_slower(RunRecord& one, RunRecord& other, const ordered_json& file,
                 const std::string& receiver) {
    for (const auto patience : {2s, 20s}) {
        if (verdict_of(one) == verdict_of(other)) {
            return;
        }
        auto [ones, others] = played_twice({{one.scenario, file}}, receiver, patience);
        one = *std::ranges::find(ones, one.row, &RunRecord::row);
        other = *std::ranges::find(others, other.row, &RunRecord::row);
    }
}

}  // namespace

TEST_CASE("runner: whatever is accepted comes to a verdict, and its seed gives the same again",
          "[property][runner]") {
    std::map<std::string, int> results;
    for (const Seed seed : seeds(2)) {
        CAPTURE(number_of(seed));
        TestReceiver receiver{answer_by_the_body};
        const auto files = files_of_dice(number_of(seed), 60);
        auto [once, again] = played_twice(files, receiver.url(""));

        REQUIRE(once.size() == again.size());
        for (std::size_t i = 0; i < once.size(); ++i) {
            RunRecord& one = once[i];
            RunRecord& other = again[i];
            CAPTURE(one.scenario, one.row);
            play_slower(one, other, files.at(one.scenario), receiver.url(""));
            CHECK_FALSE(one.out_of_time);
            CHECK_FALSE(one.verdict.judged.empty());
            CHECK(verdict_of(one) == verdict_of(other));
            CHECK_NOTHROW(failure_story(one, "", {}).size() + run_json(one).dump().size());
            ++results[std::string{word_of(one.verdict.result)}];
        }
    }
    CAPTURE(results);
    CHECK((std::getenv("RINGBACK_SEED") != nullptr ||
           (results["passed"] > 2 && results["failed"] > 20)));
}

TEST_CASE("runner: what faults do to events is no failure of a receiver that takes all of them",
          "[runner][faults]") {
    const LoadedScenario read = read_scenario("keys.json", R"({
        "version": 1, "name": "keys",
        "start": {"call": {"callbackUrl": "${receiver}"}},
        "steps": [
            {"send": "answer", "id": "answer"},
            {"caller": {"press": "123", "after": "1s"}},
            {"send": "dtmf", "id": "one"}, {"send": "dtmf", "id": "two"}, {"send": "dtmf"},
            {"caller": {"hangup": true, "after": "1s"}},
            {"send": "hangup", "id": "end"},
            {"quiet": "30s"}]})",
                                              {});
    REQUIRE(read.scenario);
    FaultRule drop = rule("drop", fault::Drop{}, only(EventType::dtmf));
    drop.nth = 2;
    const std::vector<FaultRule> plan{
        drop,
        rule("duplicate", fault::Duplicate{2, fixed(300ms)}),
        rule("delay", fault::Delay{fixed(700ms)}),
        rule("reorder", fault::Reorder{1, 400ms}, only(EventType::hangup)),
        rule("large", fault::Odd{fault::Odd::What::large_tag}, only(EventType::answer)),
        rule("again", fault::Impossible{fault::Impossible::What::second_hangup, fixed(2s)})};
    std::atomic<int> came{0};
    std::atomic<int> copies_failed{0};
    for (const bool fails_on_copies : {false, true}) {
        CAPTURE(fails_on_copies);
        came = 0;
        std::mutex guard;
        std::set<std::string> known;
        TestReceiver receiver{[&](ReceiverEnd& end) {
            for (std::string request = end.read_request(); !request.empty();
                 request = end.read_request()) {
                ++came;
                const std::lock_guard lock{guard};
                const std::string body = request.substr(request.find("\r\n\r\n"));
                const bool is_copy = !known.insert(body).second;
                const bool fails = fails_on_copies && is_copy;
                copies_failed += fails ? 1 : 0;
                end.send(fails ? "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
                               : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        }};
        const auto runs = played({*read.scenario}, receiver.url(""), plan, 30s);
        REQUIRE(runs.size() == 1);
        INFO(failure_story(runs[0], "", {}));
        // answer, two of three keys and the hangup, each with two copies, and one hangup more.
        CHECK(came == 4 * 3 + 1);
        CHECK(losses_of(runs[0].entries).events == 1);
        CHECK(runs[0].verdict.result ==
              (fails_on_copies ? Judged::Result::failed : Judged::Result::passed));
        if (fails_on_copies) {
            const auto broken =
                std::ranges::find(runs[0].verdict.judged, Judged::Result::failed, &Judged::result);
            REQUIRE(broken != runs[0].verdict.judged.end());
            CHECK(broken->name == "invariant callbacks-answered");
        }
    }
    CHECK(copies_failed == 4 * 2);
}
