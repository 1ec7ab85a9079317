#include "harness/load/report_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/load/outcome.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "harness/report/fault_words.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::string_view red{"\x1b[31m"};
constexpr std::string_view green{"\x1b[32m"};
constexpr std::string_view yellow{"\x1b[33m"};
constexpr std::string_view bold{"\x1b[1m"};

std::string painted(std::string_view text, std::string_view colour, const StoryStyle& style) {
    return style.colour ? fmt::format("{}{}\x1b[0m", colour, text) : std::string{text};
}

std::string_view colour_of(const LoadResult& result) {
    const int status = exit_status(result);
    return status == 0 ? green : status == 1 || status == 99 ? red : yellow;
}

void append_head(std::string& out, const LoadResult& result, const StoryStyle& style) {
    constexpr std::size_t most{200};
    const std::string_view outcome = outcome_word(result);
    out += fmt::format("ringback load: {}\n", painted(outcome, colour_of(result), style));
    out += line_of("  scenario    ",
                   fmt::format("{} ({}) to {}", printable(result.scenario, most),
                               printable(result.file, most), printable(result.target, most)),
                   style);
    out += line_of("  plan        ", plan_text(result.plan), style);
    out += line_of("  done        ",
                   fmt::format("{} in {}, by {} worker{}", printable(result.started_at, most),
                               duration_text(result.duration_s), result.workers,
                               result.workers == 1 ? "" : "s"),
                   style);
    for (const std::string& why : result.truth.invalid) {
        const std::string word = painted("INVALID", yellow, style);
        out += line_of("  " + word + "     ", printable(why, 4096), style,
                       word.size() - std::string_view{"INVALID"}.size());
    }
    if (!result.truth.valid()) {
        out += line_of("              ",
                       "The generator, not the receiver, was the limit, so no latency is shown "
                       "as a result: lower the rate, or take more workers or machines.",
                       style);
    }
    if (!result.aborted.empty()) {
        out += line_of("  aborted     ", printable(result.aborted, 4096), style);
    }
    if (result.interrupted) {
        out += "  interrupted before all of the plan was done\n";
    }
    for (const PlanChange& change : result.changes) {
        out += line_of("  by hand     ", printable(change_text(change), 4096), style);
    }
    for (const std::string& remark : result.truth.remarks) {
        out += line_of("  remark      ", printable(remark, 4096), style);
    }
}

std::string_view colour_of(ProbeOutcome outcome) {
    return outcome == ProbeOutcome::held ? green : outcome == ProbeOutcome::failed ? red : yellow;
}

void append_search(std::string& out, const SearchResult& search, const StoryStyle& style) {
    out += "\n" + line_of("  highest     ", printable(highest_rate_text(search), 4096), style);
    if (const std::string confidence = confidence_text(search); !confidence.empty()) {
        out += line_of("  confidence  ", confidence, style);
    }
    const auto append_row = [&](const std::vector<std::string>& cells, const std::string& outcome) {
        out += fmt::format("  {:<8}{:>9}  {}{:>9}{:>9}{:>13}{:>12}{:>8}\n", cells[0], cells[1],
                           outcome, cells[3], cells[4], cells[5], cells[6], cells[7]);
    };
    out += "\n";
    append_row(probe_heads(), fmt::format("{:<8}", "outcome"));
    for (const SearchProbe& probe : search.probes) {
        const std::string outcome = fmt::format("{:<8}", word(probe.outcome));
        append_row(probe_cells(probe), painted(outcome, colour_of(probe.outcome), style));
        if (!probe.why.empty()) {
            out += line_of("            ", printable(probe.why, 4096), style);
        }
    }
    if (search.held) {
        out += fmt::format("\n  the last run at {}:\n", rate_text(*search.held));
    }
}

void append_counts(std::string& out, const LoadResult& result, const StoryStyle& style) {
    const LoadCounts& counts = result.counts;
    out += fmt::format("\n  {:<10}{:>11}{:>11}{:>11}{:>11}{:>11}{:>11}\n", "calls", "planned",
                       "started", "finished", "passed", "failed", "dropped");
    const auto bad = [&](std::uint64_t count) {
        const std::string text = fmt::format("{:>11}", count_text(count));
        return count > 0 ? painted(text, red, style) : text;
    };
    out += fmt::format("  {:<10}{:>11}{:>11}{:>11}{:>11}{}{}\n", "", count_text(counts.planned),
                       count_text(counts.started), count_text(counts.finished),
                       count_text(counts.passed), bad(counts.failed), bad(counts.dropped));
    const LoadRates rates = rates_of(result);
    out += fmt::format("  {:<10}{:>11}{:>11}{:>11}\n", "rate", rate_text(rates.planned),
                       rate_text(rates.started), rate_text(rates.finished));
    if (const auto share = rates.ceiling_share()) {
        out += line_of(
            "  ceiling     ",
            fmt::format("{} of the {} that this machine can do, at the peak of {}",
                        share_text(*share), rate_text(*rates.ceiling), rate_text(rates.peak)),
            style);
    }
    if (result.unexpected > 0) {
        out += line_of("  unexpected  ", painted(unexpected_text(result), red, style), style);
    }
    if (result.lost.events > 0) {
        out += line_of("  lost        ", lost_text(result), style);
    }
    out += line_of("  callbacks   ",
                   fmt::format("{}: {} delivered, {} errors", count_text(counts.callbacks),
                               count_text(counts.delivered), count_text(counts.errors)),
                   style);
    out += line_of("  requests    ",
                   fmt::format("{} of the receiver, {} refused", count_text(counts.requests),
                               count_text(counts.requests_refused)),
                   style);
    out += line_of(
        "  connections ",
        fmt::format("{} opened, {} times reused, {} refused", count_text(counts.connections_opened),
                    count_text(counts.connections_reused), count_text(counts.connections_refused)),
        style);
}

