#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/result.h"

namespace ringback {

/// What is always timed in a load run; harness/load/result.h says what each is.
inline constexpr std::array<std::string_view, 7> timed_metrics{
    "response", "service", "reaction", "send_lag", "start_lag", "api", "call"};
/// What is timed at each step too.
inline constexpr std::array<std::string_view, 3> step_metrics{"response", "service", "reaction"};
/// What is counted. "errors" is another word for "callbacks.errors".
inline constexpr std::array<std::string_view, 6> counted_metrics{
    "calls.failed",     "calls.finished",   "calls.dropped",
    "callbacks.errors", "requests.refused", "errors"};

enum class Aggregate : std::uint8_t { percentile, avg, min, max, med, count, rate };
enum class Relation : std::uint8_t { below, at_most, above, at_least, equal, unequal };

/// A figure of a load run: "response:p(99)", "response{step:answer}:med", "calls.failed:rate".
struct Measure {
    std::string metric;  // never an alias
    std::string step;    // the id of a step; "": all
    Aggregate aggregate{Aggregate::percentile};
    double percent{50};  // of `percentile`

    friend bool operator==(const Measure&, const Measure&) = default;
};

/// A claim about a figure, in k6's grammar: METRIC:AGGREGATE RELATION LIMIT.
struct Threshold {
    std::string expression;  // as it was written
    Measure measure;
    Relation relation{Relation::below};
    double limit{0};  // microseconds, of 1 for a rate, or a count

    friend bool operator==(const Threshold&, const Threshold&) = default;
};

/// Reads "response:p(99)<250ms", "calls.failed:rate<0.1%", "errors:count==0". `timers` are the
/// scenario's own metrics. Limits: a time with its unit; of `rate` a percentage, or a share up to
/// 1; of `count` a number. The error says what was expected and found, with the nearest name; its
/// `where` is left for the caller.
[[nodiscard]] Result<Threshold> parse_threshold(std::string_view text,
                                                const std::vector<std::string>& timers);

/// The part before the relation. Where `implied` is not "", it stands for a metric that is left
/// out: "p(99)".
[[nodiscard]] Result<Measure> parse_measure(std::string_view text,
                                            const std::vector<std::string>& timers,
                                            std::string_view implied = "");

/// "response{step:answer}:p(99)".
[[nodiscard]] std::string to_text(const Measure& measure);

/// "0.1%" or "0.001": a share of 1.
[[nodiscard]] Result<double> parse_share(std::string_view text);

[[nodiscard]] bool holds(double value, Relation relation, double limit);

[[nodiscard]] bool is_timed(std::string_view metric);    // in every load run; not a timer
[[nodiscard]] bool is_counted(std::string_view metric);  // `rate`, `count`

}  // namespace ringback
