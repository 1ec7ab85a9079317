#include "harness/load/report_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/load/outcome.h"
#include "harness/load/report_calls.h"
#include "harness/load/report_page.h"
#include "harness/load/report_series.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "harness/report/fault_words.h"
#include "harness/report/html_parts.h"
#include "harness/report/page.h"
#include "harness/report/svg_ladder.h"

namespace ringback {
namespace {

std::string_view class_of(std::string_view outcome) {
    return outcome == "threshold crossed" ? "crossed" : outcome;
}

/// A row of cells; the first is text, the others are figures.
std::string row_of(std::string_view element, const std::vector<std::string>& cells) {
    std::string out{"<tr>"};
    for (std::size_t at = 0; at < cells.size(); ++at) {
        out += fmt::format("<{}{}>{}</{}>", element, at == 0 ? "" : " class=\"number\"",
                           html_text(cells[at]), element);
    }
    return out + "</tr>\n";
}

void open_table(std::string& out, std::string_view id, const std::vector<std::string>& heads) {
    out += fmt::format(R"(<div class="scroll"><table class="figures" id="{}">{})", id,
                       row_of("th", heads));
}

void close_table(std::string& out) { out += "</table></div>\n"; }

void append_head(std::string& out, const LoadResult& result) {
    const std::string_view outcome = outcome_word(result);
    out += page_head(fmt::format("ringback load: {}", outcome),
                     fmt::format("{}{}", page_style(), load_page_style()),
                     {chart_library(), load_page_script()});
    out += fmt::format(
        "<header><h1 id=\"top\">ringback load: <span class=\"{}\">{}</span></h1>\n"
        "<p>{} to {}</p>\n<p>{}</p>\n<p class=\"soft\">{}, {}, {} worker{}, {}</p></header>\n",
        class_of(outcome), outcome, html_text(result.scenario), html_text(result.target),
        html_text(plan_text(result.plan)), html_text(result.started_at),
        duration_text(result.duration_s), result.workers, result.workers == 1 ? "" : "s",
        html_text(result.file));
    if (!result.truth.valid()) {
        out +=
            "<div class=\"warning\" id=\"invalid\"><p><b>This run is invalid.</b> The generator, "
            "not the receiver, was the limit, so no latency is shown as a result: lower the rate, "
            "or take more workers or machines.</p>\n<ul>\n";
        for (const std::string& why : result.truth.invalid) {
            out += "<li>" + html_text(why) + "</li>\n";
        }
        out += "</ul></div>\n";
    }
    if (!result.aborted.empty()) {
        out += "<p class=\"failed\">Aborted: " + html_text(result.aborted) + "</p>\n";
    }
    if (result.interrupted) {
        out += "<p class=\"interrupted\">Interrupted before all of the plan was done.</p>\n";
    }
    if (result.unexpected > 0) {
        out += "<p>" + unexpected_text(result) + "</p>\n";
    }
    if (result.lost.events > 0) {
        out += "<p id=\"lost\">" + lost_text(result) + ".</p>\n";
    }
    const FaultWords faults = fault_words(result.faults);
    for (const std::string& struck : faults.struck) {
        out += "<p class=\"soft\">" + html_text(struck) + "</p>\n";
    }
    for (const std::string& idle : faults.idle) {
        out += "<p>Warning: " + html_text(idle) + "</p>\n";
    }
    for (const PlanChange& change : result.changes) {
        out += "<p>By hand " + html_text(change_text(change)) + "</p>\n";
    }
    for (const std::string& remark : result.truth.remarks) {
        out += "<p class=\"soft\">Remark: " + html_text(remark) + "</p>\n";
    }
}

void append_counts(std::string& out, const LoadResult& result) {
    const LoadCounts& counts = result.counts;
    const LoadRates rates = rates_of(result);
    open_table(out, "calls",
               {"calls", "planned", "started", "finished", "passed", "failed", "dropped"});
    out += row_of("td", {"count", count_text(counts.planned), count_text(counts.started),
                         count_text(counts.finished), count_text(counts.passed),
                         count_text(counts.failed), count_text(counts.dropped)});
    out += row_of("td", {"rate", rate_text(rates.planned), rate_text(rates.started),
                         rate_text(rates.finished), "", "", ""});
    close_table(out);
    out += fmt::format(
        "<p>{} callbacks: {} delivered, {} errors. {} requests of the receiver, {} refused. {} "
        "connections opened, {} times reused, {} refused.{}</p>\n",
        count_text(counts.callbacks), count_text(counts.delivered), count_text(counts.errors),
        count_text(counts.requests), count_text(counts.requests_refused),
        count_text(counts.connections_opened), count_text(counts.connections_reused),
        count_text(counts.connections_refused),
        rates.ceiling_share()
            ? fmt::format(" At most {} was planned, {} of the {} that this machine can do.",
                          rate_text(rates.peak), share_text(*rates.ceiling_share()),
                          rate_text(*rates.ceiling))
            : "");
}

void append_threshold_table(std::string& out, const LoadResult& result) {
    if (result.thresholds.empty()) {
        return;
    }
    out += "<h2>Thresholds</h2>\n";
    open_table(out, "thresholds", {"threshold", "value", ""});
    const bool told = result.truth.valid();
    for (const ThresholdResult& threshold : result.thresholds) {
        const std::string_view word = !told ? "invalid" : threshold.held ? "passed" : "failed";
        out += fmt::format(
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"{}\">{}</td></tr>\n",
            html_text(threshold.expression),
            html_text(told ? threshold_value_text(threshold) : "not judged"), word,
            !told            ? "?"
            : threshold.held ? "✓ holds"
                             : "✗ crossed");
    }
    close_table(out);
}

void append_latencies(std::string& out, const LoadResult& result) {
    const std::vector<MetricRow> rows = metric_rows(result);
    if (rows.empty()) {
        return;
    }
    out += "<h2>Latency</h2>\n";
    open_table(out, "latency", {"", "p50", "p90", "p95", "p99", "p99.9", "max", "count"});
    for (const MetricRow& row : rows) {
        std::vector<std::string> cells{row.label};
        for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
            cells.push_back(span_text(static_cast<double>(row.histogram->percentile(percent))));
        }
        cells.push_back(count_text(row.histogram->count()));
        out += row_of("td", cells);
    }
    close_table(out);
    std::string others;
    for (const MetricRow& row : rows) {
        if (!row.about.empty() && row.name != metric::response && row.name != metric::service) {
            others += fmt::format("{}{}: {}", others.empty() ? "" : "; ", row.label, row.about);
        }
    }
    out += fmt::format("<p class=\"soft\">{}</p>\n<p class=\"soft\">{}</p>\n", response_and_service,
                       html_text(others));
}

void append_chart(std::string& out, std::string_view chart, std::string_view title,
                  std::string_view about, bool wide) {
    out += fmt::format(
        "<figure{}><figcaption>{} <span>{}</span></figcaption><div class=\"chart\">"
        "<canvas data-chart=\"{}\" role=\"img\" aria-label=\"{}\"></canvas></div></figure>\n",
        wide ? " class=\"wide\"" : "", title, about, chart, title);
}

void append_charts(std::string& out, const LoadResult& result,
                   const nlohmann::ordered_json& series) {
    out += fmt::format(
        "<h2>Over time</h2>\n<p class=\"soft\">{}{}</p>\n"
        "<noscript><p>Charts need JavaScript; the tables do not.</p></noscript>\n"
        "<div class=\"charts\">\n",
        series.at("point_s") == 1
            ? std::string{"A point a second."}
            : fmt::format("A point is {} seconds: the largest latency and queue of "
                          "them, the mean rate.",
                          series.at("point_s").get<std::size_t>()),
        result.plan.warmup.count() > 0 ? " Shaded: warm-up." : "");
    if (result.truth.valid()) {
        append_chart(out, "latency", "Latency", "of callbacks, by second, log scale", true);
    }
    append_chart(out, "rate", "Rate", "planned and achieved", false);
    append_chart(out, "flight", "In flight", "calls, at the end of a second", false);
    append_chart(out, "errors", "Errors", "by second", false);
    append_chart(out, "lag", "Send lag", "our own: callbacks due, not yet sent", false);
    if (series.contains("distribution") && !series.at("distribution").is_null()) {
        append_chart(out, "distribution", "Distribution", "of callbacks, log scale", true);
    }
    out += "</div>\n";
}

void append_highest_rate(std::string& out, const SearchResult& search) {
    out += fmt::format("<h2>Highest rate</h2>\n<p id=\"highest\"><b>{}</b></p>\n<p>{}</p>\n",
                       html_text(highest_rate_text(search)), html_text(confidence_text(search)));
    out += "<div class=\"charts\">\n";
    append_chart(out, "knee", "Latency over rate",
                 "of callbacks, the worst of the probes at a rate; marked: the highest that held",
                 true);
    out += "</div>\n";
    std::vector<std::string> heads = probe_heads();
    heads.emplace_back("why");
    open_table(out, "probes", heads);
    for (const SearchProbe& probe : search.probes) {
        std::vector<std::string> cells = probe_cells(probe);
        cells.push_back(probe.why);
        out += row_of("td", cells);
    }
    close_table(out);
    if (search.held) {
        out +=
            fmt::format("<p>What follows is of the last run at {}.</p>\n", rate_text(*search.held));
    }
}

/// "12.3 ms", "" where it was not measured.
std::string percentile_in(const Metrics& metrics, std::string_view name, double percent) {
    const auto found = metrics.find(name);
    return found == metrics.end() || found->second.empty()
               ? ""
               : span_text(static_cast<double>(found->second.percentile(percent)));
}

void append_stages(std::string& out, const LoadResult& result) {
    if (result.stages.empty()) {
        return;
    }
    constexpr double p50{50};
    constexpr double p99{99};
    const bool told = result.truth.valid();
    out += "<h2>By stage</h2>\n";
    std::vector<std::string> heads{"stage",  "planned", "started", "finished",
                                   "failed", "dropped", "errors"};
    if (told) {
        heads.insert(heads.end(), {"response p50", "p99", "service p99"});
    }
    open_table(out, "stages", heads);
    for (const LoadStageResult& stage : result.stages) {
        const LoadCounts& counts = stage.counts;
        std::vector<std::string> cells{stage_text(stage.stage),    count_text(counts.planned),
                                       count_text(counts.started), count_text(counts.finished),
                                       count_text(counts.failed),  count_text(counts.dropped),
                                       count_text(counts.errors)};
        if (told) {
            cells.insert(cells.end(), {percentile_in(stage.metrics, metric::response, p50),
                                       percentile_in(stage.metrics, metric::response, p99),
                                       percentile_in(stage.metrics, metric::service, p99)});
        }
        out += row_of("td", cells);
    }
    close_table(out);
}

void append_steps(std::string& out, const LoadResult& result) {
    if (result.steps.empty()) {
        return;
    }
    constexpr double p50{50};
    constexpr double p99{99};
    const bool told = result.truth.valid();
    out += "<h2>By step</h2>\n";
    std::vector<std::string> heads{"step", "passed", "failed"};
    if (told) {
        heads.insert(heads.end(), {"response p50", "p99", "service p99", "reaction p50", "p99"});
    }
    open_table(out, "steps", heads);
    for (const LoadStepResult& step : result.steps) {
        std::vector<std::string> cells{step.step, count_text(step.passed), count_text(step.failed)};
        if (told) {
            cells.insert(cells.end(), {percentile_in(step.metrics, metric::response, p50),
                                       percentile_in(step.metrics, metric::response, p99),
                                       percentile_in(step.metrics, metric::service, p99),
                                       percentile_in(step.metrics, metric::reaction, p50),
                                       percentile_in(step.metrics, metric::reaction, p99)});
        }
        out += row_of("td", cells);
    }
    close_table(out);
}

void append_causes(std::string& out, std::string_view heading, const Causes& causes) {
    if (causes.empty()) {
        return;
    }
    constexpr std::size_t most{100};
    const auto all = ranked(causes);
    out += fmt::format("<h3>{}</h3>\n<div class=\"scroll\"><table class=\"causes\">", heading);
    for (std::size_t at = 0; at < std::min(all.size(), most); ++at) {
        out += row_of("td", {all[at].first, count_text(all[at].second)});
    }
    if (all.size() > most) {
        out += row_of("td", {fmt::format("and {} others", all.size() - most), ""});
    }
    close_table(out);
}

/// Nothing in a block of data can end it.
std::string data_text(const nlohmann::ordered_json& data) {
    std::string out;
    for (const char c : data.dump()) {
        out += c == '<' ? std::string{"\\u003c"} : std::string(1, c);
    }
    return out;
}

}  // namespace

std::string load_html(const LoadResult& result) {
    const nlohmann::ordered_json series = load_series(result);
    std::string out;
    append_head(out, result);
    if (result.search) {
        append_highest_rate(out, *result.search);
    }
    append_counts(out, result);
    append_threshold_table(out, result);
    if (result.truth.valid()) {
        append_latencies(out, result);
    }
    append_charts(out, result, series);
    append_stages(out, result);
    append_steps(out, result);
    if (!result.failures.empty() || !result.errors.empty()) {
        out += "<h2>What went wrong</h2>\n";
        append_causes(out, "Failed calls", result.failures);
        append_causes(out, "Errors of callbacks", result.errors);
    }
    append_failing_calls(out, result);
    out += fmt::format(
        "<script type=\"application/json\" id=\"data\">{}</script>\n<script>{}</script>\n"
        "<script>{}</script>\n</body>\n</html>\n",
        data_text(series), chart_library(), load_page_script());
    return out;
}

}  // namespace ringback
