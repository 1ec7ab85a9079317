// compare: two results of load runs held against each other.
#include "harness/load/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/load_files.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

struct CompareOptions {
    std::vector<std::string> files;
    std::vector<std::string> claims;  // read when the timers of the runs are known
    bool json{false};
};

void add_flags(Flags& flags, CompareOptions& options) {
    flags.positionals("BASE NEW", "what ringback load --report json=PATH has written, twice",
                      onto(options.files, non_empty_of));
    flags.values("--fail-if", "EXPR",
                 "status 99 where that is established, such as 'p(99)>+10%', "
                 "'reaction:p(95)>+20ms' or 'calls.failed:rate>+1%'; repeatable",
                 onto(options.claims, non_empty_of));
    flags.value("--format", "FORMAT", "text or json (text)", into(options.json, is_json_of));
    flags.footer(
        "Behind each difference stands the interval in which it lies with 95 %.\n\n"
        "Exit status: 0 nothing was crossed, 99 a --fail-if was, 2 bad usage or a file\n"
        "that is no result, 98 one of the runs is invalid, 1 what could not be written.");
}

std::vector<std::string> timers_of(const LoadResult& base, const LoadResult& now) {
    std::vector<std::string> timers;
    for (const LoadTimer& timer : base.timers) {
        const bool in_both =
            std::ranges::find(now.timers, timer.name, &LoadTimer::name) != now.timers.end();
        if (in_both) {
            timers.push_back(timer.name);
        }
    }
    return timers;
}

}  // namespace

Exit compare(const Args& args) {
    CompareOptions options;
    Flags flags{"compare", "Tells how two load runs differ, and how sure that is."};
    add_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (options.files.size() != 2) {
        complain(fmt::format("BASE NEW: expected two files, found {}", options.files.size()));
        return Exit::bad_usage;
    }
    const Result<LoadResult> base = read_load_result(options.files[0]);
    const Result<LoadResult> now = read_load_result(options.files[1]);
    for (const Result<LoadResult>* const read : {&base, &now}) {
        if (!*read) {
            complain(printable(to_text(read->error())));
        }
    }
    if (!base || !now) {
        return Exit::bad_usage;
    }
    std::vector<FailIf> claims;
    for (const std::string& text : options.claims) {
        auto claim = parse_fail_if(text, timers_of(base.value(), now.value()));
        if (!claim) {
            complain(printable("--fail-if: " + claim.error().what));
            return Exit::bad_usage;
        }
        claims.push_back(std::move(claim).value());
    }
    const LoadComparison comparison = ringback::compare(base.value(), now.value(), claims);
    const bool written = print(options.json ? comparison_json(comparison).dump() + "\n"
                                            : comparison_text(comparison));
    if (!base.value().truth.valid() || !now.value().truth.valid()) {
        return Exit::invalid;  // nothing can be established
    }
    return comparison.crossed() ? Exit::threshold : written ? Exit::passed : Exit::failed;
}

}  // namespace ringback
