#include "harness/load/report_prometheus.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "harness/load/fields.h"
#include "harness/load/report_words.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

struct CounterName {
    std::string_view name;
    std::string_view about;
};
/// In the order of count_fields.
constexpr std::array counter_names{
    CounterName{"calls_planned", "Calls that the schedule had."},
    CounterName{"calls_started", "Calls that were placed."},
    CounterName{"calls_finished", "Calls that went through their script."},
    CounterName{"calls_passed", "Calls of which every expectation held."},
    CounterName{"calls_failed", "Calls of which one did not."},
    CounterName{"calls_dropped", "Calls that were planned and not started."},
    CounterName{"callbacks", "Tries of callbacks."},
    CounterName{"callbacks_delivered", "Tries that were answered 2xx."},
    CounterName{"callback_errors", "Tries that were not."},
    CounterName{"requests", "The receiver's requests to the API."},
    CounterName{"requests_refused", "Those answered 4xx or 5xx."},
    CounterName{"connections_opened", "Connections to the receiver."},
    CounterName{"connections_reused", "Callbacks sent on a connection that was there."},
    CounterName{"connections_refused", "Connections that did not come about."},
};
static_assert(counter_names.size() == count_fields.size());

/// As the format wants it between quotes.
std::string label_text(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '\\' || c == '"') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

void append_family(std::string& out, std::string_view name, std::string_view type,
                   std::string_view about) {
    out += fmt::format("# HELP ringback_load_{} {}\n# TYPE ringback_load_{} {}\n", name, about,
                       name, type);
}

void append_gauge(std::string& out, std::string_view name, double value, std::string_view about) {
    append_family(out, name, "gauge", about);
    out += fmt::format("ringback_load_{} {}\n", name, value);
}

/// `label`: "" or `timer="greet"`.
void append_buckets(std::string& out, std::string_view name, const std::string& label,
                    const Histogram& histogram) {
    static constexpr std::array<std::uint64_t, 18> bounds_us{
        100,       250,       500,       1'000,      2'500,      5'000,
        10'000,    25'000,    50'000,    100'000,    250'000,    500'000,
        1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};
    const std::string before = label.empty() ? "" : label + ",";
    const std::string braced = label.empty() ? "" : "{" + label + "}";
    for (const std::uint64_t bound : bounds_us) {
        out += fmt::format("ringback_load_{}_bucket{{{}le=\"{}\"}} {}\n", name, before,
                           static_cast<double>(bound) / microseconds_a_second,
                           histogram.count_up_to(bound));
    }
    out += fmt::format("ringback_load_{}_bucket{{{}le=\"+Inf\"}} {}\n", name, before,
                       histogram.count());
    out += fmt::format(
        "ringback_load_{}_sum{} {}\n", name, braced,
        histogram.mean() * static_cast<double>(histogram.count()) / microseconds_a_second);
    out += fmt::format("ringback_load_{}_count{} {}\n", name, braced, histogram.count());
}

/// What is always measured has a family each; the scenario's timers share one.
void append_metrics(std::string& out, const LoadResult& result) {
    bool timers{false};
    const std::vector<MetricRow> rows = metric_rows(result);
    for (const MetricRow& row : rows) {
        if (row.about.empty()) {
            timers = true;
            continue;
        }
        append_family(out, row.name + "_seconds", "histogram", row.about);
        append_buckets(out, row.name + "_seconds", "", *row.histogram);
    }
    if (!timers) {
        return;
    }
    append_family(out, "timer_seconds", "histogram", "between two steps of the scenario");
    for (const MetricRow& row : rows) {
        if (row.about.empty()) {
            append_buckets(out, "timer_seconds", fmt::format("timer=\"{}\"", label_text(row.name)),
                           *row.histogram);
        }
    }
}

