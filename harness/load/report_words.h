#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/load/result.h"

namespace ringback {

constexpr double microseconds_a_millisecond{1'000};
constexpr double microseconds_a_second{1'000'000};

// Figures as people read them, the same in every report.

/// Microseconds, to three digits: "812 us", "2.14 ms", "61.0 s".
[[nodiscard]] std::string span_text(double microseconds);
/// "24,000".
[[nodiscard]] std::string count_text(std::uint64_t count);
/// Calls per second: "40/s", "39.6/s", "5,000/s".
[[nodiscard]] std::string rate_text(double per_second);
/// Of 0..1: "12 %", "0.833 %".
[[nodiscard]] std::string share_text(double share);
/// "5 s", "2 m 30 s".
[[nodiscard]] std::string duration_text(double seconds);

/// What a threshold came to: a time, a count or a share, as its expression asks; "nothing
/// measured".
[[nodiscard]] std::string threshold_value_text(const ThresholdResult& threshold);

/// "20/s to 60/s for 5 s".
[[nodiscard]] std::string stage_text(const LoadStage& stage);
/// "20/s to 60/s for 5 s, 40/s for 5 s; constant arrivals, seed 42, 1 s of it warm-up".
[[nodiscard]] std::string plan_text(const LoadPlan& plan);

/// "at 12 s: rate x 1.1, 44/s".
[[nodiscard]] std::string change_text(const PlanChange& change);

/// "3 calls were placed that no kick was waiting for"; "" where there are none.
[[nodiscard]] std::string unexpected_text(const LoadResult& result);
/// "3 events lost for good by faults, the first in second 12"; "" = none was.
[[nodiscard]] std::string lost_text(const LoadResult& result);

/// A metric as reports show it: what people came for first.
struct MetricRow {
    std::string name;  // as in the result
    std::string label;
    std::string_view about;  // "" for a timer
    const Histogram* histogram;
};
[[nodiscard]] std::vector<MetricRow> metric_rows(const LoadResult& result);

/// The one difference that must not be missed, in one sentence.
inline constexpr std::string_view response_and_service{
    "Response counts from when a callback was due, service from when it was sent; where they "
    "differ, callbacks had to wait for the receiver."};

/// The most frequent first.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> ranked(const Causes& causes);

}  // namespace ringback
