#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "harness/load/ledger.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

LoadPlan two_stages() {
    LoadPlan plan;
    plan.stages = {{10s, 5, 5}, {10s, 20, 20}};
    return plan;
}

AttemptFigures answered(WallInstant sent, Duration after) {
    AttemptFigures figures;
    figures.end = AttemptEnd::answered;
    figures.status = 200;
    figures.connected = sent;
    figures.sent = sent;
    figures.last_byte = sent + after;
    figures.ended = sent + after;
    return figures;
}

LoadResult written(const Ledger& ledger) {
    LoadResult result;
    ledger.write_to(result);
    return result;
}

constexpr WallInstant start{1000s};

}  // namespace

TEST_CASE("load ledger: response counts from when it was due, service from when it was sent",
          "[load]") {
    Ledger ledger{two_stages()};
    const Arrival first{0, 0s, 0, false};
    ledger.started(first, 100us);
    const AttemptFigures figures = answered(start + 30ms, 5ms);
    ledger.callback(first, {"answer", start, figures, true, ""});
    ledger.ended(first, "", 40ms);

    const LoadResult result = written(ledger);
    CHECK(result.metrics.at("response").max() / 100 == 350);
    CHECK(result.metrics.at("service").max() / 100 == 50);
    CHECK(result.metrics.at("send_lag").max() / 100 == 300);
    CHECK(result.counts.started == 1);
    CHECK(result.counts.passed == 1);
    CHECK(result.counts.connections_opened == 1);
    REQUIRE(result.steps.size() == 1);
    CHECK(result.steps[0].step == "answer");
    CHECK(result.steps[0].metrics.at("response").count() == 1);
}

TEST_CASE("load ledger: what belongs to a stage is counted there, and the sum is the whole",
          "[load]") {
    Ledger ledger{two_stages()};
    ledger.started({0, 1s, 0, false}, 1us);
    ledger.started({1, 11s, 1, false}, 1us);
    ledger.dropped({2, 12s, 1, false});

    const LoadResult result = written(ledger);
    REQUIRE(result.stages.size() == 2);
    CHECK(result.stages[0].counts.planned == 1);
    CHECK(result.stages[1].counts.planned == 2);
    CHECK(result.stages[1].counts.dropped == 1);
    CHECK(result.counts.planned == 3);
    CHECK(ledger.in_flight() == 2);
}

TEST_CASE("load ledger: a histogram stays the same one while stages and steps are added",
          "[load]") {
    Ledger ledger{two_stages()};
    const Arrival early{0, 1s, 0, false};
    const Arrival late{1, 11s, 1, false};
    const AttemptFigures figures = answered(start + 2ms, 5ms);
    const auto take = [&](const Arrival& arrival, const std::string& step) {
        ledger.callback(arrival, {step, start, figures, true, ""});
    };
    take(early, "first");
    take(late, "first");
    LoadPlan longer = two_stages();
    for (int i = 0; i < 100; ++i) {
        take(early, fmt::format("step {}", i));
        longer.stages.push_back({1s, 1, 1});
        ledger.replan(longer);
    }
    take(early, "first");
    take(late, "first");

    const LoadResult result = written(ledger);
    REQUIRE(result.steps.front().step == "first");
    CHECK(result.steps.front().metrics.at("response").count() == 4);
    REQUIRE(result.stages.size() == 102);
    CHECK(result.stages[0].metrics.at("response").count() == 102);
    CHECK(result.stages[1].metrics.at("service").count() == 2);
}

TEST_CASE("load ledger: a kick is measured at its step, and is no callback", "[load][kick]") {
    Ledger ledger{two_stages()};
    const Arrival one{0, 0s, 0, false};
    const AttemptFigures figures = answered(start + 2ms, 5ms);
    AttemptFigures lost;
    lost.end = AttemptEnd::timed_out;
    ledger.kicked(one, {"start", start, figures, true, "", "kick"});
    ledger.kicked(one, {"start", start, lost, false, "timed_out", "kick"});
    ledger.kicked({1, 0s, 0, true}, {"start", start, figures, true, "", "kick"});  // a warm-up's
    ledger.unexpected();

    const LoadResult result = written(ledger);
    CHECK(result.counts == LoadCounts{});
    CHECK(result.metrics.empty());
    REQUIRE(result.steps.size() == 1);
    CHECK(result.steps[0].metrics.at("response").count() == 1);
    CHECK(result.steps[0].metrics.at("response").max() / 100 == 70);
    CHECK(result.steps[0].metrics.at("service").max() / 100 == 50);
    CHECK(result.unexpected == 1);
}

TEST_CASE("load ledger: events that faults dropped are counted, and when the first was",
          "[load][faults]") {
    Ledger ledger{two_stages()};
    CHECK(written(ledger).lost.events == 0);
    ledger.close_second(1, 0, 0, false);
    ledger.close_second(1, 0, 0, false);
    ledger.lost();
    ledger.close_second(1, 0, 0, false);
    ledger.lost();

    CHECK(written(ledger).lost.events == 2);
    CHECK(written(ledger).lost.first_s == 2);
    CHECK(written(ledger).counts == LoadCounts{});
}

TEST_CASE("load ledger: the warm-up stands in the seconds only", "[load]") {
    Ledger ledger{two_stages()};
    const Arrival warm{0, 0s, 0, true};
    ledger.started(warm, 1us);
    const AttemptFigures figures = answered(start, 1ms);
    ledger.callback(warm, {"answer", start, figures, true, ""});
    ledger.reaction(warm, "answer", 1ms);
    ledger.timer(warm, "t", 1ms);
    ApiExchange request;
    request.status = 200;
    request.handled_in = 1ms;
    ledger.request(&warm, request);
    ledger.ended(warm, "it failed", 1ms);
    const LoadSecond row = ledger.close_second(5, 0, 0.1, true).row;

    const LoadResult result = written(ledger);
    CHECK(result.counts == LoadCounts{});
    CHECK(result.metrics.empty());
    CHECK(result.failures.empty());
    CHECK(row.started == 1);
    CHECK(row.failed == 1);
    CHECK(row.response.max > 0);
    CHECK(row.warmup);
}

TEST_CASE("load ledger: a second holds what ended in it, and the next begins empty", "[load]") {
    Ledger ledger{two_stages()};
    const Arrival one{0, 0s, 0, false};
    ledger.started(one, 1us);
    const AttemptFigures figures = answered(start, 2ms);
    ledger.callback(one, {"answer", start, figures, true, ""});
    const MeasuredSecond& first = ledger.close_second(5, 1, 0.5, false);
    CHECK(first.row.callbacks == 1);
    CHECK(first.response.count() == 1);
    const MeasuredSecond& second = ledger.close_second(5, 1, 0.5, false);
    CHECK(second.row.callbacks == 0);
    CHECK(second.response.empty());
    CHECK(ledger.seconds().size() == 2);
    CHECK(ledger.seconds()[1].second == 1);
}

TEST_CASE("load ledger: of very many different causes the rest is one", "[load]") {
    Ledger ledger{two_stages()};
    const Arrival one{0, 0s, 0, false};
    for (int n = 0; n < 1000; ++n) {
        ledger.started(one, 1us);
        ledger.ended(one, fmt::format("cause {}", n), 1ms);
    }

    const LoadResult result = written(ledger);
    CHECK(result.failures.size() == 201);
    CHECK(result.failures.at("others") == 800);
    CHECK(result.counts.failed == 1000);
}
