// load: one scenario many times over, by a schedule, and what the receiver made of it.
#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <variant>

#include "harness/cli/load_options.h"
#include "harness/cli/load_play.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/receiver_command.h"
#include "harness/cli/rest_of_command.h"
#include "harness/cli/scenario_sources.h"
#include "harness/cli/values.h"
#include "harness/load/consent.h"
#include "harness/load/memory.h"
#include "harness/load/playable.h"
#include "harness/script/script.h"

namespace ringback {
namespace {

LoadRunSettings settings_of(const LoadOptions& options, Scenario scenario, LoadPlan plan) {
    LoadRunSettings settings;
    LoadHallSettings& hall = settings.hall;
    hall.user = options.run.suite.user;
    hall.token = options.run.suite.token;
    hall.secret = options.run.suite.secret;
    hall.seed = plan.seed;
    hall.run_id = "run-" + secret_token().substr(0, 12);
    hall.call_timeout = options.run.suite.timeout;
    hall.behind = rest_of_command(options.run);
    hall.simulator = options.run.suite.simulator;
    hall.simulator.targets = load_targets(options);
    settings.scenario = std::move(scenario);
    settings.plan = std::move(plan);
    settings.port = options.run.suite.port;
    settings.workers = options.workers;
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

Exit play(const LoadOptions& options, const LoadRunSettings& settings,
          const std::vector<Threshold>& thresholds) {
    std::optional<LoadDemand> demand;
    if (options.find_max.empty()) {
        demand = demand_of(settings.plan, settings.scenario);
    }
    LoadReceiver receiver{options, demand};
    if (const auto exit = receiver.find()) {
        return *exit;
    }
    auto played = options.find_max.empty() ? play_plan(options, settings, receiver)
                                           : find_max(options, settings, thresholds, receiver);
    receiver.stop();
    if (const Exit* const exit = std::get_if<Exit>(&played)) {
        return *exit;
    }
    auto& result = std::get<LoadResult>(played);
    if (options.find_max.empty()) {
        result.thresholds = evaluate(thresholds, result);
    }
    return show(options, result);
}

/// What stands on the command line and cannot be meant.
void add_problems(Flags& flags, const LoadOptions& options) {
    if (options.run.files.size() != 1) {
        flags.add_problem(
            {"FILE", fmt::format("expected one scenario, found {}", options.run.files.size())});
    }
    if (options.run.command.empty() && options.run.callback_url.empty()) {
        flags.add_problem({"--callback-url",
                           "expected where your receiver is, or -- and the "
                           "command that starts it"});
    }
    const auto need_for_each = [&](const char* flag, std::size_t found) {
        if (found < options.workers) {
            flags.add_problem({flag, fmt::format("expected at least {}, one for each of --workers, "
                                                 "found {}",
                                                 options.workers, found)});
        }
    };
    if (options.most_in_flight) {
        need_for_each("--max-in-flight", *options.most_in_flight);
    }
    need_for_each("--connections", options.run.suite.simulator.delivery.attempts_per_target);
    if (options.find_max.empty()) {
        return;
    }
    const auto refuse = [&flags](const char* flag, bool given) {
        if (given) {
            flags.add_problem({flag,
                               "expected none with --find-max, which plays one rate after another "
                               "(--rate is the first, --duration that of each)"});
        }
    };
    refuse("--stage", !options.stages.empty());
    refuse("--calls", options.calls.has_value());
    refuse("--segment", options.segment != Segment{});
    refuse("--arrivals", options.arrivals.starts_with("trace="));
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
    add_problems(*flags, options);
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    auto scenarios = scenarios_of(options.run);
    if (!scenarios) {
        return Exit::bad_usage;
    }
    Scenario& scenario = scenarios->front();
    if (const auto refused = refuse_under_load(scenario)) {
        complain(printable(to_text(*refused)));
        return Exit::bad_usage;
    }
    if (options.workers > 1 && std::holds_alternative<Kick>(scenario.start.how)) {
        complain(
            "--workers: expected 1 for a scenario with start.kick: the application may place the "
            "call that one loop awaits on another");
        return Exit::bad_usage;
    }
    const Step* const unnamed = first_unnamed(scenario.block);
    if (options.workers > 1 && unnamed != nullptr) {
        complain(printable(fmt::format(
            "--workers: expected 1 for a scenario that awaits a request which names no call "
            "({}, {}:{}:{}): one loop awaits it, and it may come to another",
            name_of(*unnamed), scenario.file, unnamed->place.line, unnamed->place.column)));
        return Exit::bad_usage;
    }
    auto plan = plan_of(options, scenario);
    const auto thresholds = thresholds_of(options, scenario);
    if (!plan || !thresholds) {
        complain(printable(to_text(plan ? thresholds.error() : plan.error())));
        return Exit::bad_usage;
    }
    keep_freed_memory();
    return play(options, settings_of(options, std::move(scenario), std::move(plan).value()),
                thresholds.value());
}

}  // namespace ringback
