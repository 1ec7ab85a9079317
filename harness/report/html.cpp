#include "harness/report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/html_parts.h"
#include "harness/report/losses.h"
#include "harness/report/page.h"
#include "harness/report/probe_story.h"
#include "harness/report/story.h"
#include "harness/report/svg_ladder.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

std::string class_of(std::string_view result) {
    return result == "not played" ? "not-played" : std::string{result};
}

void append_head(std::string& out, const SuiteRecord& suite) {
    out += page_head(fmt::format("ringback: {}", suite.result()), page_style(), {});
    out += fmt::format("<header><h1 id=\"top\">ringback: <span class=\"{}\">{}</span></h1>\n",
                       class_of(suite.result()), suite.result());
    out += fmt::format(
        "<p>{}, in {}.</p>\n"
        "<p class=\"soft\">{}, ringback {}, run {}</p></header>\n",
        suite.counts_text(), seconds_text(suite.wall), time_text(suite.began),
        html_text(suite.version), html_text(suite.run_id));
}

void append_troubles(std::string& out, const SuiteRecord& suite) {
    if (suite.troubles.empty()) {
        return;
    }
    out += "<h2>What kept scenarios from being played</h2>\n<ul>\n";
    for (const Trouble& trouble : suite.troubles) {
        const std::string where = place_text(trouble.file, trouble.place);
        out += fmt::format("<li><b>{}</b> {}</li>\n", html_text(where), html_text(trouble.what));
    }
    out += "</ul>\n";
}

void append_summary(std::string& out, const SuiteRecord& suite) {
    if (suite.runs.empty()) {
        return;
    }
    out +=
        "<div class=\"scroll\"><table id=\"runs\"><tr><th>scenario</th><th>result</th>"
        "<th class=\"number\">held</th><th class=\"number\">modelled</th>"
        "<th class=\"number\">real</th><th class=\"number\">seed</th></tr>\n";
    for (std::size_t at = 0; at < suite.runs.size(); ++at) {
        const RunRecord& run = suite.runs[at];
        const auto held =
            std::ranges::count(run.verdict.judged, Judged::Result::passed, &Judged::result);
        const std::string_view result = word_of(run.verdict.result);
        out += fmt::format(
            "<tr><td><a href=\"#run-{}\">{}</a></td><td class=\"{}\">{}</td><td "
            "class=\"number\">{} of {}</td><td class=\"number\">{}</td><td "
            "class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            at, html_text(name_of(run)), result, result, held, run.verdict.judged.size(),
            seconds_text(run.modelled), seconds_text(run.wall), run.seed);
    }
    out += "</table></div>\n";
}

void append_coverage_table(std::string& out, const SuiteRecord& suite) {
    const Coverage coverage = coverage_of(suite.runs);
    out +=
        "<h2>Webhook coverage</h2>\n<div class=\"scroll\"><table id=\"coverage\">"
        "<tr><th>kind</th><th>touched</th><th></th></tr>\n";
    for (const Coverage::Kind& kind : coverage.kinds) {
        out += fmt::format(R"(<tr><td title="{}">{}</td><td class="number">{} of {}</td><td>)",
                           html_text(kind.about), kind.name, kind.touched(), kind.items.size());
        for (const Coverage::Item& item : kind.items) {
            out += fmt::format("<span class=\"chip{}\">{}{}</span>",
                               item.count == 0 ? " never" : "", html_text(item.name),
                               item.count == 0 ? fmt::format(": try {}", item.scenario)
                                               : fmt::format(" × {}", item.count));
        }
        out += "</td></tr>\n";
    }
    out += "</table></div>\n";
    for (const CoverageDemand& demand : suite.demands) {
        const bool met = is_met(demand, coverage);
        out += fmt::format("<p class=\"{}\">{} {}</p>\n", met ? "passed" : "failed",
                           met ? "✓" : "✗", html_text(demand_text(demand, coverage)));
    }
}

void append_not_played(std::string& out, const ProbeResult& result, std::string_view what,
                       std::string_view why) {
    out += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"not-played\">not played</td><td>{}</td></tr>\n",
        html_text(probe_name(result)), html_text(what), html_text(why));
}

