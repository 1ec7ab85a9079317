#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <set>

#include "harness/load/live_plan.h"
#include "harness/load/load_hall.h"
#include "harness/load/measured_second.h"
#include "harness/load/sum.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

LoadHallSettings settings_of_all(Segment share) {
    LoadHallSettings all;
    all.share = share;
    all.most_in_flight = 1'000;
    all.simulator.delivery.attempts_per_target = 64;
    return all;
}

/// One loop's second: so many calls started, and a response of each length.
MeasuredSecond second_of_loop(std::uint32_t number, std::uint64_t started,
                              std::initializer_list<std::uint64_t> responses) {
    MeasuredSecond second;
    second.row.second = number;
    second.row.started = started;
    second.row.planned_rate = 2;
    second.row.cpu = second.row.busiest = 0.25 * static_cast<double>(started);
    for (const std::uint64_t response : responses) {
        second.response.record(response);
    }
    fill_quantiles(second);
    return second;
}

LivePlan live_plan(double rate, Segment segment = {}) {
    LoadPlan plan;
    plan.stages = {{10s, rate, rate}};
    plan.segment = segment;
    auto schedule = ArrivalSchedule::of(plan);
    REQUIRE(schedule);
    return LivePlan{std::make_shared<const ArrivalSchedule>(std::move(schedule).value())};
}

bool anything(const LoadPlan& /*plan*/) { return true; }

}  // namespace

TEST_CASE("load loops: every arrival of a segment is one loop's, and ids of none are another's",
          "[load][loops]") {
    const std::size_t loops = GENERATE(1U, 2U, 3U, 64U);
    const Segment segment{2, 5};
    std::set<std::size_t> indices;
    for (std::size_t n = segment.index; n < 5'000; n += segment.of) {
        std::size_t takers = 0;
        for (std::size_t index = 0; index < loops; ++index) {
            const Segment share = settings_of_loop(settings_of_all(segment), index, loops).share;
            indices.insert(share.index);
            takers += n % share.of == share.index ? 1 : 0;
        }
        REQUIRE(takers == 1);
    }
    CHECK(indices.size() == loops);
}

TEST_CASE("load loops: what may be at once is divided, and adds up to what was asked for",
          "[load][loops]") {
    const std::size_t loops = GENERATE(1U, 3U, 7U, 64U);
    const LoadHallSettings all = settings_of_all({});
    std::size_t in_flight = 0;
    std::size_t connections = 0;
    std::size_t attempts = 0;
    std::size_t pending = 0;
    for (std::size_t index = 0; index < loops; ++index) {
        const LoadHallSettings own = settings_of_loop(all, index, loops);
        const DeliverySettings& delivery = own.simulator.delivery;
        CHECK(delivery.attempts_per_target > 0);
        CHECK(delivery.attempts_per_target <= delivery.attempts_at_once);
        in_flight += own.most_in_flight;
        connections += delivery.attempts_per_target;
        attempts += delivery.attempts_at_once;
        pending += delivery.pending_limit;
    }
    CHECK(in_flight == all.most_in_flight);
    CHECK(connections == all.simulator.delivery.attempts_per_target);
    CHECK(attempts == all.simulator.delivery.attempts_at_once);
    CHECK(pending == all.simulator.delivery.pending_limit);
}

