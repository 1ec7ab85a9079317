#include <benchmark/benchmark.h>
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/measure.h"
#include "harness/scenario/load.h"
#include "harness/script/checks.h"
#include "harness/script/script.h"

namespace ringback::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string menu = R"json({"version": 1, "name": "menu", "order": "ordered",
    "vars": {"userId": "u-1", "digits": "1"}, "steps": [
    {"send": "answer", "id": "answer"},
    {"await": {"command": "gather", "within": "5s", "match": {"body": {
        "maxDigits": {"numeric": "<=2"}, "tag": "menu",
        "prompt.sentence": {"matches": "(?i)press (one|1)"}}}}},
    {"send": "gather"}]})json";

Scenario loaded(std::string_view text) {
    LoadedScenario read = read_scenario("bench.json", text, {});
    if (!read.scenario) {
        fail(to_text(read.mistakes.front()).c_str());
    }
    return std::move(*read.scenario);
}

Bindings bindings() {
    Bindings bound;
    bound.vars = Shared{
        nlohmann::json{{"userId", "u-1"}, {"digits", "1"}, {"receiver", "http://127.0.0.1:1"}}};
    return bound;
}

json gather_body(int digits) {
    return {{"maxDigits", std::to_string(digits)},
            {"tag", "menu"},
            {"prompt", {{"sentence", "Welcome. Please press one for sales, two for support."}}}};
}

Happening told(json entry, std::uint64_t seq) {
    entry["seq"] = seq;
    const Duration at = milliseconds{seq};
    return {std::move(entry), Instant{} + at, WallInstant{} + at};
}

Happening gather_asked(int digits, std::uint64_t seq) {
    return told({{"kind", "api"},
                 {"method", "POST"},
                 {"path", "/v1/users/u-1/calls/c-1/gather"},
                 {"status", 201},
                 {"request", gather_body(digits)}},
                seq);
}

Happening answer_owed() {
    return told({{"kind", "event"},
                 {"event", "answer"},
                 {"delivery", 1},
                 {"call", "c-1"},
                 {"payload", {{"eventType", "answer"}}}},
                1);
}

/// What does it cost to hold a request's body against three matchers, one of them an expression?
void request_matched(benchmark::State& state) {
    const Scenario scenario = loaded(menu);
    const auto& await = std::get<Await>(scenario.block.steps.at(1).what);
    const Bindings bound = bindings();
    const json message{{"body", gather_body(1)}, {"query", json::object()}};
    for ([[maybe_unused]] auto _ : state) {
        const auto findings = judge(await.api.match, message, bound);
        if (!std::ranges::all_of(findings, [](const auto& one) { return one.finding.fits; })) {
            fail("micro: a request that fits did not");
        }
        benchmark::DoNotOptimize(findings.data());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(request_matched);

/// The peer: the same three questions with nothing around them; no texts for people are made.
void request_matched_bare(benchmark::State& state) {
    const RE2 expression{"(?i)press (one|1)"};
    const json message{{"body", gather_body(1)}, {"query", json::object()}};
    for ([[maybe_unused]] auto _ : state) {
        const json& body = message.at("body");
        const bool fits =
            std::stoi(body.at("maxDigits").get_ref<const std::string&>()) <= 2 &&
            body.at("tag") == "menu" &&
            RE2::PartialMatch(body.at("prompt").at("sentence").get_ref<const std::string&>(),
                              expression);
        benchmark::DoNotOptimize(fits);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(request_matched_bare);

/// What does a request cost that fits nowhere, from the journal entry to a failure that names the
/// closest three? `candidates` requests for one failed step; watch the time per item.
void near_misses(benchmark::State& state) {
    const Scenario scenario = loaded(menu);
    std::vector<Happening> journal{answer_owed()};
    const auto candidates = static_cast<std::size_t>(state.range(0));
    for (std::size_t n = 0; n < candidates; ++n) {
        journal.push_back(gather_asked(3 + static_cast<int>(n % 7), n + 2));
    }
    const std::map<std::string, json> resources;
    for ([[maybe_unused]] auto _ : state) {
        Script script{scenario, bindings(), 42};
        script.begin({}, {});
        for (const Happening& happening : journal) {
            script.happened(happening);
        }
        script.time_is(Instant{} + seconds{60}, WallInstant{} + seconds{3600});
        const Verdict verdict = verdict_of({scenario, script, journal, resources});
        const bool named = std::ranges::any_of(
            verdict.judged, [](const Judged& one) { return one.candidates.size() == 3; });
        if (!named) {
            fail("micro: the near misses were not named");
        }
        benchmark::DoNotOptimize(verdict.judged.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(near_misses)->Arg(10)->Arg(1000);

/// What does it cost to read the longest built-in scenario, with all that is checked?
void scenario_read(benchmark::State& state) {
    const auto& all = built_in_scenarios();
    const auto longest =
        std::ranges::max_element(all, {}, [](const BuiltIn& one) { return one.text.size(); });
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(loaded(longest->text).block.steps.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(longest->text.size()));
}
BENCHMARK(scenario_read)->Unit(benchmark::kMicrosecond);

/// The peer: nlohmann/json alone, without places, comments allowed.
void scenario_read_as_json(benchmark::State& state) {
    const auto& all = built_in_scenarios();
    const auto longest =
        std::ranges::max_element(all, {}, [](const BuiltIn& one) { return one.text.size(); });
    for ([[maybe_unused]] auto _ : state) {
        const json read = json::parse(longest->text, nullptr, true, /*ignore_comments=*/true);
        benchmark::DoNotOptimize(read.size());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(longest->text.size()));
}
BENCHMARK(scenario_read_as_json)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ringback::bench
