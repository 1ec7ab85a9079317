#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "harness/load/arrival_schedule.h"
#include "harness/load/plan_steering.h"
#include "simulator/core/random.h"
#include "tests/support/seeds.h"

using namespace ringback;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

LoadPlan steered_plan(std::vector<LoadStage> stages) {
    LoadPlan plan;
    plan.stages = std::move(stages);
    return plan;
}

ArrivalSchedule steered_schedule(const LoadPlan& plan) {
    auto schedule = ArrivalSchedule::of(plan);
    REQUIRE(schedule);
    return std::move(schedule).value();
}

/// All starts as one sees them who steers at these times: each change is taken by the same cursor.
std::vector<Duration> steered_starts(const LoadPlan& plan, PlanSteering& steering,
                                     const std::vector<nanoseconds>& changes,
                                     const std::function<void(nanoseconds)>& change) {
    ArrivalSchedule schedule = steered_schedule(plan);
    ArrivalCursor cursor{schedule};
    std::vector<Duration> starts;
    auto next = cursor.next();
    for (const nanoseconds at : changes) {
        for (; next && next->at < at; next = cursor.next()) {
            starts.push_back(next->at);
        }
        change(at);
        schedule = steered_schedule(steering.plan());
        next = cursor.again(schedule);
    }
    for (; next; next = cursor.next()) {
        starts.push_back(next->at);
    }
    return starts;
}

}  // namespace

TEST_CASE("steering: the stage under way is cut, and what is left of it and behind is changed",
          "[load][steering]") {
    PlanSteering steering{steered_plan({{seconds{10}, 20, 20}, {seconds{10}, 20, 40}})};

    REQUIRE(steering.scale(seconds{4}, 1.5));
    CHECK(steering.plan().stages == std::vector<LoadStage>{{seconds{4}, 20, 20},
                                                           {seconds{6}, 30, 30},
                                                           {seconds{10}, 30, 60}});
    REQUIRE(steering.scale(seconds{15}, 0.5));  // in the midst of a ramp
    CHECK(steering.plan().stages == std::vector<LoadStage>{{seconds{4}, 20, 20},
                                                           {seconds{6}, 30, 30},
                                                           {seconds{5}, 30, 45},
                                                           {seconds{5}, 22.5, 30}});
    CHECK(steering.changes() ==
          std::vector<PlanChange>{{4, "rate x 1.5, 30/s"}, {15, "rate x 0.5, 22.5/s"}});
}

TEST_CASE("steering: a pause takes nothing from the plan", "[load][steering]") {
    PlanSteering steering{steered_plan({{seconds{10}, 20, 20}})};

    REQUIRE(steering.pause(seconds{4}));
    CHECK(steering.is_paused());
    REQUIRE(steering.plan().stages.size() == 3);
    CHECK(steering.plan().stages[1].rate_to == 0);
    CHECK(steering.plan().stages[2] == LoadStage{seconds{6}, 20, 20});
    CHECK_FALSE(steering.pause(seconds{5}));
    REQUIRE(steering.scale(seconds{6}, 2));  // takes effect behind it
    REQUIRE(steering.resume(seconds{7}));
    CHECK_FALSE(steering.is_paused());
    CHECK(steering.plan().stages ==
          std::vector<LoadStage>{{seconds{4}, 20, 20}, {seconds{3}, 0, 0}, {seconds{6}, 40, 40}});
    CHECK(steering.changes().size() == 3);
    CHECK_FALSE(steering.resume(seconds{8}));
}

TEST_CASE("steering: a run that ends while it is paused has what was left in its plan",
          "[load][steering]") {
    PlanSteering steering{steered_plan({{seconds{10}, 20, 20}})};

    REQUIRE(steering.pause(seconds{4}));
    steering.end(seconds{5});
    CHECK(steering.plan().stages ==
          std::vector<LoadStage>{{seconds{4}, 20, 20}, {seconds{1}, 0, 0}, {seconds{6}, 20, 20}});
    CHECK(steering.changes() == std::vector<PlanChange>{{4, "paused"}});
}

TEST_CASE("steering: nothing is left to be changed behind the end, or of a trace",
          "[load][steering]") {
    PlanSteering steering{steered_plan({{seconds{10}, 20, 20}})};
    CHECK_FALSE(steering.scale(seconds{10}, 2));
    CHECK_FALSE(steering.pause(seconds{11}));
    LoadPlan trace;
    trace.arrivals = Arrivals::trace;
    trace.trace = {seconds{1}, seconds{2}};
    PlanSteering of_trace{trace};
    CHECK_FALSE(of_trace.scale(seconds{1}, 2));
    CHECK(of_trace.changes().empty());
}

TEST_CASE("steering: the starts are those of the changed plan, each once, whenever it was changed",
          "[property][load][steering]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        LoadPlan plan = steered_plan(
            {{milliseconds{500 + rng.below(3000)}, static_cast<double>(1 + rng.below(300)),
              static_cast<double>(1 + rng.below(300))},
             {milliseconds{500 + rng.below(3000)}, 100, 100}});
        plan.arrivals = rng.below(2) == 0 ? Arrivals::constant : Arrivals::poisson;
        plan.seed = test::number_of(seed);
        PlanSteering steering{plan};
        std::vector<nanoseconds> changes;
        for (nanoseconds at{}; changes.size() < 4;) {
            at += milliseconds{1 + rng.below(900)};
            changes.push_back(at);
        }
        const auto starts = steered_starts(plan, steering, changes, [&](nanoseconds at) {
            if (steering.is_paused()) {
                steering.resume(at);
            } else if (rng.below(3) == 0) {
                steering.pause(at);
            } else {
                steering.scale(at, rng.below(2) == 0 ? 1.1 : 0.9);
            }
        });
        if (steering.is_paused()) {
            continue;  // it never ends
        }
        const ArrivalSchedule whole = steered_schedule(steering.plan());
        ArrivalCursor cursor{whole};
        std::size_t at{0};
        for (auto start = cursor.next(); start; start = cursor.next(), ++at) {
            REQUIRE(at < starts.size());
            // A ramp that was cut is computed from another rate: the same to the rounding.
            CHECK(std::chrono::abs(start->at - starts[at]) < std::chrono::microseconds{1});
        }
        CHECK(at == starts.size());
        CHECK(std::ranges::is_sorted(starts));
    }
}
