#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include "harness/load/compare.h"
#include "harness/load/resample.h"
#include "harness/load/threshold.h"

namespace ringback {
namespace {

/// Exponential response times of that mean.
LoadResult run_of(std::uint64_t seed, std::uint64_t count, double mean_us) {
    Rng rng{seed};
    LoadResult result;
    for (std::uint64_t i = 0; i < count; ++i) {
        result.metrics["response"].record(
            static_cast<std::uint64_t>(std::llround(mean_us * draw_gamma(rng, 1))));
    }
    result.counts.planned = result.counts.started = result.counts.finished = result.counts.passed =
        count;
    result.counts.callbacks = count;
    return result;
}

FailIf read_claim(std::string_view text) {
    auto claim = parse_fail_if(text, {"reaction.greet"});
    INFO((claim ? "" : to_text(claim.error())));
    REQUIRE(claim.ok());
    return std::move(claim).value();
}

std::string claim_mistake(std::string_view text) {
    const auto claim = parse_fail_if(text, {"reaction.greet"});
    return claim ? "none" : claim.error().what;
}

ComparisonVerdict verdict(const LoadResult& base, const LoadResult& now, std::string_view claim) {
    return compare(base, now, {read_claim(claim)}).claims.at(0).verdict;
}

}  // namespace

TEST_CASE("compare: a claim is a change of a figure, of response where it says no metric",
          "[load][compare]") {
    CHECK(read_claim("p(99)>+10%") ==
          FailIf{"p(99)>+10%", {"response", "", Aggregate::percentile, 99}, true, true, 0.1});
    const FailIf step = read_claim("reaction{step:a>+b}:p(95)>+20ms");
    CHECK(step.measure == Measure{"reaction", "a>+b", Aggregate::percentile, 95});
    CHECK(step.limit == 20'000);
    CHECK_FALSE(step.relative);
    CHECK_FALSE(read_claim("calls.finished:rate<-1%").upwards);
    CHECK_FALSE(read_claim("errors:rate>+0.5%").relative);
    CHECK(read_claim("reaction.greet:avg<-5%").relative);

    CHECK(claim_mistake("p(99)>10%") ==
          "expected a change such as p(99)>+10%, found \"p(99)>10%\"");
    CHECK(claim_mistake("p(99)<+10%") ==
          "expected a change such as p(99)>+10%, found \"p(99)<+10%\"");
    CHECK(claim_mistake("max>+10%") ==
          "expected p(N), med, avg or rate, of which there is an interval, found \"max\"");
    CHECK(claim_mistake("p(99)>+10") == "expected a change such as +10% or +20ms, found \"10\"");
    CHECK(claim_mistake("p(99)>+200%") ==
          "expected a percentage of 0 to 100 such as +10%, found \"200%\"");
    CHECK(claim_mistake("errors:rate>+5ms") ==
          "expected percentage points such as +0.5%, found \"5ms\"");
    CHECK(claim_mistake("respnse:p(99)>+1%").find("did you mean \"response\"?") !=
          std::string::npos);
}

TEST_CASE("compare: the interval covers the true difference about 95 times of 100",
          "[load][compare]") {
    // Exponential: the median is ln 2 and p(95) ln 20 means. So is the change: 10 %.
    const Measure median{"response", "", Aggregate::med, 50};
    int covered_median = 0;
    int covered_mean = 0;
    for (std::uint64_t round = 0; round < 200; ++round) {
        const LoadResult base = run_of(1000 + round, 200, 100'000);
        const LoadResult now = run_of(5000 + round, 200, 110'000);
        const LoadComparison told = compare(base, now, {}, Seed{round});
        const auto covers = [&](std::size_t row, double change) {
            const auto& interval = told.differences.at(row).interval;
            return interval && interval->low <= change && change <= interval->high ? 1 : 0;
        };
        covered_median += covers(0, 10'000 * std::log(2));
        covered_mean += covers(2, 10'000);
    }
    // 190 of 200, give or take 3; the edges are four deviations off.
    CHECK(covered_median >= 177);
    CHECK(covered_median <= 199);
    CHECK(covered_mean >= 177);
    CHECK(covered_mean <= 199);
    CHECK(compare(run_of(1, 9, 1), run_of(2, 9, 1), {}).differences.at(0).measure == median);
}

TEST_CASE("compare: crossed only where the whole interval is beyond the limit", "[load][compare]") {
    const LoadResult base = run_of(1, 20'000, 100'000);
    const LoadResult same = run_of(2, 20'000, 100'000);
    const LoadResult worse = run_of(3, 20'000, 130'000);

    CHECK(verdict(base, worse, "p(99)>+10%") == ComparisonVerdict::crossed);
    CHECK(verdict(base, worse, "p(99)>+30%") == ComparisonVerdict::not_established);
    CHECK(verdict(base, worse, "p(99)>+60%") == ComparisonVerdict::held);
    CHECK(verdict(base, worse, "med>+10ms") == ComparisonVerdict::crossed);
    CHECK(verdict(base, worse, "avg>+25ms") == ComparisonVerdict::crossed);
    CHECK(verdict(base, same, "p(99)>+10%") == ComparisonVerdict::held);
    CHECK(verdict(base, same, "p(99)>+0%") == ComparisonVerdict::not_established);
    CHECK(verdict(worse, base, "p(99)<-10%") == ComparisonVerdict::crossed);
    CHECK(verdict(base, worse, "p(99)<-10%") == ComparisonVerdict::held);
    CHECK(compare(base, worse, {read_claim("p(99)>+60%"), read_claim("p(99)>+10%")}).crossed());
    CHECK_FALSE(compare(base, worse, {read_claim("p(99)>+60%")}).crossed());

    // 30 % more, but of ten calls: nobody knows.
    const LoadResult few = run_of(1, 60, 100'000);
    const LoadResult few_worse = run_of(3, 60, 130'000);
    CHECK(verdict(few, few_worse, "med>+10%") == ComparisonVerdict::not_established);
    const auto claim = compare(few, few_worse, {read_claim("p(99)>+10%")}).claims.at(0);
    CHECK(claim.verdict == ComparisonVerdict::not_established);
    CHECK(claim.difference.remark ==
          "base: 60 values are too few for p(99); new: 60 values are too few for p(99)");
}

TEST_CASE("compare: rates are compared in percentage points, even from none", "[load][compare]") {
    LoadResult base = run_of(1, 1000, 100'000);
    LoadResult now = base;
    now.counts.failed = 50;
    CHECK(verdict(base, now, "calls.failed:rate>+1%") == ComparisonVerdict::crossed);
    CHECK(verdict(base, now, "calls.failed:rate>+10%") == ComparisonVerdict::held);
    now.counts.failed = 2;
    CHECK(verdict(base, now, "calls.failed:rate>+0%") == ComparisonVerdict::not_established);
    now.counts.finished = 0;
    CHECK(verdict(base, now, "calls.failed:rate>+0%") == ComparisonVerdict::not_established);
}

TEST_CASE("compare: an invalid run establishes nothing, a different plan is remarked",
          "[load][compare]") {
    const LoadResult base = run_of(1, 20'000, 100'000);
    LoadResult worse = run_of(3, 20'000, 200'000);
    worse.truth.invalid.emplace_back("a loop was busy for 97 %");
    worse.plan.stages.push_back({std::chrono::seconds{1}, 5, 5});

    const LoadComparison told = compare(base, worse, {read_claim("p(99)>+10%")});

    CHECK_FALSE(told.crossed());
    CHECK(told.remarks == std::vector<std::string>{"new is invalid: a loop was busy for 97 %",
                                                   "the planned arrivals differ"});
}

TEST_CASE("compare: the same seed gives the same, whatever else is asked", "[load][compare]") {
    const LoadResult base = run_of(1, 500, 100'000);
    const LoadResult now = run_of(2, 500, 120'000);
    const auto one = compare(base, now, {read_claim("p(90)>+1%")}, Seed{7});
    const auto two = compare(base, now, {read_claim("avg>+1%"), read_claim("p(90)>+1%")}, Seed{7});

    CHECK(comparison_json(one).at("claims").at(0) == comparison_json(two).at("claims").at(1));
    CHECK(comparison_json(one) !=
          comparison_json(compare(base, now, {read_claim("p(90)>+1%")}, Seed{8})));
}

TEST_CASE("compare: told in 80 columns, and as JSON with units", "[load][compare]") {
    LoadResult base = run_of(1, 20'000, 100'000);
    LoadResult now = run_of(3, 20'000, 130'000);
    base.metrics["a timer with quite a long name"].record(1500, 5);
    now.metrics["a timer with quite a long name"].record(2500, 5);
    const LoadComparison told =
        compare(base, now, {read_claim("p(99)>+10%"), read_claim("service:med>+1ms")});

    const std::string text = comparison_text(told);
    std::istringstream lines{text};
    std::string line;
    while (std::getline(lines, line)) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
    }
    CAPTURE(text);
    CHECK(text.find("response:p(99)") != std::string::npos);
    CHECK(text.find("crossed: p(99)>+10%\n    +") != std::string::npos);
    CHECK(text.find("not established: service:med>+1ms\n    -, base: nothing was measured") !=
          std::string::npos);

    const auto json = comparison_json(told);
    CHECK(json.at("confidence") == 0.95);
    CHECK(json.at("claims").at(0).at("verdict") == "crossed");
    CHECK(json.at("differences").at(0).at("base_us").is_number());
    CHECK(json.at("differences").at(0).at("difference_relative").at("low") > 0.2);
    CHECK(json.at("claims").at(1).at("difference").at("base_us").is_null());
}

TEST_CASE("resample: draws have the mean and the spread of their distribution", "[load][compare]") {
    const auto check = [](double mean, double variance, const Resample& draw) {
        constexpr int n = 20'000;
        Rng rng{7};
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
            const double x = draw(rng);
            sum += x;
            squares += (x - mean) * (x - mean);
        }
        CAPTURE(mean, variance);
        CHECK(std::abs(sum / n - mean) < 4 * std::sqrt(variance / n));
        CHECK(squares / n == Approx(variance).epsilon(0.1));
    };
    check(0, 1, draw_normal);
    for (const double shape : {0.5, 1.0, 3.7, 400.0}) {
        check(shape, shape, [=](Rng& rng) { return draw_gamma(rng, shape); });
    }
    for (const double mean : {0.3, 1.0, 50.0, 101.0, 10'000.0}) {
        check(mean, mean, [=](Rng& rng) { return draw_poisson(rng, mean); });
    }
    check(0.25, 0.25 * 0.75 / 9, [](Rng& rng) { return draw_beta(rng, 2, 6); });
}

// The claim that one Beta draw is as good as n draws of a value: held against doing it.
TEST_CASE("resample: a percentile drawn at once spreads like one of n draws", "[load][compare]") {
    const LoadResult run = run_of(5, 400, 100'000);
    const Measure measure{"response", "", Aggregate::percentile, 90};
    const auto at_once = resample_of(measure, run);
    REQUIRE(std::holds_alternative<Resample>(at_once));
    std::vector<std::uint64_t> values;
    run.metrics.at("response").each([&](std::uint64_t value, std::uint64_t count) {
        values.insert(values.end(), count, value);
    });

    Rng rng{11};
    std::vector<double> slow;
    std::vector<double> fast;
    for (int round = 0; round < 2000; ++round) {
        Histogram drawn;
        for (std::size_t i = 0; i < values.size(); ++i) {
            drawn.record(values[rng.below(values.size())]);
        }
        slow.push_back(static_cast<double>(drawn.percentile(90)));
        fast.push_back(std::get<Resample>(at_once)(rng));
    }
    std::ranges::sort(slow);
    std::ranges::sort(fast);
    for (const std::size_t at : {50U, 500U, 1000U, 1500U, 1950U}) {
        CAPTURE(at);
        CHECK(fast[at] == Approx(slow[at]).epsilon(0.03));
    }
}

}  // namespace ringback
