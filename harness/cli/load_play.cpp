#include "harness/cli/load_play.h"

#include <fmt/format.h>

#include <utility>

#include "harness/cli/output.h"

namespace ringback {
namespace {

double milliseconds(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

/// What is told once a second, to whoever waits.
void tell_progress(const LoadNews& news) {
    const LoadSecond& row = news.second;
    say(
        fmt::format("{:>4} s of {:.0f}  {:>6.0f} calls/s  {:>6} in flight  response p50 {:.1f} p99 "
                    "{:.1f} ms  {} failed  {} errors{}",
                    row.second + 1, news.duration_s, static_cast<double>(row.started),
                    row.in_flight, milliseconds(row.response.p50), milliseconds(row.response.p99),
                    row.failed, row.errors, row.warmup ? "  (warm-up)" : ""));
}

Exit ended(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

}  // namespace

std::variant<LoadResult, Exit> play_plan(const LoadOptions& options, LoadRunSettings settings,
                                         LoadReceiver& receiver) {
    const LoadHallSettings who = settings.hall;
    LoadRun load{std::move(settings)};
    const Result<std::string> api = load.listen();
    if (!api) {
        return ended(api.error().where.empty() ? Exit::bad_usage : Exit::could_not_start,
                     api.error());
    }
    if (const auto problem = load.prepare(receiver.url())) {
        return ended(Exit::bad_usage, *problem);
    }
    if (const auto exit = receiver.start(who, api.value())) {
        return *exit;
    }
    std::vector<AbortWatch> watches;
    for (const AbortRule& rule : options.abort_rules) {
        watches.emplace_back(rule);
    }
    const SuiteReceiver under_test = receiver.under_test();
    auto result = load.run(under_test, [&](const LoadNews& news) {
        if (!options.run.quiet) {
            tell_progress(news);
        }
        for (AbortWatch& watch : watches) {
            if (auto why = watch.take(news.second)) {
                return *why;
            }
        }
        return std::string{};
    });
    if (!result) {
        return ended(load.unreachable() ? Exit::unreachable : Exit::could_not_start,
                     result.error());
    }
    return std::move(result).value();
}

}  // namespace ringback
