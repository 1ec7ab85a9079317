#include "harness/load/report_markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/load/outcome.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "harness/report/fault_words.h"
#include "harness/report/markdown.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

void append_head(std::string& out, const LoadResult& result) {
    out += fmt::format("## ringback load: {}\n\n{} to {}: {}; {} in {}\n\n", outcome_word(result),
                       markdown_cell(result.scenario), markdown_cell(result.target),
                       markdown_cell(plan_text(result.plan)), markdown_cell(result.started_at),
                       duration_text(result.duration_s));
    for (const std::string& why : result.truth.invalid) {
        out += fmt::format("- ❔ **invalid**: {}\n", markdown_cell(why));
    }
    if (!result.truth.valid()) {
        out +=
            "\nThe generator, not the receiver, was the limit, so no latency is shown as a "
            "result.\n\n";
    }
    if (!result.aborted.empty()) {
        out += fmt::format("- ❌ aborted: {}\n", markdown_cell(result.aborted));
    }
    if (result.interrupted) {
        out += "- ❔ interrupted before all of the plan was done\n";
    }
    if (result.unexpected > 0) {
        out += fmt::format("- ❌ {}\n", unexpected_text(result));
    }
    if (result.lost.events > 0) {
        out += fmt::format("- {}\n", lost_text(result));
    }
    const FaultWords faults = fault_words(result.faults);
    for (const std::string& struck : faults.struck) {
        out += fmt::format("- {}\n", markdown_cell(struck));
    }
    for (const std::string& idle : faults.idle) {
        out += fmt::format("- ⚠️ {}\n", markdown_cell(idle));
    }
    for (const PlanChange& change : result.changes) {
        out += fmt::format("- by hand {}\n", markdown_cell(change_text(change)));
    }
    for (const std::string& remark : result.truth.remarks) {
        out += fmt::format("- {}\n", markdown_cell(remark));
    }
    out += "\n";
}

void append_search(std::string& out, const SearchResult& search) {
    out += fmt::format("**highest rate** {}\n", markdown_cell(highest_rate_text(search)));
    const std::string confidence = confidence_text(search);
    out += confidence.empty() ? "\n" : fmt::format("**confidence** {}\n\n", confidence);
    out +=
        fmt::format("| {} |\n|---|--:|---|--:|--:|--:|--:|--:|\n", fmt::join(probe_heads(), " | "));
    for (const SearchProbe& probe : search.probes) {
        out += fmt::format("| {} |\n", fmt::join(probe_cells(probe), " | "));
    }
    out += "\n";
}

void append_counts(std::string& out, const LoadResult& result) {
    const LoadCounts& counts = result.counts;
    const LoadRates rates = rates_of(result);
    out += "| calls | planned | started | finished | passed | failed | dropped |\n";
    out += "|---|--:|--:|--:|--:|--:|--:|\n";
    out += fmt::format("| count | {} | {} | {} | {} | {} | {} |\n", count_text(counts.planned),
                       count_text(counts.started), count_text(counts.finished),
                       count_text(counts.passed), count_text(counts.failed),
                       count_text(counts.dropped));
    out += fmt::format("| rate | {} | {} | {} | | | |\n\n", rate_text(rates.planned),
                       rate_text(rates.started), rate_text(rates.finished));
    out += fmt::format(
        "{} callbacks, {} of them delivered, {} errors; {} requests of the receiver, {} refused; "
        "{} connections opened, {} times reused, {} refused.",
        count_text(counts.callbacks), count_text(counts.delivered), count_text(counts.errors),
        count_text(counts.requests), count_text(counts.requests_refused),
        count_text(counts.connections_opened), count_text(counts.connections_reused),
        count_text(counts.connections_refused));
    if (const auto share = rates.ceiling_share()) {
        out += fmt::format(" At most {} was planned, {} of what this machine can do.",
                           rate_text(rates.peak), share_text(*share));
    }
    out += "\n\n";
}

void append_thresholds(std::string& out, const LoadResult& result) {
    if (result.thresholds.empty()) {
        return;
    }
    const bool told = result.truth.valid();
    out += "| | threshold | value |\n|---|---|--:|\n";
    for (const ThresholdResult& threshold : result.thresholds) {
        out += fmt::format("| {} | {} | {} |\n",
                           !told            ? "❔"
                           : threshold.held ? "✅"
                                            : "❌",
                           markdown_cell(threshold.expression),
                           told ? threshold_value_text(threshold) : "not judged");
    }
    out += "\n";
}

void append_latencies(std::string& out, const LoadResult& result) {
    const std::vector<MetricRow> rows = metric_rows(result);
    if (rows.empty()) {
        return;
    }
    out += "| latency | p50 | p90 | p95 | p99 | p99.9 | max | count |\n";
    out += "|---|--:|--:|--:|--:|--:|--:|--:|\n";
    for (const MetricRow& row : rows) {
        out += fmt::format("| {} |", markdown_cell(row.label));
        for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
            out += fmt::format(" {} |",
                               span_text(static_cast<double>(row.histogram->percentile(percent))));
        }
        out += fmt::format(" {} |\n", count_text(row.histogram->count()));
    }
    out += fmt::format("\n{}\n\n", response_and_service);
}

void append_causes(std::string& out, std::string_view heading, const Causes& causes) {
    if (causes.empty()) {
        return;
    }
    constexpr std::size_t most{20};
    const auto all = ranked(causes);
    out += fmt::format("| {} | count |\n|---|--:|\n", heading);
    for (std::size_t at = 0; at < std::min(all.size(), most); ++at) {
        out +=
            fmt::format("| {} | {} |\n", markdown_cell(all[at].first), count_text(all[at].second));
    }
    if (all.size() > most) {
        out += fmt::format("| and {} other causes | |\n", all.size() - most);
    }
    out += "\n";
}

void append_kept(std::string& out, const LoadResult& result) {
    constexpr std::size_t most{5};
    constexpr std::size_t longest{4096};
    for (std::size_t at = 0; at < std::min(result.kept.size(), most); ++at) {
        const KeptFailure& kept = result.kept[at];
        std::string story;
        std::string_view rest = kept.story;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            story += printable(rest.substr(0, end), longest) + "\n";
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        out += fmt::format("<details><summary>❌ call {}: {}</summary>\n\n{}\n</details>\n\n",
                           count_text(kept.call), markdown_cell(kept.cause), markdown_fence(story));
    }
}

}  // namespace

std::string load_markdown(const LoadResult& result) {
    std::string out;
    append_head(out, result);
    if (result.search) {
        append_search(out, *result.search);
    }
    append_counts(out, result);
    append_thresholds(out, result);
    if (result.truth.valid()) {
        append_latencies(out, result);
    }
    append_causes(out, "failed calls, by cause", result.failures);
    append_causes(out, "errors of callbacks, by cause", result.errors);
    append_kept(out, result);
    return out;
}

}  // namespace ringback
