// report: what load runs came to, rendered again; several segments of one load as one.

#include <optional>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/load_files.h"
#include "harness/cli/load_reports.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"
#include "harness/load/merge.h"
#include "harness/load/threshold.h"

namespace ringback {
namespace {

struct ReportOptions {
    std::vector<std::string> files;
    LoadReport format{LoadReport::text};
    std::vector<LoadReportWish> reports;
    std::vector<std::string> thresholds;
    bool no_color{false};
};

void add_flags(Flags& flags, ReportOptions& options) {
    flags.positionals("RUN.json", "what ringback load --report json=PATH has written",
                      onto(options.files, non_empty_of));
    flags.value("--format", "FORMAT",
                "text, json, csv (the seconds), md, junit, html, prometheus or hlog (text)",
                into(options.format, load_report_of));
    flags.values("--report", "KIND=PATH", "also as a file, of any of these kinds; repeatable",
                 onto(options.reports, load_report_wish_of));
    flags.values("--threshold", "EXPR",
                 "instead of those in the files, such as 'response:p(99)<250ms' or "
                 "'calls.failed:rate<0.1%'; repeatable",
                 onto(options.thresholds, non_empty_of));
    flags.toggle("--no-color", "plain text, as with NO_COLOR",
                 [&options](bool on) { options.no_color = on; });
    flags.footer(
        "Several files are the segments of one load (--segment 1/2, 2/2): their sum has\n"
        "exact percentiles, and thresholds are evaluated anew.\n\n"
        "Exit status: as the run itself: 0 all well, 1 calls failed or not all was done,\n"
        "98 invalid, 99 a threshold was crossed, 130 interrupted. 2 bad usage, or a file\n"
        "that is no result or is of another load; 1 what could not be written.");
}

/// The one result, or the sum of several; told and none where there is none.
std::optional<LoadResult> result_of(const std::vector<std::string>& files) {
    std::vector<LoadPart> parts;
    bool all{true};
    for (const std::string& file : files) {
        Result<LoadResult> read = read_load_result(file);
        if (read) {
            parts.push_back({file, std::move(read).value()});
        } else {
            complain(to_text(read.error()));
            all = false;
        }
    }
    if (!all) {
        return std::nullopt;
    }
    if (parts.size() == 1) {
        return std::move(parts.front().result);
    }
    Result<LoadResult> sum = merged(std::move(parts));
    if (!sum) {
        complain(to_text(sum.error()));
        return std::nullopt;
    }
    return std::move(sum).value();
}

/// By those of the command line; else, a sum, by those that its parts had. False: one of them is
/// none, which is told.
bool judge(LoadResult& result, const ReportOptions& options) {
    std::vector<std::string> expressions = options.thresholds;
    if (expressions.empty()) {
        if (options.files.size() == 1) {
            return true;
        }
        for (const ThresholdResult& before : result.thresholds) {
            expressions.push_back(before.expression);
        }
    }
    std::vector<std::string> timers;
    for (const LoadTimer& timer : result.timers) {
        timers.push_back(timer.name);
    }
    std::vector<Threshold> thresholds;
    bool all{true};
    for (const std::string& expression : expressions) {
        const Result<Threshold> threshold = parse_threshold(expression, timers);
        if (threshold) {
            thresholds.push_back(threshold.value());
        } else {
            complain("--threshold: " + threshold.error().what);
            all = false;
        }
    }
    result.thresholds = evaluate(thresholds, result);
    return all;
}

}  // namespace

Exit report(const Args& args) {
    ReportOptions options;
    Flags flags{"report",
                "Renders what load runs came to, and ends as they did. What ringback load writes "
                "with --report json=PATH is all that is needed."};
    add_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (options.files.empty()) {
        complain("RUN.json: expected at least one file, found none");
        return Exit::bad_usage;
    }
    std::optional<LoadResult> result = result_of(options.files);
    if (!result || !judge(*result, options)) {
        return Exit::bad_usage;
    }
    const Terminal terminal = terminal_of(1, options.no_color);
    const StoryStyle style{terminal.width, terminal.utf8, terminal.colour};
    const bool printed = print(render(options.format, *result, style));
    const bool written = write_load_reports(options.reports, *result);
    const int status = exit_status(*result);
    return status == 0 && !(printed && written) ? Exit::failed : static_cast<Exit>(status);
}

}  // namespace ringback
