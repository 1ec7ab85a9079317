// load: one scenario many times over, by a schedule, and what the receiver made of it.
#include "harness/scenario/load.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>

#include "harness/cli/load_options.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/run.h"
#include "harness/cli/values.h"
#include "harness/load/load_run.h"
#include "harness/scenario/events.h"
#include "simulator/edge/target.h"

namespace ringback {
namespace {

void tell(const std::vector<Mistake>& mistakes) {
    for (const Mistake& mistake : mistakes) {
        say(printable(to_text(mistake)));
    }
}

/// The scenario with its variables; none: every mistake is told.
std::optional<Scenario> scenario_of(const LoadOptions& options) {
    std::vector<Override> edits = options.run.overrides;
    if (!options.run.data.empty()) {
        std::vector<Mistake> mistakes;
        if (auto rows = data_from(options.run.data, mistakes)) {
            edits.push_back(std::move(*rows));
        }
        tell(mistakes);
        if (!mistakes.empty()) {
            return std::nullopt;
        }
    }
    LoadedScenario loaded = load_scenario(options.run.files.front(), edits);
    tell(loaded.mistakes);
    if (!loaded.scenario) {
        return std::nullopt;
    }
    const auto& built_in = built_in_variables();
    for (const auto& [name, value] : options.run.vars) {
        if (!loaded.scenario->vars.contains(name) &&
            std::ranges::find(built_in, name) == built_in.end()) {
            complain(printable("-e " + name +
                               ": expected a variable of the scenario, found none of that name"));
            return std::nullopt;
        }
        loaded.scenario->vars[name] = value;
    }
    return std::move(loaded.scenario);
}

/// Load is for receivers of one's own: on this machine, or said to be one's own.
std::optional<Error> refused_target(const LoadOptions& options, const std::string& receiver) {
    const Result<Target> target = callback_target_of(receiver);
    if (!target) {
        return Error{"--callback-url", target.error().what};
    }
    const bool is_here = !TargetPolicy{}.refusal(target.value());
    if (!options.owned && !is_here) {
        return Error{"--i-own-this-target",
                     fmt::format("expected for load to another machine, found the receiver {}",
                                 target.value().host_and_port())};
    }
    return std::nullopt;
}

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
    std::optional<PortClaim> claim;  // of the receiver's port, until it has been stopped
    const Result<std::string> receiver = receiver_url(options.run.callback_url, claim);
    if (!receiver) {
        complain(printable(to_text(receiver.error())));
        return Exit::could_not_start;
    }
    if (const auto refusal = refused_target(options, receiver.value())) {
        complain(printable(to_text(*refusal)));
        return Exit::bad_usage;
    }
    const ReceiverCommand command{options.run.command, settings.hall.user, settings.hall.token,
                                  settings.hall.secret, settings.hall.run_id};
    LoadRun load{std::move(settings)};
    const Result<std::string> api = load.listen();
    if (!api) {
        complain(printable(to_text(api.error())));
        return api.error().where.empty() ? Exit::bad_usage : Exit::could_not_start;
    }
    if (const auto problem = load.prepare(receiver.value())) {
        complain(printable(to_text(*problem)));
        return Exit::bad_usage;
    }
    const auto sign = options.run.wait_for.empty() ? listening_address(receiver.value())
                                                   : parse_receiver_address(options.run.wait_for);
    if (!sign) {
        complain(printable(to_text(sign.error())));
        return Exit::bad_usage;
    }
    std::unique_ptr<Child> child;
    if (!options.run.command.empty()) {
        auto started = start_receiver(command, api.value(), receiver.value());
        if (!started) {
            complain(printable(to_text(started.error())));
            return Exit::could_not_start;
        }
        child = std::move(started).value();
    }
    SuiteReceiver under_test{receiver.value(), child ? child->pidfd() : -1, {}, {}, {}};
    under_test.await = [&]() {
        return await_receiver(
            sign.value(), std::chrono::steady_clock::now() + options.run.wait_timeout, child.get());
    };
    under_test.give_up = [&] {
        if (child) {
            // Its end ends the wait. By descriptor: the waiting thread may reap the number.
            ::syscall(SYS_pidfd_send_signal, child->pidfd(), SIGTERM, nullptr, 0U);
        }
    };
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
    if (child) {
        child->stop(options.run.term_patience);
    }
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
    std::optional<Scenario> scenario = scenario_of(options);
    if (!scenario) {
        return Exit::bad_usage;
    }
    auto plan = plan_of(options, *scenario);
    const auto thresholds = thresholds_of(options, *scenario);
    if (!plan || !thresholds) {
        complain(printable(to_text(plan ? thresholds.error() : plan.error())));
        return Exit::bad_usage;
    }
    return play(options, settings_of(options, std::move(*scenario), std::move(plan).value()),
                thresholds.value());
}

}  // namespace ringback
