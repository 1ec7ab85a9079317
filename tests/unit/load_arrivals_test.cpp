#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "harness/load/arrival_schedule.h"
#include "harness/load/plan_text.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

LoadPlan plan_of(const std::vector<std::string>& stages) {
    LoadPlan plan;
    plan.stages = parse_stages(stages).value();
    return plan;
}

ArrivalSchedule schedule_of(const LoadPlan& plan) {
    auto schedule = ArrivalSchedule::of(plan);
    INFO((schedule ? "" : to_text(schedule.error())));
    REQUIRE(schedule.ok());
    return std::move(schedule).value();
}

ArrivalSchedule schedule_of(const std::vector<std::string>& stages) {
    return schedule_of(plan_of(stages));
}

std::vector<Arrival> all_of(const ArrivalSchedule& schedule, Segment share = {}) {
    std::vector<Arrival> arrivals;
    ArrivalCursor cursor{schedule, share};
    while (const auto arrival = cursor.next()) {
        arrivals.push_back(*arrival);
    }
    return arrivals;
}

std::vector<Duration> times_of(const std::vector<Arrival>& arrivals) {
    std::vector<Duration> times;
    times.reserve(arrivals.size());
    for (const Arrival& arrival : arrivals) {
        times.push_back(arrival.at);
    }
    return times;
}

std::string mistake_in(const LoadPlan& plan) {
    const auto schedule = ArrivalSchedule::of(plan);
    return schedule ? "none" : to_text(schedule.error());
}

