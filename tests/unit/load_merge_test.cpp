#include <catch2/catch.hpp>

#include "harness/load/merge.h"
#include "harness/load/result_json.h"
#include "tests/support/load_result.h"

using namespace ringback;
using Catch::Matchers::Contains;
using test::sample_load;

namespace {

LoadPart part(std::size_t index, std::size_t of) {
    LoadPart made{std::string(1, static_cast<char>('a' + index)) + ".json", sample_load()};
    made.result.plan.segment = {index, of};
    return made;
}

std::string error_of(std::vector<LoadPart> parts) {
    const Result<LoadResult> sum = merged(std::move(parts));
    return sum ? "" : to_text(sum.error());
}

}  // namespace

TEST_CASE("merge: counts add up, histograms are those of everything that was measured",
          "[load][merge]") {
    LoadPart one = part(0, 2);
    LoadPart two = part(1, 2);
    Histogram all = one.result.metrics["response"];
    two.result.metrics["response"].record(3'000'000, 40);
    two.result.metrics["only_here"].record(5);
    all.merge(two.result.metrics["response"]);
    two.result.errors["connect: refused"] = 9;
    two.result.failures["another"] = 1;
    one.result.unexpected = 2;
    two.result.unexpected = 1;
    one.result.lost = {2, 9};
    two.result.lost = {3, 4};
    const auto sum = merged({one, two});

    REQUIRE(sum);
    CHECK(sum.value().metrics.at("response") == all);
    CHECK(sum.value().metrics.at("response").percentile(99) > 2'990'000);
    CHECK(sum.value().metrics.at("only_here").count() == 1);
    CHECK(sum.value().counts.planned == 720);
    CHECK(sum.value().counts.connections_reused == 2862);
    CHECK(sum.value().errors == Causes{{"answer: 500", 12}, {"connect: refused", 10}});
    CHECK(sum.value().failures.size() == 3);
    CHECK(sum.value().unexpected == 3);
    CHECK(sum.value().lost.events == 5);
    CHECK(sum.value().lost.first_s == 4);
    CHECK(sum.value().workers == 2);
    CHECK(sum.value().merged_from == std::vector<std::string>{"a.json", "b.json"});
    CHECK(sum.value().merged_segments == std::vector<Segment>{{0, 2}, {1, 2}});
    CHECK(sum.value().plan.segment == Segment{});
    CHECK(sum.value().truth.ceiling_rate == 1600);
    CHECK(sum.value().truth.remarks ==
          std::vector<std::string>{"segment 1/2: the receiver closed 12 connections",
                                   "segment 2/2: the receiver closed 12 connections"});
}

TEST_CASE("merge: the order of the files changes nothing that was measured", "[load][merge]") {
    LoadPart slow = part(1, 2);
    slow.result.metrics["response"].record(9'000'000);
    auto one = merged({part(0, 2), slow});
    auto other = merged({slow, part(0, 2)});
    REQUIRE((one && other));
    LoadResult first = std::move(one).value();
    LoadResult second = std::move(other).value();
    for (LoadResult* each : {&first, &second}) {  // they are told in the order of the files
        each->merged_from.clear();
        each->merged_segments.clear();
        each->truth.remarks.clear();
    }

    CHECK(load_json_text(first) == load_json_text(second));
}

