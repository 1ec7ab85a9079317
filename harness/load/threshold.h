#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/result.h"
#include "harness/scenario/threshold_text.h"

namespace ringback {

/// How many of how many.
struct Counted {
    std::uint64_t count{0};
    std::uint64_t of{0};
};
/// Needs  a metric that is counted.
[[nodiscard]] Counted counted(std::string_view metric, const LoadCounts& counts);

/// What was timed, of a step where the measure names one; empty where nothing was.
[[nodiscard]] const Histogram& histogram_of(const Measure& measure, const LoadResult& result);

/// The figure itself: microseconds, a share of 1, or a count. None where nothing was measured that
/// it could be told of; a count is told always.
///
/// Shares  calls.failed of those finished; calls.finished and calls.dropped of those planned;
///         callbacks.errors of the tries; requests.refused of the requests.
[[nodiscard]] std::optional<double> figure(const Measure& measure, const LoadResult& result);

/// What comes of a claim. Where nothing was measured it does not hold.
[[nodiscard]] ThresholdResult evaluate(const Threshold& threshold, const LoadResult& result);
[[nodiscard]] std::vector<ThresholdResult> evaluate(const std::vector<Threshold>& thresholds,
                                                    const LoadResult& result);

/// When a run is to end early: a claim that was true of the last so many seconds,
/// "errors:rate>5%@10s".
struct AbortRule {
    std::string expression;  // as it was written, with the time
    Threshold threshold;
    std::chrono::seconds window{};
    bool in_warmup{false};   // that is watched, too
    std::uint64_t least{0};  // of how many a rate must be told, to count

    friend bool operator==(const AbortRule&, const AbortRule&) = default;
};

/// Reads one. What can be watched is what a second is kept of: rate and count of calls and
/// callbacks; of response, service and send_lag p(50), p(90), p(99), med and max.
[[nodiscard]] Result<AbortRule> parse_abort(std::string_view text);

/// What ends every run unless it is told otherwise: of twenty tries or more in ten seconds more
/// than half have failed, so that nobody who is down already is shot at. Source  reliability
/// promise 38.
[[nodiscard]] AbortRule abort_by_itself();

/// Holds one rule against the seconds of a run as they end. Rates and counts are those of the whole
/// window; seconds keep no histograms, so a percentile must be beyond its limit in each of them.
/// Never before a full window has passed; of the warm-up only where the rule says so.
class AbortWatch {
public:
    explicit AbortWatch(AbortRule rule) : rule_{std::move(rule)} {}

    /// Why the run is to end: "errors:rate>5%@10s: 7.3%". Seconds come in order, each once.
    [[nodiscard]] std::optional<std::string> take(const LoadSecond& second);

private:
    [[nodiscard]] std::optional<double> value() const;

    AbortRule rule_;
    std::deque<LoadSecond> window_;
};

}  // namespace ringback
