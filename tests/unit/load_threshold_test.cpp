#include <algorithm>
#include <catch2/catch.hpp>

#include "harness/load/threshold.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> timers{"reaction.greet"};

Threshold read_threshold(std::string_view text) {
    auto threshold = parse_threshold(text, timers);
    INFO((threshold ? "" : to_text(threshold.error())));
    REQUIRE(threshold.ok());
    return std::move(threshold).value();
}

std::string threshold_mistake(std::string_view text) {
    const auto threshold = parse_threshold(text, timers);
    return threshold ? "none" : threshold.error().what;
}

/// 1..1000 ms as response times; 10 calls, one of which failed.
LoadResult some_result() {
    LoadResult result;
    result.counts.planned = 20;
    result.counts.finished = 10;
    result.counts.passed = 9;
    result.counts.failed = 1;
    result.counts.dropped = 5;
    result.counts.callbacks = 200;
    result.counts.errors = 10;
    for (std::uint64_t ms = 1; ms <= 1000; ++ms) {
        result.metrics["response"].record(ms * 1000);
    }
    result.metrics["reaction.greet"].record(300'000);
    LoadStepResult step;
    step.step = "answer";
    step.metrics["response"].record(5000, 3);
    result.steps.push_back(step);
    return result;
}

/// What the expression comes to: its figure, and whether it holds.
std::pair<std::optional<double>, bool> outcome(std::string_view text) {
    const ThresholdResult result = evaluate(read_threshold(text), some_result());
    return {result.value, result.held};
}

LoadSecond second_of(std::uint64_t callbacks, std::uint64_t errors) {
    LoadSecond second;
    second.callbacks = callbacks;
    second.errors = errors;
    return second;
}

AbortWatch watch(std::string_view text) { return AbortWatch{parse_abort(text).value()}; }

std::string abort_mistake(std::string_view text) {
    const auto rule = parse_abort(text);
    return rule ? "none" : rule.error().what;
}

}  // namespace