void append_causes(std::string& out, std::string_view name, std::string_view about,
                   const Causes& causes) {
    append_family(out, name, "counter", about);
    // Two causes may look the same once they are made printable; one series may not be there twice.
    Causes shown;
    for (const auto& [cause, count] : causes) {
        shown[label_text(cause)] += count;
    }
    for (const auto& [cause, count] : shown) {
        out += fmt::format("ringback_load_{}{{cause=\"{}\"}} {}\n", name, cause, count);
    }
}

void append_steps(std::string& out, const LoadResult& result) {
    append_family(out, "step_results_total", "counter", "How often a step passed and failed.");
    for (const LoadStepResult& step : result.steps) {
        const std::string name = label_text(step.step);
        out += fmt::format(
            "ringback_load_step_results_total{{step=\"{}\",result=\"passed\"}} {}\n"
            "ringback_load_step_results_total{{step=\"{}\",result=\"failed\"}} {}\n",
            name, step.passed, name, step.failed);
    }
}

void append_claims(std::string& out, const LoadResult& result) {
    if (result.thresholds.empty()) {
        return;
    }
    append_family(out, "threshold_held", "gauge", "1: it holds, 0: it does not.");
    std::map<std::string, bool> held;  // the same may be asked twice
    for (const ThresholdResult& threshold : result.thresholds) {
        held[label_text(threshold.expression)] = threshold.held;
    }
    for (const auto& [threshold, holds] : held) {
        out += fmt::format("ringback_load_threshold_held{{threshold=\"{}\"}} {}\n", threshold,
                           holds ? 1 : 0);
    }
}

}  // namespace

std::string load_prometheus(const LoadResult& result, Running running) {
    std::string out;
    append_family(out, "info", "gauge", "What is run, in its labels.");
    out += fmt::format(
        "ringback_load_info{{scenario=\"{}\",target=\"{}\",arrivals=\"{}\",started_at=\"{}\"}} 1\n",
        label_text(result.scenario), label_text(result.target), word(result.plan.arrivals),
        label_text(result.started_at));
    append_gauge(out, "running", running == Running::yes ? 1 : 0,
                 "1: the run goes on, and counters grow; 0: it is over.");
    append_gauge(out, "valid", result.truth.valid() ? 1 : 0,
                 "0: the generator was the limit, and no latency is a result.");
    append_gauge(out, "duration_seconds", result.duration_s, "Since the first planned start.");
    if (result.truth.ceiling_rate) {
        append_gauge(out, "ceiling_calls_per_second", *result.truth.ceiling_rate,
                     "Against the null receiver on this machine.");
    }
    const LoadSecond last = result.seconds.empty() ? LoadSecond{} : result.seconds.back();
    append_gauge(out, "planned_calls_per_second", last.planned_rate, "In the last second.");
    append_gauge(out, "calls_in_flight", static_cast<double>(last.in_flight),
                 "At the end of the last second.");
    append_gauge(out, "cpu_cores", last.cpu, "What this process used of them in the last second.");
    for (std::size_t at = 0; at < count_fields.size(); ++at) {
        const std::string name = fmt::format("{}_total", counter_names[at].name);
        append_family(out, name, "counter", counter_names[at].about);
        out += fmt::format("ringback_load_{} {}\n", name, result.counts.*count_fields[at].member);
    }
    append_family(out, "calls_unexpected_total", "counter",
                  "Calls that the application placed and no kick was waiting for.");
    out += fmt::format("ringback_load_calls_unexpected_total {}\n", result.unexpected);
    append_family(out, "events_lost_total", "counter",
                  "Events that faults have dropped: no receiver hears of them.");
    out += fmt::format("ringback_load_events_lost_total {}\n", result.lost.events);
    append_causes(out, "call_failures_total", "Failed calls, by cause.", result.failures);
    append_causes(out, "callback_failures_total", "Errors of callbacks, by cause.", result.errors);
    append_steps(out, result);
    append_claims(out, result);
    append_metrics(out, result);
    return out;
}

}  // namespace ringback