/// Up to five stages, even ones and ramps, pauses, whole and broken rates.
LoadPlan random_plan(Seed seed) {
    Rng rng{Rng::stream_of(seed, hash_of("plan"), 0)};
    const auto rate = [&] {
        const auto whole = static_cast<double>(rng.below(60));
        return rng.below(2) == 0 ? whole : whole + static_cast<double>(rng.below(1000)) / 997;
    };
    LoadPlan plan;
    plan.stages.push_back({1s, 1, 1});  // something always starts
    for (std::uint64_t left = rng.below(5); left > 0; --left) {
        LoadStage stage{std::chrono::nanoseconds{1 + rng.below(20'000'000'000)}, rate(), 0};
        stage.rate_to = rng.below(2) == 0 ? stage.rate_from : rate();
        plan.stages.push_back(stage);
    }
    plan.seed = test::number_of(seed);
    return plan;
}

/// What the rates add up to by `until`: by hand, not by what is tested.
double integral(const std::vector<LoadStage>& stages, Duration until) {
    double calls = 0;
    Duration begin{};
    for (const LoadStage& stage : stages) {
        const double whole = Seconds{stage.duration}.count();
        const double part = std::clamp(Seconds{until - begin}.count(), 0.0, whole);
        const double end_rate = stage.rate_from + (stage.rate_to - stage.rate_from) * part / whole;
        calls += (stage.rate_from + end_rate) / 2 * part;
        begin += stage.duration;
    }
    return calls;
}

}  // namespace

TEST_CASE("arrivals: a constant rate starts its first call at once and then evenly",
          "[load][arrivals]") {
    const auto schedule = schedule_of({"1s:4"});

    CHECK(times_of(all_of(schedule)) == std::vector<Duration>{0ms, 250ms, 500ms, 750ms});
    CHECK(schedule.total() == 4);
    CHECK(schedule.duration() == 1s);
    CHECK(schedule.rate_at(999ms) == 4);
    CHECK(schedule.rate_at(1s) == 0);
}

TEST_CASE("arrivals: a thousand million calls later it is still exact", "[load][arrivals]") {
    const auto schedule = schedule_of({"10s:50", "9000h:3000"});

    CHECK(schedule.total() == 500 + 9000ULL * 3600 * 3000);
    CHECK(schedule.reached({500, 0}) == 10s);
    CHECK(schedule.reached({500 + 3'000'000'000, 0}) == 10s + 1'000'000s);
    CHECK(schedule.reached({500 + 3'000'000'001, 0}) == 10s + 1'000'000s + 333'333ns);
    CHECK(schedule.reached({500 + 3'000'000'002, 0}) == 10s + 1'000'000s + 666'666ns);
    CHECK(schedule.starts_before(10s + 1'000'000s) == 500 + 3'000'000'000);
}

TEST_CASE("arrivals: a stage takes up what the one before has left of a call", "[load][arrivals]") {
    // 1.5 calls, then 10 a second: the third call is due half a call, 50 ms, into the second stage.
    const auto schedule = schedule_of({"500ms:3", "1s:10"});

    const auto arrivals = all_of(schedule);
    REQUIRE(arrivals.size() == 12);  // of 11.5
    CHECK(arrivals[0] == Arrival{0, 0ms, 0, false});
    CHECK(arrivals[1].at == 333'333'333ns);
    CHECK(arrivals[2] == Arrival{2, 550ms, 1, false});
    CHECK(arrivals[11] == Arrival{11, 1450ms, 1, false});
}

TEST_CASE("arrivals: a ramp starts its calls where its rate has added up to them",
          "[load][arrivals]") {
    // n calls after sqrt(n / 50) s up, mirrored down.
    const auto up = all_of(schedule_of({"2s:0..200"}));
    const auto down = all_of(schedule_of({"2s:200..0"}));

    REQUIRE(up.size() == 200);
    REQUIRE(down.size() == 200);
    for (std::size_t n = 0; n < 200; ++n) {
        CAPTURE(n);
        REQUIRE(Seconds{up[n].at}.count() ==
                Approx(std::sqrt(static_cast<double>(n) / 50)).margin(2e-9));
        REQUIRE(Seconds{down[n].at}.count() ==
                Approx(2 - std::sqrt(static_cast<double>(200 - n) / 50)).margin(2e-8));
    }
}

TEST_CASE("arrivals: nothing starts in a pause, and what was due at its begin after it",
          "[load][arrivals]") {
    const auto schedule = schedule_of({"1s:2", "1h:0", "1s:2"});

    CHECK(times_of(all_of(schedule)) == std::vector<Duration>{0s, 500ms, 1h + 1s, 1h + 1s + 500ms});
    CHECK(schedule.rate_at(30min) == 0);
    CHECK(schedule.stage_at(1s) == 1);
    CHECK(schedule.stage_at(2h) == 2);
}

TEST_CASE("arrivals: rates that are no binary numbers add up to whole calls all the same",
          "[load][arrivals]") {
    CHECK(schedule_of({"3h:20/3s"}).total() == 72'000);
    CHECK(schedule_of({"9000h:1/7s"}).total() == 4'628'572);  // of 4,628,571.4
    CHECK(schedule_of({"7000h:1/7s"}).total() == 3'600'000);
    CHECK(schedule_of({"1s:0.1", "1s:0.2", "1s:0.7"}).total() == 1);
}

TEST_CASE("arrivals: --calls ends the run with that many", "[load][arrivals]") {
    LoadPlan plan = plan_of({"10s:100"});
    plan.calls = 250;
    CHECK(schedule_of(plan).total() == 250);
    CHECK(schedule_of(plan).duration() == 2500ms);
    CHECK(all_of(schedule_of(plan)).size() == 250);

    plan.calls = 5000;
    CHECK(schedule_of(plan).total() == 1000);
    CHECK(schedule_of(plan).duration() == 10s);

    plan.calls = 250;
    plan.arrivals = Arrivals::poisson;
    CHECK(schedule_of(plan).total() == 250);
    CHECK(all_of(schedule_of(plan)).size() == 250);
}

TEST_CASE("arrivals: a trace starts its calls as it says", "[load][arrivals]") {
    LoadPlan plan;
    plan.arrivals = Arrivals::trace;
    plan.trace = {0s, 250ms, 250ms, 1s, 61s};
    plan.warmup = 250ms;

    const auto schedule = schedule_of(plan);
    CHECK(times_of(all_of(schedule)) == plan.trace);
    CHECK(all_of(schedule)[0].warmup);
    CHECK_FALSE(all_of(schedule)[1].warmup);
    CHECK(schedule.duration() == 61s);
    CHECK(schedule.total() == 5);
    CHECK(schedule.total({1, 2}) == 2);
    CHECK(schedule.starts_before(1s) == 3);
    CHECK(schedule.rate_at(0s) == 3);
    CHECK(schedule.rate_at(61s) == 1);
    CHECK(schedule.rate_at(62s) == 0);

    plan.calls = 2;
    CHECK(times_of(all_of(schedule_of(plan))) == std::vector<Duration>{0s, 250ms});
}

TEST_CASE("arrivals: what cannot be done is refused with its place", "[load][arrivals]") {
    CHECK(mistake_in(LoadPlan{}) == "expected a stage, found none");
    CHECK(mistake_in(plan_of({"1s:1", "1s:20000000"})) ==
          "stage 2: expected a rate of 0 to 10000000 calls per second, found 20000000");
    CHECK(mistake_in(plan_of({"9000h:1", "9000h:1"})) ==
          "stage 2: expected a time above 0, and 10000h for all, found 9000h");
    CHECK(mistake_in(plan_of({"1s:0", "1s:0"})) == "expected a rate above 0, found none");

    LoadPlan plan = plan_of({"10s:1"});
    plan.stages[0].rate_to = std::nan("");
    CHECK(mistake_in(plan) ==
          "stage 1: expected a rate of 0 to 10000000 calls per second, found nan");
    plan = plan_of({"10s:1"});
    plan.warmup = 10s;
    CHECK(mistake_in(plan) == "expected a warm-up below the 10s of the run, found 10s");
    plan.warmup = 0s;
    plan.segment = {2, 2};
    CHECK(mistake_in(plan) == "expected a segment of 1 to 2, found 3");
    plan.segment = {};
    plan.calls = 0;
    CHECK(mistake_in(plan) == "expected at least one call, found 0");
    plan.calls = 1;
    plan.arrivals = Arrivals::trace;
    CHECK(mistake_in(plan) == "expected the times of a trace, found none");
    plan.trace = {2s, 1s};
    CHECK(mistake_in(plan) == "expected the times of a trace to ascend from 0");
}

TEST_CASE("arrivals: however the stages are, starts ascend and follow the sum of the rate",
          "[load][arrivals][property]") {
    for (const Seed seed : test::seeds(200)) {
        CAPTURE(test::number_of(seed));
        const LoadPlan plan = random_plan(seed);
        const auto schedule = schedule_of(plan);
        const auto arrivals = all_of(schedule);

        REQUIRE(arrivals.size() == schedule.total());
        REQUIRE(std::ranges::is_sorted(arrivals, {}, &Arrival::at));
        for (std::uint64_t n = 0; n < arrivals.size(); ++n) {
            const Arrival& arrival = arrivals[n];
            CAPTURE(n);
            REQUIRE(arrival.n == n);
            REQUIRE(std::abs(integral(plan.stages, arrival.at) - static_cast<double>(n)) < 1e-6);
            REQUIRE(schedule.starts_before(arrival.at + 1ns) >= n + 1);
            REQUIRE(schedule.starts_before(arrival.at) <= n);
        }
        Rng rng{test::number_of(seed)};
        for (int i = 0; i < 20; ++i) {
            const Duration at{rng.below(static_cast<std::uint64_t>(schedule.duration().count()))};
            const double due = integral(plan.stages, at);
            REQUIRE(std::abs(static_cast<double>(schedule.starts_before(at)) - due) <= 1.0 + 1e-6);
        }
    }
}

TEST_CASE("arrivals: the segments of all workers together are the whole, each call once",
          "[load][arrivals][property]") {
    for (const Seed seed : test::seeds(60)) {
        CAPTURE(test::number_of(seed));
        LoadPlan plan = random_plan(seed);
        plan.arrivals = test::number_of(seed) % 2 == 0 ? Arrivals::constant : Arrivals::poisson;
        plan.warmup = 500ms;
        const auto schedule = schedule_of(plan);

        std::vector<Arrival> together;
        for (std::size_t segment = 0; segment < 3; ++segment) {
            for (std::size_t worker = 0; worker < 2; ++worker) {
                const Segment share = share_of({segment, 3}, worker, 2);
                const auto part = all_of(schedule, share);
                REQUIRE(part.size() == schedule.total(share));
                for (const Arrival& arrival : part) {
                    REQUIRE(arrival.n % 3 == segment);
                }
                together.insert(together.end(), part.begin(), part.end());
            }
        }
        std::ranges::sort(together, {}, &Arrival::n);
        REQUIRE(together == all_of(schedule));
        REQUIRE(schedule.total() == together.size());
    }
}

TEST_CASE("arrivals: a Poisson process depends on its seed and nothing else", "[load][arrivals]") {
    LoadPlan plan = plan_of({"100s:10..30"});
    plan.arrivals = Arrivals::poisson;
    const auto first = all_of(schedule_of(plan));
    CHECK(all_of(schedule_of(plan)) == first);

    plan.seed = 43;
    CHECK(all_of(schedule_of(plan)) != first);

    // Pinned: the same seed starts the same calls in every version.
    CHECK(first.size() == 1941);
    CHECK(first.front().at / 1us == 248'871);
    CHECK(first.back().at / 1us == 99'920'509);
}

TEST_CASE("arrivals: Poisson gaps are exponential, and counts scatter like their mean",
          "[load][arrivals]") {
    LoadPlan plan = plan_of({"1000s:50"});
    plan.arrivals = Arrivals::poisson;
    for (plan.seed = 1; plan.seed <= 5; ++plan.seed) {
        CAPTURE(plan.seed);
        const auto times = times_of(all_of(schedule_of(plan)));
        const auto n = static_cast<double>(times.size());
        REQUIRE(std::abs(n - 50'000) < 4 * std::sqrt(50'000));

        // Kolmogorov and Smirnov: no further from 1 - exp(-50 t) than chance takes one time in
        // 1000.
        std::vector<double> gaps{Seconds{times[0]}.count()};
        std::vector<double> counts(1000);
        for (std::size_t i = 1; i < times.size(); ++i) {
            gaps.push_back(Seconds{times[i] - times[i - 1]}.count());
        }
        for (const Duration time : times) {
            counts[static_cast<std::size_t>(time / 1s)] += 1;
        }
        std::ranges::sort(gaps);
        double distance = 0;
        for (std::size_t i = 0; i < gaps.size(); ++i) {
            const double expected = 1 - std::exp(-50 * gaps[i]);
            distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                                 std::abs(expected - static_cast<double>(i + 1) / n)});
        }
        CHECK(distance < 1.95 / std::sqrt(n));

        double squares = 0;
        for (const double count : counts) {
            squares += (count - n / 1000) * (count - n / 1000);
        }
        // Chi-square with 999 degrees of freedom: 1 with a deviation of 0.045.
        CHECK(squares / 999 / (n / 1000) == Approx(1).margin(0.15));
    }
}

TEST_CASE("arrivals: a Poisson process follows a ramp", "[load][arrivals]") {
    LoadPlan plan = plan_of({"1000s:0..100"});
    plan.arrivals = Arrivals::poisson;
    const auto schedule = schedule_of(plan);

    // By the middle a quarter has come: 12,500, give or take 112.
    CHECK(std::abs(static_cast<double>(schedule.starts_before(500s)) - 12'500) < 450);
    CHECK(std::abs(static_cast<double>(schedule.total()) - 50'000) < 900);
    CHECK(schedule.total({0, 2}) + schedule.total({1, 2}) == schedule.total());
}

}  // namespace ringback
