#include "harness/report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "harness/report/fault_words.h"
#include "harness/report/losses.h"
#include "harness/report/probe_story.h"
#include "harness/report/story.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

std::string_view mark_of(Judged::Result result) {
    return result == Judged::Result::passed ? "✅" : result == Judged::Result::failed ? "❌" : "❔";
}

void append_runs(std::string& out, const SuiteRecord& suite) {
    if (suite.runs.empty()) {
        return;
    }
    out += "| | scenario | held | modelled | real | seed |\n|---|---|---|---|---|---|\n";
    for (const RunRecord& run : suite.runs) {
        const auto held =
            std::ranges::count(run.verdict.judged, Judged::Result::passed, &Judged::result);
        out += fmt::format("| {} | {} | {} of {} | {} | {} | {} |\n", mark_of(run.verdict.result),
                           markdown_cell(name_of(run)), held, run.verdict.judged.size(),
                           seconds_text(run.modelled), seconds_text(run.wall), run.seed);
    }
    out += "\n";
}

void append_stories(std::string& out, const SuiteRecord& suite) {
    for (const RunRecord& run : suite.runs) {
        if (run.verdict.result != Judged::Result::passed) {
            out += fmt::format("<details><summary>{} {}</summary>\n\n{}\n</details>\n\n",
                               mark_of(run.verdict.result), markdown_cell(name_of(run)),
                               markdown_fence(failure_story(run, suite.command, {})));
        }
    }
}

void append_coverage(std::string& out, const SuiteRecord& suite) {
    const Coverage coverage = coverage_of(suite.runs);
    out += "| webhook coverage | touched | never |\n|---|---|---|\n";
    for (const Coverage::Kind& kind : coverage.kinds) {
        std::string untouched;
        for (const Coverage::Item& item : kind.items) {
            if (item.count == 0) {
                untouched += (untouched.empty() ? "" : ", ") + markdown_cell(item.name);
            }
        }
        out += fmt::format("| {} | {} of {} | {} |\n", kind.name, kind.touched(), kind.items.size(),
                           untouched);
    }
    for (const CoverageDemand& demand : suite.demands) {
        out += fmt::format("\n{} {}\n", is_met(demand, coverage) ? "✅" : "❌",
                           markdown_cell(demand_text(demand, coverage)));
    }
}

void append_probe_table(std::string& out, const SuiteRecord& suite) {
    for (const ProbeResult& result : suite.probes) {
        const std::string_view mark = result.survived() ? "✅" : result.failed() > 0 ? "❌" : "❔";
        out += fmt::format("- {} {}\n", mark, markdown_cell(probe_line(result, {})));
    }
    out += suite.probes.empty() ? "" : "\n";
    for (const ProbeResult& result : suite.probes) {
        for (const ProbeTry& tried : result.tries) {
            if (!tried.blame.failing.empty()) {
                out += fmt::format("<details><summary>{}: {}</summary>\n\n{}\n</details>\n\n",
                                   markdown_cell(probe_name(result)),
                                   markdown_cell(tried.disturbance.what),
                                   markdown_fence(probe_story(tried, suite.command, {})));
            }
        }
    }
}

/// What workflow commands would read themselves is percent-encoded; in properties two more.
std::string escaped(std::string_view text, bool property) {
    std::string out;
    for (const char c : text) {
        if (c == '%') {
            out += "%25";
        } else if (c == '\r') {
            out += "%0D";
        } else if (c == '\n') {
            out += "%0A";
        } else if (property && c == ':') {
            out += "%3A";
        } else if (property && c == ',') {
            out += "%2C";
        } else {
            out += c;
        }
    }
    return out;
}

std::string told_at(const std::string& file, const Place& place, const Checkout& checkout) {
    // Built-in scenarios are in no file of the checkout.
    if (file.starts_with("builtin:") || (place.line == 0 && !file.ends_with(".json"))) {
        return {};
    }
    std::filesystem::path name{file};
    if (!checkout.root.empty()) {
        const std::filesystem::path inside =
            (checkout.folder / name).lexically_normal().lexically_relative(checkout.root);
        name = inside.empty() || *inside.begin() == ".." ? name : inside;
    }
    std::string out = " file=" + escaped(name.string(), true);
    if (place.line > 0) {
        out += fmt::format(",line={},col={}", place.line, place.column);
    }
    return out;
}

}  // namespace

std::string markdown_cell(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '|':
            case '\\':
            case '`':
            case '*':
            case '_':
            case '[':
            case ']':
            case '~':
            case '#':
                out += '\\';
                out += c;
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string markdown_fence(const std::string& text) {
    std::size_t longest{0};
    std::size_t run{0};
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    return fmt::format("{}text\n{}{}{}\n", fence, text, text.ends_with('\n') ? "" : "\n", fence);
}

std::string markdown_report(const SuiteRecord& suite) {
    std::string out = fmt::format("## ringback: {}\n\n{}, in {}\n\n", suite.result(),
                                  suite.counts_text(), seconds_text(suite.wall));
    for (const Trouble& trouble : suite.troubles) {
        const std::string where = place_text(trouble.file, trouble.place);
        out += fmt::format("- ❌ {}{}{}\n", markdown_cell(where), where.empty() ? "" : ": ",
                           markdown_cell(trouble.what));
    }
    out += suite.troubles.empty() ? "" : "\n";
    if (const std::string lost = losses_text(suite.runs); !lost.empty()) {
        out += lost + ".\n\n";
    }
    for (const std::string& idle : fault_words(suite.runs).idle) {
        out += fmt::format("- ⚠️ {}\n\n", markdown_cell(idle));
    }
    append_runs(out, suite);
    append_stories(out, suite);
    append_probe_table(out, suite);
    append_coverage(out, suite);
    return out;
}

std::vector<std::string> annotations(const SuiteRecord& suite, const Checkout& checkout) {
    std::vector<std::string> lines;
    const auto add = [&](std::string_view level, const std::string& at, const std::string& title,
                         const std::string& text) {
        lines.push_back(fmt::format("::{}{}{}title={}::{}", level, at, at.empty() ? " " : ",",
                                    escaped(printable(title), true), escaped(text, false)));
    };
    for (const Trouble& trouble : suite.troubles) {
        add("error", told_at(trouble.file, trouble.place, checkout), "ringback",
            printable(trouble.what, 4096));
    }
    for (const RunRecord& run : suite.runs) {
        for (const Judged& told : run.verdict.judged) {
            if (told.result == Judged::Result::passed) {
                continue;
            }
            add(told.result == Judged::Result::failed ? "error" : "warning",
                told_at(told.file, told.place, checkout),
                fmt::format("{}: {}", name_of(run), told.name), expectation_story(run, told, {}));
        }
    }
    for (const ProbeResult& result : suite.probes) {
        for (const ProbeTry& tried : result.tries) {
            if (!tried.blame.failing.empty()) {
                add("error", told_at(result.file, {}, checkout), probe_name(result),
                    tried.disturbance.what + "\n" + probe_finding(tried));
            }
        }
    }
    return lines;
}

}  // namespace ringback
