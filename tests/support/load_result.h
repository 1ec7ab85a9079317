#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "harness/load/result.h"

namespace ringback::test {

/// What breaks out of every report that does not look after it.
inline const std::string hostile_text{"</script><b>\"'&]]>|`\n::error::\x1b[2J\x01\xff%0A"};

/// `count` values that go evenly from one to the other.
inline Histogram spread(std::uint64_t from, std::uint64_t to, std::uint64_t count) {
    Histogram histogram;
    for (std::uint64_t n = 0; n < count; ++n) {
        histogram.record(from + (to - from) * n / (count > 1 ? count - 1 : 1));
    }
    return histogram;
}

inline nlohmann::json sample_run() {
    using nlohmann::json;
    const auto entry = [](std::uint64_t seq, json members) {
        members.update({{"seq", seq},
                        {"time", "2026-01-05T09:00:0" + std::to_string(seq) + ".000Z"},
                        {"wall", {{"at_us", seq * 1000}}}});
        return members;
    };
    return {{"scenario", "menu"},
            {"about", "Asks."},
            {"file", "menu.json"},
            {"seed", 42},
            {"user", "u-1"},
            {"result", "failed"},
            {"modelled_ms", 2000},
            {"wall_ms", 2010},
            {"expectations",
             {{{"name", "answer"},
               {"result", "passed"},
               {"file", "menu.json"},
               {"expected", "event answer"}},
              {{"name", "say"},
               {"result", "failed"},
               {"file", "menu.json"},
               {"expected", "POST /audio"},
               {"got", hostile_text},
               {"seq", std::uint64_t{3}}}}},
            {"steps", {"answer"}},
            {"journal",
             {entry(1, {{"kind", "api"},
                        {"method", "POST"},
                        {"path", "/v1/users/u-1/calls"},
                        {"status", 201},
                        {"request", {{"to", "+15550100001"}}}}),
              entry(2, {{"kind", "event"},
                        {"call", "c-1"},
                        {"delivery", 2},
                        {"event", "answer"},
                        {"method", "POST"},
                        {"url", "http://127.0.0.1:3000/"},
                        {"payload", {{"eventType", "answer"}, {"tag", hostile_text}}}}),
              entry(3, {{"kind", "api"},
                        {"method", "POST"},
                        {"path", "/v1/users/u-1/calls/c-1/audio"},
                        {"status", 200},
                        {"request", {{"sentence", hostile_text}}}})}}};
}

/// Ten seconds of load on the menu, one of them warm-up: 360 calls measured, three of which failed.
/// The same every time.
inline LoadResult sample_load() {
    using std::chrono::seconds;
    LoadResult result;
    result.scenario = "menu";
    result.file = "tests/receivers/menu.json";
    result.target = "http://127.0.0.1:3000/";
    result.started_at = "2026-01-05T09:00:00.000Z";
    result.plan.stages = {{seconds{5}, 20, 60}, {seconds{5}, 40, 40}};
    result.plan.warmup = seconds{1};
    result.timers = {{"reaction.greet", "answer", "say"}};
    result.duration_s = 12.5;
    result.counts = {.planned = 360,
                     .started = 360,
                     .finished = 360,
                     .passed = 357,
                     .failed = 3,
                     .dropped = 0,
                     .callbacks = 1443,
                     .delivered = 1436,
                     .errors = 7,
                     .requests = 1080,
                     .requests_refused = 2,
                     .connections_opened = 12,
                     .connections_reused = 1431,
                     .connections_refused = 0};
    result.metrics = {
        {"response", spread(900, 180'000, 1443)},    {"service", spread(800, 24'000, 1443)},
        {"reaction", spread(1'500, 40'000, 1080)},   {"send_lag", spread(3, 120, 1443)},
        {"start_lag", spread(2, 95, 360)},           {"api", spread(60, 400, 1080)},
        {"call", spread(2'000'000, 2'500'000, 360)}, {"reaction.greet", spread(1'500, 9'000, 360)}};
    result.failures = {{"say: body.tag expected \"menu\", got nothing", 2},
                       {"say: " + hostile_text, 1}};
    result.errors = {{"answer: 500", 6}, {"connect: refused", 1}};
    LoadCounts half;
    half.planned = half.started = half.finished = 180;
    half.passed = 177;
    half.failed = 3;
    half.callbacks = 721;
    half.delivered = 714;
    half.errors = 7;
    result.stages = {{result.plan.stages[0], half, {{"response", spread(900, 9'000, 721)}}},
                     {result.plan.stages[1],
                      {.planned = 180,
                       .started = 180,
                       .finished = 180,
                       .passed = 180,
                       .callbacks = 722,
                       .delivered = 722},
                      {{"response", spread(900, 180'000, 722)}}}};
    result.steps = {
        {"answer",
         360,
         0,
         {{"response", spread(900, 40'000, 360)}, {"service", spread(800, 20'000, 360)}}},
        {"say", 357, 3, {{"reaction", spread(1'500, 9'000, 357)}}}};
    for (std::uint32_t second = 0; second < 12; ++second) {
        LoadSecond row;
        row.second = second;
        row.warmup = second < 1;
        row.planned_rate = second < 5 ? 24 + 8 * second : second < 10 ? 40 : 0;
        row.started = static_cast<std::uint64_t>(row.planned_rate);
        row.finished = second < 2 ? 0 : second < 11 ? 40 : 0;
        row.failed = second == 4 ? 3 : 0;
        row.in_flight = second < 10 ? 80 : 40;
        row.callbacks = 4 * row.finished;
        row.errors = second == 4 ? 7 : 0;
        row.requests = 3 * row.finished;
        const std::uint64_t slow = second == 7 ? 6 : 1;
        row.response = {1'800 * slow, 9'000 * slow, 24'000 * slow, 30'000 * slow};
        row.service = {1'700, 8'000, 20'000, 24'000};
        row.send_lag = {10, 40, 90, 120};
        row.cpu = 0.25;
        result.seconds.push_back(row);
    }
    result.kept = {{17, "say: body.tag expected \"menu\", got nothing",
                    "FAIL menu  say  menu.json:8:5\n  expected  POST /audio\n", sample_run()},
                   {31, "say: " + hostile_text, "FAIL menu  say " + hostile_text, sample_run()}};
    result.thresholds = {{"response:p(99)<250ms", 178'200, true},
                         {"calls.failed:rate<0.1%", 3.0 / 360, false},
                         {"reaction.none:p(95)<1s", {}, false}};
    result.truth.ceiling_rate = 800;
    result.truth.start_lag_p99_us = 94;
    result.truth.cpu_most = 0.31;
    result.truth.remarks = {"the receiver closed 12 connections"};
    return result;
}

/// The same, of a generator that could not keep up.
inline LoadResult invalid_load() {
    LoadResult result = sample_load();
    result.truth.start_lag_p99_us = 48'000;
    result.truth.cpu_most = 0.97;
    result.truth.invalid = {"start lag p99 48.0 ms, more than 1.00 ms",
                            "a loop was busy for 97 % of a second"};
    return result;
}

/// A search that found 40/s, in the last run at it.
inline LoadResult sample_search() {
    LoadResult result = sample_load();
    const auto probe = [](double rate, ProbeRole role, ProbeOutcome outcome, std::string why,
                          std::uint64_t p99) {
        return SearchProbe{rate, role,    outcome, std::move(why), rate, 10, 0,
                           0,    p99 / 4, p99,     p99 / 2};
    };
    using enum ProbeRole;
    SearchResult search;
    search.claims = {"response:p(99)<250ms"};
    search.probes = {
        probe(20, ramp, ProbeOutcome::held, "", 8'000),
        probe(40, ramp, ProbeOutcome::held, "", 90'000),
        probe(80, ramp, ProbeOutcome::failed, "response:p(99)<250ms: 4.10 s", 4'100'000),
        probe(60, bisect, ProbeOutcome::invalid, "calls started late: " + hostile_text, 0),
        probe(60, bisect, ProbeOutcome::failed, "response:p(99)<250ms: 2.20 s", 2'200'000),
        probe(42, bisect, ProbeOutcome::failed, "response:p(99)<250ms: 260 ms", 260'000),
        probe(40, confirm, ProbeOutcome::held, "", 120'000),
        probe(40, confirm, ProbeOutcome::held, "", 178'000),
        probe(40, confirm, ProbeOutcome::held, "", 101'000)};
    search.end = SearchEnd::found;
    search.held = 40;
    search.failed = 42;
    search.confirmed = 3;
    result.search = std::move(search);
    return result;
}

}  // namespace ringback::test
