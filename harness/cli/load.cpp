// load: one scenario many times over, by a schedule, and what the receiver made of it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "harness/cli/load_options.h"
#include "harness/cli/load_receiver.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/run.h"
#include "harness/cli/scenario_sources.h"
#include "harness/cli/values.h"
#include "harness/load/load_run.h"

namespace ringback {
namespace {

double in_ms(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

/// What is told once a second, to whoever waits.
void tell_progress(const LoadNews& news) {
    const LoadSecond& row = news.second;
    say(
        fmt::format("{:>4} s of {:.0f}  {:>6.0f} calls/s  {:>6} in flight  response p50 {:.1f} p99 "
                    "{:.1f} ms  {} failed  {} errors{}",
                    row.second + 1, news.duration_s, static_cast<double>(row.started),
                    row.in_flight, in_ms(row.response.p50), in_ms(row.response.p99), row.failed,
                    row.errors, row.warmup ? "  (warm-up)" : ""));
}

LoadRunSettings settings_of(const LoadOptions& options, Scenario scenario, LoadPlan plan) {
    LoadRunSettings settings;
    LoadHallSettings& hall = settings.hall;
    hall.user = options.run.suite.user;
    hall.token = options.run.suite.token;
    hall.secret = options.run.suite.secret;
    hall.seed = plan.seed;
    hall.run_id = "run-" + secret_token().substr(0, 12);
    hall.most_in_flight = options.most_in_flight;
    hall.call_timeout = options.run.suite.timeout;
    hall.simulator = options.run.suite.simulator;
    settings.scenario = std::move(scenario);
    settings.plan = std::move(plan);
    settings.port = options.run.suite.port;
    settings.drain = options.drain;
    return settings;
}

Exit show(const LoadOptions& options, const LoadResult& result) {
    const Terminal terminal = terminal_of(STDOUT_FILENO, options.run.no_color);
    const StoryStyle style{terminal.width, terminal.utf8, terminal.colour};
    const bool printed = print(render(options.format, result, style));
    const bool written = write_load_reports(options.reports, result);
    const int status = exit_status(result);
    return status == 0 && !(printed && written) ? Exit::failed : static_cast<Exit>(status);
}

Exit play(const LoadOptions& options, LoadRunSettings settings,
          const std::vector<Threshold>& thresholds) {
    LoadReceiver receiver{options};
    if (const auto exit = receiver.find()) {
        return *exit;
    }
    const LoadHallSettings who = settings.hall;
    LoadRun load{std::move(settings)};
    const Result<std::string> api = load.listen();
    if (!api) {
        complain(printable(to_text(api.error())));
        return api.error().where.empty() ? Exit::bad_usage : Exit::could_not_start;
    }
    if (const auto problem = load.prepare(receiver.url())) {
        complain(printable(to_text(*problem)));
        return Exit::bad_usage;
    }
    if (const auto exit = receiver.start(who, api.value())) {
        return *exit;
    }
    const SuiteReceiver under_test = receiver.under_test();
    std::vector<AbortWatch> watches;
    for (const AbortRule& rule : options.abort_rules) {
        watches.emplace_back(rule);
    }
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
    receiver.stop();
    if (!result) {
        complain(printable(to_text(result.error())));
        return load.unreachable() ? Exit::unreachable : Exit::could_not_start;
    }
    LoadResult whole = std::move(result).value();
    whole.thresholds = evaluate(thresholds, whole);
    return show(options, whole);
}

}  // namespace

Exit load(const Args& args) {
    LoadOptions options;
    const auto flags = load_flags(options);
    auto [words, command] = split_at_dashes(args);
    options.run.command = std::move(command);
    if (const auto ended = ended_by_flags(*flags, words)) {
        return *ended;
    }
    if (options.run.files.size() != 1) {
        flags->add_problem(
            {"FILE", fmt::format("expected one scenario, found {}", options.run.files.size())});
    }
    if (options.run.command.empty() && options.run.callback_url.empty()) {
        flags->add_problem({"--callback-url",
                            "expected where your receiver is, or -- and the "
                            "command that starts it"});
    }
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    auto scenarios = scenarios_of(options.run);
    if (!scenarios) {
        return Exit::bad_usage;
    }
    Scenario& scenario = scenarios->front();
    auto plan = plan_of(options, scenario);
    const auto thresholds = thresholds_of(options, scenario);
    if (!plan || !thresholds) {
        complain(printable(to_text(plan ? thresholds.error() : plan.error())));
        return Exit::bad_usage;
    }
    return play(options, settings_of(options, std::move(scenario), std::move(plan).value()),
                thresholds.value());
}

}  // namespace ringback