void append_probes(std::string& out, const SuiteRecord& suite) {
    if (suite.probes.empty()) {
        return;
    }
    out +=
        "<h2>Does it survive?</h2>\n<div class=\"scroll\"><table id=\"probes\"><tr><th>probe</th>"
        "<th>what was wrong</th><th>result</th><th>what was found</th></tr>\n";
    for (const ProbeResult& result : suite.probes) {
        for (const ProbeTry& tried : result.tries) {
            const bool passed = tried.blame.failing.empty();
            out +=
                fmt::format("<tr><td>{}</td><td>{}</td><td class=\"{}\">{}</td><td>{}</td></tr>\n",
                            html_text(probe_name(result)), html_text(tried.disturbance.what),
                            passed ? "passed" : "failed", passed ? "survived" : "failed",
                            html_text(probe_came_of(tried)));
        }
        for (const std::string& what : result.not_played) {
            append_not_played(out, result, what, result.why_not);
        }
        if (result.outcome() == ProbeResult::Outcome::nothing_to_disturb) {
            append_not_played(out, result, "nothing to disturb",
                              why_nothing_to_disturb(result.kind));
        }
    }
    out += "</table></div>\n";
    for (const ProbeResult& result : suite.probes) {
        for (const ProbeTry& tried : result.tries) {
            if (!tried.blame.failing.empty()) {
                out += "<pre class=\"story\">" + html_lines(probe_story(tried, suite.command, {})) +
                       "</pre>\n";
            }
        }
    }
}

void append_expectations(std::string& out, const RunRecord& run) {
    out += fmt::format("<details><summary>{} expectations</summary><div class=\"scroll\"><table>",
                       run.verdict.judged.size());
    for (const Judged& told : run.verdict.judged) {
        const std::string_view result = word_of(told.result);
        out += fmt::format("<tr><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                           result, result, html_text(told.name),
                           html_text(place_text(told.file, told.place)), html_text(told.expected));
    }
    out += "</table></div></details>\n";
}

void append_run(std::string& out, const SuiteRecord& suite, std::size_t number) {
    const RunRecord& run = suite.runs[number];
    const std::string_view result = word_of(run.verdict.result);
    out += fmt::format(
        "<section id=\"run-{}\">\n<h2><span class=\"{}\">{}</span> {}</h2>\n<p>{}</p>\n"
        "<p class=\"soft\">{}, seed {}, user {}, {} modelled in {}</p>\n",
        number, result, result, html_text(name_of(run)), html_text(run.about), html_text(run.file),
        run.seed, html_text(run.user), seconds_text(run.modelled), seconds_text(run.wall));
    if (const std::string lost = losses_text(losses_of(run.entries)); !lost.empty()) {
        out += "<p>" + lost + ".</p>\n";
    }
    for (const Judged& told : run.verdict.judged) {
        if (told.result != Judged::Result::passed) {
            out +=
                "<pre class=\"story\">" + html_lines(expectation_story(run, told, {})) + "</pre>\n";
        }
    }
    if (run.verdict.result != Judged::Result::passed) {
        out += "<p>Again: <code>" + html_text(again(run, suite.command)) + "</code></p>\n";
    }
    append_expectations(out, run);
    append_ladder(out, run, number, decisive(run));
    out += "</section>\n";
}

}  // namespace

std::string html_report(const SuiteRecord& suite) {
    std::string out;
    append_head(out, suite);
    append_troubles(out, suite);
    append_summary(out, suite);
    append_probes(out, suite);
    append_coverage_table(out, suite);
    // What failed is what somebody opens this for.
    std::vector<std::size_t> order(suite.runs.size());
    for (std::size_t at = 0; at < order.size(); ++at) {
        order[at] = at;
    }
    std::stable_partition(order.begin(), order.end(), [&](std::size_t at) {
        return suite.runs[at].verdict.result != Judged::Result::passed;
    });
    for (const std::size_t at : order) {
        append_run(out, suite, at);
    }
    return out + "</body>\n</html>\n";
}

}  // namespace ringback
