#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/histogram.h"
#include "harness/load/plan.h"
#include "harness/load/search_result.h"
#include "harness/script/faults_played.h"

namespace ringback {

/// Names of what is always measured, in microseconds. The timers of a scenario stand beside them,
/// so none may have one of these names.
namespace metric {
inline constexpr std::string_view response{"response"};  // callback: due -> whole answer
inline constexpr std::string_view service{"service"};    // callback: sent -> whole answer
inline constexpr std::string_view reaction{
    "reaction"};  // callback sent -> the API command it set off
inline constexpr std::string_view send_lag{"send_lag"};    // callback: due -> handed to the system
inline constexpr std::string_view start_lag{"start_lag"};  // call: due by the schedule -> placed
inline constexpr std::string_view api{"api"};    // the receiver's API request: in -> answered
inline constexpr std::string_view call{"call"};  // call: placed -> its script over
}  // namespace metric

/// Histograms by metric or timer.
using Metrics = std::map<std::string, Histogram, std::less<>>;

/// How many of what. All of calls that are measured (not of the warm-up).
struct LoadCounts {
    // calls
    std::uint64_t planned{0};  // starts that the schedule had by the end
    std::uint64_t started{0};
    std::uint64_t finished{0};  // through their script, whatever the verdict
    std::uint64_t passed{0};
    std::uint64_t failed{0};
    std::uint64_t dropped{0};  // planned, and not started: too many in flight, or an early end
    // callbacks
    std::uint64_t callbacks{0};  // tries that were sent or should have been
    std::uint64_t delivered{0};  // answered 2xx
    std::uint64_t errors{0};     // tries that were not
    // the receiver's requests to the API
    std::uint64_t requests{0};
    std::uint64_t requests_refused{0};  // 4xx, 5xx
    // connections to the receiver
    std::uint64_t connections_opened{0};
    std::uint64_t connections_reused{0};
    std::uint64_t connections_refused{0};

    friend bool operator==(const LoadCounts&, const LoadCounts&) = default;
};

/// Why calls, callbacks and requests went wrong, with how many; "answer: 500", "connect: refused",
/// "say: body.tag expected \"menu\", got nothing".
using Causes = std::map<std::string, std::uint64_t, std::less<>>;

/// What a second's histogram came to, in microseconds. Rows stay small, so that memory stays flat
/// for hours; the histograms themselves go to the file of `--report hlog=`. In a sum of several
/// runs: the largest of the parts, which the true one cannot exceed.
struct Quantiles {
    std::uint64_t p50{0};
    std::uint64_t p90{0};
    std::uint64_t p99{0};
    std::uint64_t max{0};

    friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

/// One second of the run, by the wall clock.
struct LoadSecond {
    std::uint32_t second{0};  // from 0, since the first arrival could come
    bool warmup{false};
    double planned_rate{0};  // calls per second
    std::uint64_t started{0};
    std::uint64_t finished{0};
    std::uint64_t failed{0};
    std::uint64_t dropped{0};
    std::uint64_t in_flight{0};  // calls, at its end
    std::uint64_t callbacks{0};
    std::uint64_t errors{0};
    std::uint64_t requests{0};
    Quantiles response;
    Quantiles service;
    Quantiles send_lag;
    double cpu{0};      // of one core, 0..n: this process's user and system time
    double busiest{0};  // the same of its busiest loop, 0..1; not in files: the truth tells of it
};

/// What was measured of the starts that fell into one stage.
struct LoadStageResult {
    LoadStage stage;
    LoadCounts counts;
    Metrics metrics;
};

/// What was measured at one step of the scenario.
struct LoadStepResult {
    std::string step;  // its id, or "answer (line 12)"
    std::uint64_t passed{0};
    std::uint64_t failed{0};
    Metrics metrics;  // response, service, reaction where the step has them
};

/// Can the result be believed? Its own limits, measured before and during the run.
struct LoadTruth {
    std::optional<double>
        ceiling_rate{};  // calls per second against the null receiver, this machine
    double start_lag_p99_us{0};
    double cpu_most{0};                // the busiest second of the busiest loop, 0..1
    std::vector<std::string> invalid;  // why the generator, not the receiver, was the limit
    std::vector<std::string> remarks;  // such as: above 70 % of the ceiling

    [[nodiscard]] bool valid() const { return invalid.empty(); }
};

struct ThresholdResult {
    std::string expression;         // "response:p(99)<250ms"
    std::optional<double> value{};  // microseconds, a count, or a share; none: nothing was measured
    bool held{false};
};

/// A failing call that was kept whole: a run record as harness/report writes it.
struct KeptFailure {        // NOLINT(bugprone-exception-escape): JSON that is moved does not throw
    std::uint64_t call{0};  // n-th arrival, from 1
    std::string cause;
    std::string story;   // for a terminal, without colours
    nlohmann::json run;  // as in fixtures/report.schema.json, "runs"; with its journal
};

/// Events that faults have dropped: no receiver will ever hear of them. Of the warm-up too.
struct LostEvents {
    std::uint64_t events{0};
    double first_s{0};  // the second of the run in which the first was lost, from 0
};

/// One load run, whole.
struct LoadResult {
    std::string scenario;
    std::string file;
    std::string target;      // the receiver's URL, without user information
    std::string started_at;  // UTC, "2026-01-05T09:00:00.000Z"
    LoadPlan plan;
    std::vector<LoadTimer> timers;
    std::uint32_t workers{1};
    std::vector<std::string> merged_from;  // files, where this is a sum
    std::vector<Segment> merged_segments;  // and the shares that they had; plan.segment is all

    double duration_s{0};  // from the first planned start to the last end
    LoadCounts counts;
    Metrics metrics;
    Causes failures;  // of calls
    Causes errors;    // of callbacks
    /// Calls that the application has placed when nobody was waiting for one, of a scenario that
    /// kicks it: unasked, a second time, or too late. Of the warm-up too.
    std::uint64_t unexpected{0};
    LostEvents lost;
    std::vector<FaultPlayed> faults;  // all that were to happen; of the warm-up too
    std::vector<LoadStageResult> stages;
    std::vector<LoadStepResult> steps;
    std::vector<LoadSecond> seconds;
    std::vector<KeptFailure> kept;  // the first 20 calls that failed
    std::vector<ThresholdResult> thresholds;
    LoadTruth truth;
    std::string aborted;              // "" = ran to its end; else why not
    bool interrupted{false};          // by SIGINT, SIGTERM or a key
    std::vector<PlanChange> changes;  // by hand; the plan is as it came to be by them
    /// Of --find-max: all else is then of the last probe at the rate that was found, or, where none
    /// held, of the last probe.
    std::optional<SearchResult> search{};

    /// Everything that was planned was done.
    [[nodiscard]] bool complete() const {
        return aborted.empty() && !interrupted && counts.dropped == 0 &&
               counts.finished == counts.planned;
    }
};

/// 98 where the run is invalid, 1 where calls failed, came unexpected, or not all was done, 99
/// where a threshold was crossed, else 0 (surface.md 3: in this order; 130 stands for an
/// interruption alone). Of a search 0 says that the highest rate was found; where ringback was the
/// limit it was not, so that is 98, whatever rate held; where none held, the last probe says which
/// of the others.
[[nodiscard]] int exit_status(const LoadResult& result);

}  // namespace ringback
