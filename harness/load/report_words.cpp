#include "harness/load/report_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ringback {
namespace {

constexpr double thousand{1000};

/// Three digits, or all of those before the point.
std::string three_digits(double value) {
    constexpr double ten{10};
    constexpr double hundred{100};
    const double size = std::abs(value);
    // Where rounding makes a digit more, one fewer behind the point is shown.
    return size >= hundred - 0.05 ? fmt::format("{:.0f}", value)
           : size >= ten - 0.005  ? fmt::format("{:.1f}", value)
                                  : fmt::format("{:.2f}", value);
}

/// The same without zeros at the end: "40", "0.5".
std::string short_number(double value) {
    if (value >= thousand) {
        return count_text(static_cast<std::uint64_t>(std::llround(value)));
    }
    std::string text = value > 0 && value < 1 ? fmt::format("{:.3g}", value) : three_digits(value);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        text.erase(text.find_last_not_of('.') + 1);
    }
    return text;
}

struct KnownMetric {
    std::string_view name;
    std::string_view label;
    std::string_view about;
};
constexpr std::array known_metrics{
    KnownMetric{metric::response, "response", "a callback, due to its whole answer"},
    KnownMetric{metric::service, "service", "a callback, sent to its whole answer"},
    KnownMetric{metric::reaction, "reaction", "a callback sent to the API command it set off"},
    KnownMetric{metric::call, "call", "a call placed to its script over"},
    KnownMetric{metric::api, "api", "an API request in to answered by ringback"},
    KnownMetric{metric::send_lag, "send lag", "a callback due to handed to the system"},
    KnownMetric{metric::start_lag, "start lag", "a call due by the schedule to placed"}};
constexpr std::size_t before_timers{3};

}  // namespace

std::string span_text(double microseconds) {
    // 999.6 us would read as 1000 us.
    constexpr double nearly{0.9995};
    if (microseconds < microseconds_a_millisecond * nearly) {
        return fmt::format("{:.0f} us", microseconds);
    }
    return microseconds < microseconds_a_second * nearly
               ? three_digits(microseconds / microseconds_a_millisecond) + " ms"
               : three_digits(microseconds / microseconds_a_second) + " s";
}

std::string count_text(std::uint64_t count) {
    std::string text = fmt::to_string(count);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string rate_text(double per_second) { return short_number(per_second) + "/s"; }

std::string share_text(double share) {
    constexpr double hundred{100};
    return short_number(hundred * share) + " %";
}

std::string duration_text(double seconds) {
    constexpr double minute{60};
    constexpr double hour{3600};
    if (seconds < minute) {
        return short_number(seconds) + " s";
    }
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    const std::string behind = fmt::format("{} m {} s", whole / 60 % 60, whole % 60);
    return seconds < hour ? behind : fmt::format("{} h {}", whole / 3600, behind);
}

std::string threshold_value_text(const ThresholdResult& threshold) {
    if (!threshold.value) {
        return "nothing measured";
    }
    const std::size_t colon = threshold.expression.rfind(':');
    const std::string_view asked = colon == std::string::npos
                                       ? std::string_view{}
                                       : std::string_view{threshold.expression}.substr(colon + 1);
    if (asked.starts_with("rate")) {
        return share_text(*threshold.value);
    }
    if (asked.starts_with("count")) {
        return short_number(*threshold.value);
    }
    return span_text(*threshold.value);
}

std::string stage_text(const LoadStage& stage) {
    const double seconds = std::chrono::duration<double>(stage.duration).count();
    const std::string from = rate_text(stage.rate_from);
    const std::string to = rate_text(stage.rate_to);
    return fmt::format("{} for {}", from == to ? from : from + " to " + to, duration_text(seconds));
}

std::string change_text(const PlanChange& change) {
    return fmt::format("at {:.1f} s: {}", change.at_s, change.what);
}

std::string plan_text(const LoadPlan& plan) {
    std::string text;
    constexpr std::size_t most{4};
    for (std::size_t at = 0; at < plan.stages.size(); ++at) {
        if (at == most) {
            text += fmt::format(", and {} more stages", plan.stages.size() - most);
            break;
        }
        text += (at == 0 ? "" : ", ") + stage_text(plan.stages[at]);
    }
    if (plan.arrivals == Arrivals::trace) {
        text += fmt::format("{}{} arrivals of a trace", text.empty() ? "" : "; ",
                            count_text(plan.trace.size()));
    } else {
        text += fmt::format("; {} arrivals", word(plan.arrivals));
    }
    text += fmt::format(", seed {}", plan.seed);
    if (plan.calls) {
        text += fmt::format(", at most {} calls", count_text(*plan.calls));
    }
    if (plan.warmup > plan.warmup.zero()) {
        text += fmt::format(", {} of it warm-up",
                            duration_text(std::chrono::duration<double>(plan.warmup).count()));
    }
    if (plan.segment.of > 1) {
        text += fmt::format(", segment {}/{}", plan.segment.index + 1, plan.segment.of);
    }
    return text;
}

std::string unexpected_text(const LoadResult& result) {
    const bool one = result.unexpected == 1;
    return result.unexpected == 0
               ? std::string{}
               : fmt::format("{} call{} placed that no kick was waiting for",
                             count_text(result.unexpected), one ? " was" : "s were");
}

std::string lost_text(const LoadResult& result) {
    const LostEvents& lost = result.lost;
    return lost.events == 0
               ? std::string{}
               : fmt::format("{} event{} lost for good by faults, the first in second {:.0f}",
                             count_text(lost.events), lost.events == 1 ? "" : "s",
                             lost.first_s + 1);
}

std::vector<MetricRow> metric_rows(const LoadResult& result) {
    std::vector<MetricRow> rows;
    const auto add = [&](const KnownMetric& known) {
        const auto found = result.metrics.find(known.name);
        if (found != result.metrics.end() && !found->second.empty()) {
            rows.push_back(
                {std::string{known.name}, std::string{known.label}, known.about, &found->second});
        }
    };
    std::for_each_n(known_metrics.begin(), before_timers, add);
    for (const auto& [name, histogram] : result.metrics) {
        if (std::ranges::find(known_metrics, name, &KnownMetric::name) == known_metrics.end() &&
            !histogram.empty()) {
            rows.push_back({name, name, {}, &histogram});
        }
    }
    std::for_each(known_metrics.begin() + before_timers, known_metrics.end(), add);
    return rows;
}

std::vector<std::pair<std::string, std::uint64_t>> ranked(const Causes& causes) {
    std::vector<std::pair<std::string, std::uint64_t>> all{causes.begin(), causes.end()};
    std::ranges::stable_sort(all, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
    return all;
}

}  // namespace ringback