TEST_CASE("threshold: k6's grammar with times, shares and counts", "[load][threshold]") {
    CHECK(read_threshold("response:p(99)<250ms") ==
          Threshold{"response:p(99)<250ms",
                    {"response", "", Aggregate::percentile, 99},
                    Relation::below,
                    250'000});
    CHECK(read_threshold(" reaction.greet : p(99.9) >= 1m30s ") ==
          Threshold{"reaction.greet : p(99.9) >= 1m30s",
                    {"reaction.greet", "", Aggregate::percentile, 99.9},
                    Relation::at_least,
                    90'000'000});
    CHECK(read_threshold("response{step:a:b<c}:med<=1.5ms") ==
          Threshold{"response{step:a:b<c}:med<=1.5ms",
                    {"response", "a:b<c", Aggregate::med, 50},
                    Relation::at_most,
                    1500});
    CHECK(
        read_threshold("errors:rate==0%") ==
        Threshold{
            "errors:rate==0%", {"callbacks.errors", "", Aggregate::rate, 50}, Relation::equal, 0});
    CHECK(read_threshold("calls.failed:rate<0.1%").limit == Approx(0.001));
    CHECK(read_threshold("calls.failed:rate<0.001").limit == Approx(0.001));
    CHECK(read_threshold("requests.refused:count!=3").relation == Relation::unequal);
    CHECK(read_threshold("call:max>100ns").limit == Approx(0.1));
    CHECK(read_threshold("api:avg<0").limit == 0);
}

TEST_CASE("threshold: a wrong one says what was expected and found", "[load][threshold]") {
    CHECK(threshold_mistake("") == "expected a threshold such as response:p(99)<250ms, found \"\"");
    CHECK(threshold_mistake("response<250ms") ==
          "expected a threshold such as response:p(99)<250ms, found \"response<250ms\"");
    CHECK(threshold_mistake("response:p(99)") ==
          "expected a threshold such as response:p(99)<250ms, found \"response:p(99)\"");
    CHECK(threshold_mistake("respnse:p(99)<250ms") ==
          "expected a metric or a timer, found \"respnse\", did you mean \"response\"?");
    CHECK(threshold_mistake("call.failed:rate<1%") ==
          "expected a metric or a timer, found \"call.failed\", did you mean \"calls.failed\"?");
    CHECK(threshold_mistake("q:p(99)<250ms") ==
          "expected a metric or a timer, found \"q\", known are response, service, reaction, "
          "send_lag, start_lag, api, call, calls.failed, calls.finished, calls.dropped, "
          "callbacks.errors, requests.refused, errors, reaction.greet");
    CHECK(threshold_mistake("response:p99<250ms") ==
          "expected p(N), avg, min, max, med, count or rate, found \"p99\"");
    CHECK(threshold_mistake("response:p(101)<250ms") ==
          "expected a percentile of 0 to 100 such as p(99.9), found \"p(101)\"");
    CHECK(threshold_mistake("response:rate<1%") ==
          "expected p(N), avg, min, max, med or count of response, found \"rate\"");
    CHECK(threshold_mistake("calls.failed:p(99)<1s") ==
          "expected rate or count of calls.failed, found \"p(99)\"");
    CHECK(threshold_mistake("response:p(99)=250ms") ==
          "expected <, <=, >, >=, == or !=, found \"=250ms\"");
    CHECK(threshold_mistake("response:p(99)<250") ==
          "expected a time with its unit such as 250ms, found \"250\"");
    CHECK(threshold_mistake("response:p(99)<") ==
          "expected a time with its unit such as 250ms, found \"\"");
    CHECK(threshold_mistake("response:p(99)<-1s") ==
          "expected a time with its unit such as 250ms, found \"-1s\"");
    CHECK(threshold_mistake("errors:rate<5ms") ==
          "expected a percentage such as 0.1%, or a share of 1, found \"5ms\"");
    CHECK(threshold_mistake("errors:rate<5") ==
          "expected a percentage such as 0.1%, or a share of 1, found \"5\"");
    CHECK(threshold_mistake("errors:rate<101%") ==
          "expected a percentage such as 0.1%, or a share of 1, found \"101%\"");
    CHECK(threshold_mistake("errors:count<5%") == "expected a number such as 100, found \"5%\"");
    CHECK(threshold_mistake("api{step:answer}:p(99)<1s") ==
          "expected one of response, service, reaction before {step:ID}, found \"api\"");
    CHECK(threshold_mistake("response{stage:1}:p(99)<1s") ==
          "expected {step:ID} behind a metric, found \"{stage:1}\"");
    CHECK(threshold_mistake("response{step:}:p(99)<1s") ==
          "expected {step:ID} behind a metric, found \"{step:}\"");
    CHECK(
        threshold_mistake("response{step:a:p(99)<1s").starts_with("expected a threshold such as"));
    CHECK(threshold_mistake("response\x1b:p(99)<1s").find('\x1b') == std::string::npos);
}

TEST_CASE("threshold: the names it knows are those that are measured", "[load][threshold]") {
    std::vector<std::string_view> measured{metric::response, metric::service,   metric::reaction,
                                           metric::send_lag, metric::start_lag, metric::api,
                                           metric::call};
    CHECK(std::ranges::is_permutation(measured, timed_metrics));
    for (const std::string_view name : counted_metrics) {
        CAPTURE(name);
        const auto measure = parse_measure(std::string{name} + ":count", {});
        REQUIRE(measure.ok());
        CHECK(figure(measure.value(), LoadResult{}) == 0.0);
    }
}

TEST_CASE("threshold: a measure is written as it is read; a metric may be left to the reader",
          "[load][threshold]") {
    for (const char* text : {"response:p(99.9)", "response{step:answer}:med", "calls.failed:rate",
                             "api:avg", "call:min", "call:max", "call:count"}) {
        CHECK(to_text(parse_measure(text, {}).value()) == text);
    }
    CHECK(to_text(parse_measure("p(95)", {}, "response").value()) == "response:p(95)");
    CHECK_FALSE(parse_measure("p(95)", {}).ok());
}

TEST_CASE("threshold: held against what was measured", "[load][threshold]") {
    using Outcome = std::pair<std::optional<double>, bool>;
    const auto percentile = outcome("response:p(99)<1s");
    CHECK(percentile.second);
    CHECK(*percentile.first == Approx(990'000).epsilon(0.001));
    CHECK_FALSE(outcome("response:p(99)<980ms").second);
    CHECK(outcome("response:min==1ms") == Outcome{1000, true});
    CHECK(outcome("response:max>=1s").second);
    CHECK(outcome("response:med<=501ms").second);
    CHECK(*outcome("response:avg<501ms").first == Approx(500'500).epsilon(0.001));
    CHECK(outcome("response:count>999") == Outcome{1000, true});
    CHECK(outcome("reaction.greet:p(95)<400ms").second);
    CHECK(outcome("response{step:answer}:p(99)!=5ms") == Outcome{5003, true});

    CHECK(outcome("calls.failed:rate<=10%") == Outcome{0.1, true});
    CHECK(outcome("calls.failed:rate<10%") == Outcome{0.1, false});
    CHECK(outcome("calls.finished:rate>=50%") == Outcome{0.5, true});
    CHECK(outcome("calls.dropped:rate<25%") == Outcome{0.25, false});
    CHECK(outcome("errors:rate<5.1%") == Outcome{0.05, true});
    CHECK(outcome("callbacks.errors:count<10") == Outcome{10, false});
}

TEST_CASE("threshold: of what was not measured none holds, whatever it says", "[load][threshold]") {
    using Outcome = std::pair<std::optional<double>, bool>;
    CHECK(outcome("service:p(99)<1h") == Outcome{std::nullopt, false});
    CHECK(outcome("service:p(99)>0") == Outcome{std::nullopt, false});
    CHECK(outcome("response{step:other}:p(99)<1h") == Outcome{std::nullopt, false});
    CHECK(outcome("service{step:answer}:avg<1h") == Outcome{std::nullopt, false});
    CHECK(outcome("requests.refused:rate<1%") == Outcome{std::nullopt, false});
    CHECK(outcome("requests.refused:count==0") == Outcome{0, true});
    CHECK(evaluate({read_threshold("response:max<1h"), read_threshold("service:max<1h")},
                   some_result())
              .size() == 2);
}

TEST_CASE("abort: a rate is that of the whole window, and never of less", "[load][abort]") {
    AbortWatch errors = watch("errors:rate>5%@3s");

    CHECK_FALSE(errors.take(second_of(100, 100)));
    CHECK_FALSE(errors.take(second_of(100, 0)));
    CHECK(errors.take(second_of(100, 0)) == "errors:rate>5%@3s: 33.3%");
    CHECK_FALSE(errors.take(second_of(100, 0)));  // the first one is out of the window
    CHECK_FALSE(errors.take(second_of(0, 0)));
    CHECK_FALSE(errors.take(second_of(0, 0)));
    CHECK_FALSE(errors.take(second_of(0, 0)));  // nothing was measured
    CHECK(errors.take(second_of(1, 1)) == "errors:rate>5%@3s: 100%");
}

TEST_CASE("abort: the warm-up aborts nothing", "[load][abort]") {
    AbortWatch errors = watch("errors:count>=1@1s");
    LoadSecond warm = second_of(1, 1);
    warm.warmup = true;

    CHECK_FALSE(errors.take(warm));
    CHECK(errors.take(second_of(1, 1)) == "errors:count>=1@1s: 1");
}

TEST_CASE("abort: by itself a run ends when more than half have failed for ten seconds, of twenty",
          "[load][abort]") {
    const auto ends_after = [](std::uint64_t callbacks, std::uint64_t errors, bool warmup) {
        AbortWatch watch{abort_by_itself()};
        LoadSecond second = second_of(callbacks, errors);
        second.warmup = warmup;
        for (int seconds = 1; seconds <= 30; ++seconds) {
            if (watch.take(second)) {
                return seconds;
            }
        }
        return 0;
    };
    CHECK(ends_after(100, 51, false) == 10);
    CHECK(ends_after(100, 50, false) == 0);
    CHECK(ends_after(100, 100, true) == 10);
    CHECK(ends_after(2, 2, false) == 10);
    CHECK(ends_after(1, 1, false) == 0);
    AbortWatch watch{abort_by_itself()};
    for (int seconds = 1; seconds < 10; ++seconds) {
        CHECK_FALSE(watch.take(second_of(10, 10)));
    }
    CHECK(watch.take(second_of(10, 10)) == "errors:rate>50%@10s: 100%");
}

TEST_CASE("abort: a percentile must be beyond its limit in every second of the window",
          "[load][abort]") {
    AbortWatch slow = watch("response:p(99)>1s@2s");
    LoadSecond second = second_of(10, 0);
    const auto take = [&](std::uint64_t ms) {
        second.response.p99 = ms * 1000;
        return slow.take(second);
    };

    CHECK_FALSE(take(1500));
    CHECK_FALSE(take(900));
    CHECK_FALSE(take(1200));
    CHECK(take(1300) == "response:p(99)>1s@2s: 1.2s");
    second.callbacks = 0;
    CHECK_FALSE(take(1300));
}

TEST_CASE("abort: calls are watched by what the second planned", "[load][abort]") {
    AbortWatch dropped = watch("calls.dropped:rate>50%@1s");
    LoadSecond second;
    second.started = 5;
    second.dropped = 5;
    CHECK_FALSE(dropped.take(second));
    second.dropped = 6;
    CHECK(dropped.take(second) == "calls.dropped:rate>50%@1s: 54.5%");
}

TEST_CASE("abort: only what a second is kept of can be watched", "[load][abort]") {
    CHECK(abort_mistake("errors:rate>5%") ==
          "expected a rule such as errors:rate>5%@10s, found \"errors:rate>5%\"");
    CHECK(abort_mistake("errors:rte>5%@10s") ==
          "expected p(N), avg, min, max, med, count or rate, found \"rte\"");
    for (const char* time : {"@", "@0", "@1500ms", "@2h", "@soon"}) {
        CAPTURE(time);
        CHECK(abort_mistake(std::string{"errors:rate>5%"} + time) ==
              "expected whole seconds up to an hour such as @10s, found \"" + std::string{time} +
                  "\"");
    }
    for (const char* measure : {"api:p(99)", "response:p(95)", "response:avg",
                                "response{step:answer}:p(99)", "response:count"}) {
        CAPTURE(measure);
        CHECK(abort_mistake(std::string{measure} + ">1@10s").find("expected") == 0);
    }
    CHECK(abort_mistake("response:p(95)>1s@10s") ==
          "expected what a second is kept of: rate or count of calls and callbacks, or p(50), "
          "p(90), p(99), med or max of response, service or send_lag; found \"response:p(95)\"");
    CHECK(abort_mistake("requests.refused:rate>1%@10s").find("expected what a second") == 0);
}

TEST_CASE("load result: its exit status, the first of 98, 1, 99 and 130 that applies",
          "[load][result]") {
    LoadResult result;
    result.counts.planned = result.counts.finished = result.counts.passed = 10;
    CHECK(exit_status(result) == 0);

    LoadResult over = result;
    over.thresholds.push_back({"response:p(99)<250ms", 1.0, true});
    CHECK(exit_status(over) == 0);
    over.thresholds.push_back({"service:p(99)<250ms", 300'000.0, false});
    CHECK(exit_status(over) == 99);
    over.interrupted = true;
    CHECK(exit_status(over) == 99);

    LoadResult unmeasured = result;
    unmeasured.thresholds.push_back({"service:p(99)<250ms", std::nullopt, false});
    CHECK(exit_status(unmeasured) == 99);
    unmeasured.interrupted = true;
    CHECK(exit_status(unmeasured) == 130);

    LoadResult less = over;
    less.interrupted = false;
    less.counts.finished = 9;
    CHECK(exit_status(less) == 1);
    LoadResult dropped = over;
    dropped.interrupted = false;
    dropped.counts.dropped = 1;
    CHECK(exit_status(dropped) == 1);
    LoadResult aborted = over;
    aborted.aborted = "errors:rate>5%@10s: 7%";
    CHECK(exit_status(aborted) == 1);
    LoadResult failed = over;
    failed.counts.failed = 1;
    CHECK(exit_status(failed) == 1);
    failed.truth.invalid.emplace_back("start lag");
    CHECK(exit_status(failed) == 98);

    LoadResult interrupted = result;
    interrupted.interrupted = true;
    interrupted.counts.finished = 3;
    CHECK(exit_status(interrupted) == 130);
}

}  // namespace ringback
