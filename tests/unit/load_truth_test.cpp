#include <catch2/catch.hpp>

#include "harness/load/truth.h"

using namespace ringback;

namespace {

LoadResult quiet_run() {
    LoadResult result;
    result.duration_s = 10;
    result.counts.started = 100;
    result.counts.callbacks = 300;
    result.counts.requests = 100;
    result.metrics[std::string{metric::start_lag}].record(200, 100);
    result.metrics[std::string{metric::response}].record(5'000, 300);
    result.seconds.resize(10);
    return result;
}

}  // namespace

TEST_CASE("load truth: a run that kept its schedule is valid", "[load]") {
    const LoadTruth truth = truth_of(quiet_run(), 0);

    CHECK(truth.valid());
    CHECK(truth.start_lag_p99_us == 200);
    CHECK_FALSE(truth.ceiling_rate.has_value());
}

TEST_CASE(
    "load truth: late starts make it invalid, above a millisecond or a hundredth of the response",
    "[load]") {
    LoadResult late = quiet_run();
    late.metrics[std::string{metric::start_lag}].record(1'500, 2);
    CHECK(truth_of(late, 0).invalid.size() == 1);

    // 1.5 ms is less than a hundredth of half a second.
    Histogram& response = late.metrics[std::string{metric::response}];
    response.clear();
    response.record(500'000, 300);
    CHECK(truth_of(late, 0).valid());
}

TEST_CASE("load truth: a busy loop makes it invalid, one busy second of many does not", "[load]") {
    LoadResult busy = quiet_run();
    busy.seconds.resize(40);
    busy.seconds[3].busiest = 0.95;
    CHECK(truth_of(busy, 0).valid());
    CHECK(truth_of(busy, 0).cpu_most == 0.95);
    busy.seconds[4].busiest = busy.seconds[5].busiest = 0.91;
    CHECK(truth_of(busy, 0).invalid.size() == 1);
    for (LoadSecond& second : busy.seconds) {
        second.warmup = true;
    }
    CHECK(truth_of(busy, 0).valid());
}

TEST_CASE("load truth: dropped calls make it invalid", "[load]") {
    LoadResult dropping = quiet_run();
    dropping.stages.resize(1);
    dropping.stages[0].counts.dropped = 1;

    CHECK(truth_of(dropping, 0).invalid.size() == 1);
}

TEST_CASE(
    "load truth: callbacks that waited for this machine's descriptors make it invalid, few of many "
    "do not",
    "[load]") {
    LoadResult large = quiet_run();
    large.counts.callbacks = 3'000;
    const LoadTruth few = truth_of(large, 0, 3);
    CHECK(few.valid());
    REQUIRE(few.remarks.size() == 1);
    CHECK(few.remarks.front().starts_with("3 callbacks or kicks were not sent in time: "));
    CHECK_FALSE(truth_of(large, 0, 4).valid());

    const LoadTruth truth = truth_of(quiet_run(), 0, 3);

    REQUIRE(truth.invalid.size() == 1);
    CHECK(truth.invalid.front().starts_with("3 callbacks or kicks were not sent in time: "));
}

TEST_CASE("load truth: the ceiling is in calls of this scenario, and to come near it is remarked",
          "[load]") {
    // 500 things for 100 calls in 10 s: 50 a second.
    CHECK(truth_of(quiet_run(), 5'000).ceiling_rate == 1'000.0);
    CHECK(truth_of(quiet_run(), 5'000).remarks.empty());
    CHECK(truth_of(quiet_run(), 60).remarks.size() == 1);
}
