#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/result.h"
#include "harness/scenario/threshold_text.h"
#include "simulator/core/random.h"

namespace ringback {

/// Two load runs, how far apart they are, and how sure that is. By bootstrap: each run is drawn
/// anew 2,000 times from its own histogram, and the middle 95 % of the differences are the
/// interval. What a new draw of all n values would come to is drawn directly, so that counts of any
/// size are resampled whole and cost the same:
///
///   p(N), med   the value of rank r among n new draws: that at a share of the old ones which
///               follows Beta(r, n - r + 1). The same distribution as drawing n times.
///   avg         each bucket's count anew, Poisson with its own as the mean: the draw of n, but for
///               n itself, which is let vary.
///   rate        Beta(k + 1/2, n - k + 1/2): Jeffreys', because none of n is not surely never.
///
/// There is no interval where fewer than 5 values lie on one side of a percentile, nor with fewer
/// than 10 for a mean. Values within a run are taken as independent of each other; where they come
/// in bursts the true interval is wider.

/// When a comparison fails: "p(99)>+10%", "reaction:p(95)>+20ms", "calls.finished:rate<-1%".
struct FailIf {
    std::string expression;  // as it was written
    Measure measure;
    bool upwards{true};  // ">+": grew by more than the limit; else "<-": fell by more
    bool relative{
        false};  // the limit is a share of the base; else microseconds, or of a rate points
    double limit{0};

    friend bool operator==(const FailIf&, const FailIf&) = default;
};

/// Reads one. Without a metric it is of `response`. "%" is of the base's figure, for a rate
/// percentage points. `timers` are the metrics that both runs have beyond the usual.
[[nodiscard]] Result<FailIf> parse_fail_if(std::string_view text,
                                           const std::vector<std::string>& timers);

struct Interval {
    double low{0};
    double high{0};
};

struct LoadDifference {
    Measure measure;
    std::optional<double> base{};  // microseconds, or a share of 1
    std::optional<double> now{};
    std::optional<Interval> interval{};  // of now - base
    std::optional<Interval> relative{};  // of (now - base) / base; not of a rate
    std::string remark;                  // why there is no interval
};

enum class ComparisonVerdict : std::uint8_t {
    held,             // the whole interval is within the limit
    not_established,  // the limit lies in the interval, or there is none
    crossed,          // the whole interval is beyond the limit
};

struct FailIfResult {
    FailIf claim;
    LoadDifference difference;
    ComparisonVerdict verdict{ComparisonVerdict::not_established};
};

struct LoadComparison {
    std::vector<LoadDifference> differences;  // of what both measured
    std::vector<FailIfResult> claims;
    std::vector<std::string> remarks;  // what keeps the two from being compared, or casts doubt
    std::uint64_t seed{0};

    [[nodiscard]] bool crossed() const;
};

/// An invalid run establishes nothing.
[[nodiscard]] LoadComparison compare(const LoadResult& base, const LoadResult& now,
                                     const std::vector<FailIf>& claims, Seed seed = Seed{42});

/// For a terminal, 80 columns.
[[nodiscard]] std::string comparison_text(const LoadComparison& comparison);
[[nodiscard]] nlohmann::json comparison_json(const LoadComparison& comparison);

}  // namespace ringback