TEST_CASE("load loops: a second is whole when the last loop has told of it, exactly",
          "[load][loops]") {
    LoopSeconds seconds{3};
    CHECK_FALSE(seconds.take(second_of_loop(0, 1, {100, 100, 100})));
    CHECK_FALSE(seconds.take(second_of_loop(0, 3, {9'000})));
    const auto whole = seconds.take(second_of_loop(0, 2, {100, 100, 100, 100, 100, 100}));

    REQUIRE(whole);
    CHECK(whole->row.second == 0);
    CHECK(whole->row.started == 6);
    CHECK(whole->row.planned_rate == 6);
    CHECK(whole->row.cpu == 1.5);
    CHECK(whole->row.busiest == 0.75);
    // Of ten responses one is long: that is the 99th percentile of all, and not the median of any.
    CHECK(whole->response.count() == 10);
    CHECK(whole->row.response.p50 == 100);
    CHECK(whole->row.response.p90 == 100);
    CHECK(whole->row.response.p99 == whole->row.response.max);
    CHECK(whole->row.response.max / 100 == 90);
}

TEST_CASE("load loops: a loop without time delays its seconds, and seconds stay in order",
          "[load][loops]") {
    LoopSeconds seconds{2};
    CHECK_FALSE(seconds.take(second_of_loop(0, 1, {})));
    CHECK_FALSE(seconds.take(second_of_loop(1, 10, {})));
    const auto first = seconds.take(second_of_loop(0, 2, {}));
    const auto second = seconds.take(second_of_loop(1, 20, {}));

    REQUIRE(first);
    CHECK(first->row.started == 3);
    REQUIRE(second);
    CHECK(second->row.second == 1);
    CHECK(second->row.started == 30);
}

TEST_CASE("load loops: one loop's second is the whole", "[load][loops]") {
    LoopSeconds seconds{1};
    const auto whole = seconds.take(second_of_loop(7, 4, {500}));

    REQUIRE(whole);
    CHECK(whole->row.second == 7);
    CHECK(whole->row.response.max == 500);
}

TEST_CASE("load loops: of the calls that failed on all loops the first stay, by number",
          "[load][loops]") {
    LoadResult sum;
    for (std::uint64_t loop = 0; loop < 3; ++loop) {
        LoadResult part;
        part.stages.resize(2);
        part.stages[1].counts.failed = 20;
        part.failures["bye: answered 500"] = 20;
        for (std::uint64_t n = 0; n < 20; ++n) {
            part.kept.push_back({3 * n + loop + 1, "bye: answered 500", "", nullptr});
        }
        add_measured(sum, std::move(part));
    }
    keep_first(sum.kept);

    REQUIRE(sum.kept.size() == 20);
    CHECK(sum.kept.front().call == 1);
    CHECK(sum.kept.back().call == 20);
    CHECK(sum.failures == Causes{{"bye: answered 500", 60}});
    REQUIRE(sum.stages.size() == 2);
    CHECK(sum.stages[1].counts.failed == 60);
}

TEST_CASE("live plan: keys make another schedule, which the loops are told by its version",
          "[load][loops]") {
    LivePlan plan = live_plan(20, {1, 2});
    const SharedSchedule before = plan.schedule();
    CHECK(plan.own_rate(5s) == 10);
    CHECK(plan.own_measured_starts() == 100);

    REQUIRE(plan.press('+', 5s, anything));
    CHECK(plan.version() == 1);
    CHECK(plan.schedule() != before);
    CHECK(plan.own_rate(6s) == Approx(11));
    CHECK(plan.own_measured_starts() == 105);
    REQUIRE(plan.press('p', 6s, anything));
    CHECK(plan.steering().is_paused());
    CHECK(plan.own_rate(7s) == 0);
    REQUIRE(plan.press('p', 8s, anything));
    CHECK(plan.version() == 3);
    CHECK(before->rate_at(6s) == 20);  // whoever walks it is not disturbed
}

TEST_CASE("live plan: neither what is over is changed, nor more made than is allowed",
          "[load][loops]") {
    LivePlan plan = live_plan(20);
    CHECK_FALSE(plan.press('+', 10s, anything));
    CHECK_FALSE(plan.press('x', 5s, anything));
    CHECK_FALSE(plan.press('+', 5s, [](const LoadPlan& /*plan*/) { return false; }));
    CHECK(plan.version() == 0);
    CHECK(plan.press('-', 5s, [](const LoadPlan& /*plan*/) { return false; }));
}