void append_faults(std::string& out, const LoadResult& result, const StoryStyle& style) {
    const FaultWords words = fault_words(result.faults);
    if (!words.struck.empty()) {
        out += "\n  faults\n";
    }
    for (const std::string& struck : words.struck) {
        out += line_of("    ", struck, style);
    }
    for (const std::string& idle : words.idle) {
        const std::string word = painted("warning", yellow, style);
        out += line_of("    " + word + "  ", idle, style,
                       word.size() - std::string_view{"warning"}.size());
    }
}

void append_latencies(std::string& out, const LoadResult& result, const StoryStyle& style) {
    constexpr std::size_t label_width{14};
    const std::vector<MetricRow> rows = metric_rows(result);
    if (rows.empty()) {
        out += "\n  nothing was measured\n";
        return;
    }
    out += fmt::format("\n  {:<{}}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}\n", "", label_width, "p50",
                       "p90", "p95", "p99", "p99.9", "max", "count");
    for (const MetricRow& row : rows) {
        const std::string label = printable(row.label);
        const bool fits = utf8_length(label) <= label_width;
        const std::string shown =
            (row.name == metric::response ? painted(label, bold, style) : label);
        const std::string gap(fits ? label_width - utf8_length(label) : label_width, ' ');
        out += fmt::format("  {}{}{}", shown, fits ? "" : "\n  ", gap);
        for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
            out += fmt::format("{:>9}",
                               span_text(static_cast<double>(row.histogram->percentile(percent))));
        }
        out += fmt::format("{:>9}\n", count_text(row.histogram->count()));
    }
    out += line_of("  ", std::string{response_and_service}, style);
}

void append_causes(std::string& out, std::string_view heading, const Causes& causes,
                   const StoryStyle& style) {
    if (causes.empty()) {
        return;
    }
    constexpr std::size_t most{10};
    out += fmt::format("\n  {}\n", heading);
    const auto all = ranked(causes);
    for (std::size_t at = 0; at < std::min(all.size(), most); ++at) {
        out += line_of(fmt::format("  {:>10}  ", count_text(all[at].second)),
                       printable(all[at].first), style);
    }
    if (all.size() > most) {
        out += fmt::format("              and {} other causes\n", all.size() - most);
    }
}

void append_thresholds(std::string& out, const LoadResult& result, const StoryStyle& style) {
    if (result.thresholds.empty()) {
        return;
    }
    out += "\n  thresholds\n";
    std::size_t widest{0};
    for (const ThresholdResult& threshold : result.thresholds) {
        widest = std::max(widest, printable(threshold.expression).size());
    }
    for (const ThresholdResult& threshold : result.thresholds) {
        // A latency that is no result is no value of a threshold either.
        const bool told = result.truth.valid();
        const std::string word = !told            ? painted("  ??  ", yellow, style)
                                 : threshold.held ? painted("  ok  ", green, style)
                                                  : painted("  FAIL", red, style);
        out += fmt::format("    {}  {:<{}}  {}\n", word, printable(threshold.expression), widest,
                           told ? threshold_value_text(threshold) : "not judged");
    }
}

void append_first_failure(std::string& out, const LoadResult& result) {
    if (result.kept.empty()) {
        return;
    }
    const KeptFailure& first = result.kept.front();
    out += fmt::format(
        "\n  call {}, the first of {} that are kept whole (in JSON and HTML "
        "reports):\n\n",
        count_text(first.call), result.kept.size());
    std::string_view story = first.story;
    constexpr std::size_t longest{4096};
    while (!story.empty()) {
        const std::size_t end = story.find('\n');
        out += printable(story.substr(0, end), longest) + "\n";
        story.remove_prefix(end == std::string_view::npos ? story.size() : end + 1);
    }
}

}  // namespace

std::string load_summary(const LoadResult& result, const StoryStyle& style) {
    std::string out;
    append_head(out, result, style);
    if (result.search) {
        append_search(out, *result.search, style);
    }
    append_counts(out, result, style);
    append_faults(out, result, style);
    if (result.truth.valid()) {
        append_latencies(out, result, style);
    }
    append_causes(out, "failed calls", result.failures, style);
    append_causes(out, "errors of callbacks", result.errors, style);
    append_thresholds(out, result, style);
    append_first_failure(out, result);
    return out;
}

}  // namespace ringback