TEST_CASE("merge: stages go by index, steps by name, seconds by number", "[load][merge]") {
    LoadPart one = part(0, 2);
    LoadPart two = part(1, 2);
    two.result.steps.insert(two.result.steps.begin(), {"branch", 5, 1, {}});
    two.result.seconds[7].response.p99 = 999'000;
    two.result.seconds.erase(two.result.seconds.begin() + 3);
    LoadSecond late;
    late.second = 20;
    late.finished = 1;
    two.result.seconds.push_back(late);
    const auto sum = merged({one, two});

    REQUIRE(sum);
    const LoadResult& result = sum.value();
    CHECK(result.stages[1].counts.planned == 360);
    CHECK(result.stages[1].metrics.at("response").count() == 2 * 722);
    REQUIRE(result.steps.size() == 3);
    CHECK(result.steps[0].step == "answer");
    CHECK(result.steps[0].passed == 720);
    CHECK(result.steps[2].step == "branch");
    CHECK(result.steps[2].failed == 1);
    REQUIRE(result.seconds.size() == 13);
    CHECK(result.seconds[3].started == 48);
    CHECK(result.seconds[7].started == 80);
    CHECK(result.seconds[7].planned_rate == 80);
    CHECK(result.seconds[7].in_flight == 160);
    CHECK(result.seconds[7].response.p99 == 999'000);
    CHECK(result.seconds[7].response.p50 == 10'800);
    CHECK(result.seconds[7].cpu == 0.5);
    CHECK(result.seconds[0].warmup);
    CHECK(result.seconds[12].second == 20);
}

TEST_CASE("merge: of the failing calls the first twenty stay, of all parts", "[load][merge]") {
    std::vector<LoadPart> parts{part(0, 2), part(1, 2)};
    for (std::size_t at = 0; at < 2; ++at) {
        parts[at].result.kept.clear();
        for (std::uint64_t call = 1; call <= 20; ++call) {
            parts[at].result.kept.push_back({2 * call + at, "cause", "", {}});
        }
    }
    const auto sum = merged(std::move(parts));

    REQUIRE(sum);
    REQUIRE(sum.value().kept.size() == 20);
    CHECK(sum.value().kept.front().call == 2);
    CHECK(sum.value().kept.back().call == 21);
}

TEST_CASE("merge: thresholds wait for who evaluates them; one invalid part makes the sum so",
          "[load][merge]") {
    LoadPart bad = part(1, 2);
    bad.result.truth.invalid = {"start lag"};
    bad.result.aborted = "errors:rate>5%@10s";
    bad.result.thresholds.push_back({"call:max<1m", 3, true});
    const auto sum = merged({part(0, 2), bad});

    REQUIRE(sum);
    REQUIRE(sum.value().thresholds.size() == 4);
    CHECK(sum.value().thresholds[0].expression == "response:p(99)<250ms");
    CHECK_FALSE(sum.value().thresholds[0].value);
    CHECK_FALSE(sum.value().thresholds[0].held);
    CHECK(sum.value().thresholds[3].expression == "call:max<1m");
    CHECK(sum.value().truth.invalid == std::vector<std::string>{"segment 2/2: start lag"});
    CHECK(sum.value().aborted == "segment 2/2: errors:rate>5%@10s");
    CHECK(exit_status(sum.value()) == 98);
}

TEST_CASE("merge: sums are summed up, and what is missing is remarked on", "[load][merge]") {
    const auto half = merged({part(0, 4), part(2, 4)});
    REQUIRE(half);
    CHECK_THAT(half.value().truth.remarks.back(),
               Contains("only 50 % of the arrivals are in this sum: segments 1/4, 3/4"));
    LoadPart rest = part(1, 2);  // every second, which are 2/4 and 4/4
    rest.result.started_at = "2026-01-05T09:00:30.500Z";
    const auto whole = merged({{"half.json", half.value()}, rest});

    REQUIRE(whole);
    CHECK(whole.value().counts.planned == 3 * 360);
    CHECK(whole.value().merged_from == std::vector<std::string>{"a.json", "c.json", "b.json"});
    CHECK(whole.value().started_at == "2026-01-05T09:00:00.000Z");
    CHECK_THAT(whole.value().truth.remarks.back(), Contains("started up to 30.5 s apart"));
    CHECK(error_of({{"whole.json", whole.value()}, part(3, 4)}) ==
          "d.json: segment 4/4 has arrivals that segment 2/2 of whole.json has too");
}

TEST_CASE("merge: what is of another load, or twice there, is refused", "[load][merge]") {
    const auto error_with = [](auto change) {
        LoadPart other = part(1, 2);
        change(other.result);
        return error_of({part(0, 2), other});
    };
    const std::string begin{"b.json: is of another load than a.json: "};
    CHECK(error_with([](LoadResult& r) { r.scenario = "busy"; }) ==
          begin + "the scenario is \"busy\", not \"menu\"");
    CHECK(error_with([](LoadResult& r) { r.plan.seed = 43; }) == begin + "its seed is 43, not 42");
    CHECK(error_with([](LoadResult& r) { r.plan.arrivals = Arrivals::poisson; }) ==
          begin + "its arrivals are poisson, not constant");
    CHECK(error_with([](LoadResult& r) { r.plan.stages[0].rate_to = 61; }) ==
          begin + "its stages are others");
    CHECK(error_with([](LoadResult& r) { r.plan.trace = {std::chrono::nanoseconds{1}}; }) ==
          begin + "its trace is another");
    CHECK(error_with([](LoadResult& r) { r.plan.calls = 1; }) ==
          begin + "its number of calls is another");
    CHECK(error_with([](LoadResult& r) { r.plan.warmup = {}; }) ==
          begin + "its warm-up is another");
    CHECK(error_with([](LoadResult& r) { r.timers.clear(); }) == begin + "its timers are others");
    CHECK(error_with([](LoadResult& r) { r.stages.pop_back(); }) ==
          begin + "it has results of 1 stages, not of 2");
    CHECK(error_with([](LoadResult& r) {
              r.plan.segment = {0, 2};
          }) == "b.json: segment 1/2 has arrivals that segment 1/2 of a.json has too");
    CHECK(error_with([](LoadResult& r) {
              r.plan.segment = {2, 4};
          }) == "b.json: segment 3/4 has arrivals that segment 1/2 of a.json has too");
    CHECK(error_with([](LoadResult&) {}) == "");
}
