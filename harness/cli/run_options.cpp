#include "harness/cli/run_options.h"

#include <algorithm>
#include <set>

#include "harness/cli/options.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"
#include "harness/scenario/sources.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;

Result<milliseconds> wall_time_of(std::string_view text) {
    return deadline_of(text, milliseconds{1}, std::chrono::hours{24});
}

void add_scenario_flags(Flags& flags, RunOptions& options) {
    flags.group("Scenarios");
    flags.positionals("FILE", "scenario files, or names of built-in ones",
                      onto(options.files, non_empty_of));
    flags.values("-e,--var", "NAME=VALUE", "a variable, over the scenario's own; repeatable",
                 onto(options.vars, variable_of));
    flags.values("--override", "STEP:PATH=VALUE",
                 "put a value into the files, from the object that holds the step's id; a failure "
                 "says which would have made it hold; repeatable",
                 onto(options.overrides, override_of));
    flags.value("--data", "FILE", "rows (.csv or .jsonl) over the scenarios' own",
                into(options.data, non_empty_of));
    add_faults_flag(flags, options.suite.simulator.faults, options.faults);
    flags.value("--seed", "N", "for every draw of every scenario, over the files' own",
                [&options](std::string_view text) -> Result<bool> {
                    const auto seed = whole_number_of(text, 0, UINT64_MAX);
                    if (!seed) {
                        return seed.error();
                    }
                    options.suite.seed = seed.value();
                    return true;
                });
    flags.value("--jobs", "N", "scenarios at once, each with a user id of its own (1)",
                [&options](std::string_view text) -> Result<bool> {
                    constexpr std::uint64_t most_jobs = 256;
                    const auto jobs = whole_number_of(text, 1, most_jobs);
                    if (!jobs) {
                        return jobs.error();
                    }
                    options.suite.jobs = static_cast<std::size_t>(jobs.value());
                    return true;
                });
    flags.value("--timeout", "TIME",
                "real time one scenario may take (60s); its modelled waits together an hour, or "
                "this if it is more",
                into(options.suite.timeout, wall_time_of));
    flags.value("--clock", "real|virtual", "over the scenarios' own (virtual: nobody waits)",
                [&options](std::string_view text) -> Result<bool> {
                    if (text != "real" && text != "virtual") {
                        return expected("real or virtual", text);
                    }
                    options.virtual_clock = text == "virtual";
                    return true;
                });
    flags.value("--settle", "TIME", "real time of quiet before the virtual clock jumps (20ms)",
                into(options.suite.simulator.clock.settle, wall_time_of));
}

void add_allow_target_flag(Flags& flags, RunOptions& options) {
    flags.values("--allow-target", "HOST|CIDR",
                 "callbacks may go there too; only loopback may be called otherwise",
                 onto(options.suite.simulator.targets.allow, non_empty_of));
}

/// ", did you mean \"duplicates\"?", or "".
std::string meant_probe(std::string_view name) {
    std::vector<std::string_view> names{"all"};
    for (const ProbeName& known : probe_names()) {
        names.push_back(known.name);
    }
    return did_you_mean(name, names);
}

/// "duplicates,lost" or "all"; each name once, in the order of the table.
Result<bool> take_probes(std::string_view text, std::vector<ProbeKind>& kinds) {
    std::set<ProbeKind> wanted{kinds.begin(), kinds.end()};
    std::string_view rest = text;
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view name = rest.substr(0, comma);
        bool is_known{false};
        for (const ProbeName& known : probe_names()) {
            if (name == known.name || name == "all") {
                wanted.insert(known.kind);
                is_known = true;
            }
        }
        if (!is_known) {
            const Error wrong = expected(
                "all, or some of duplicates, reorder, restart, early, slow-api, lost", name);
            return Error{wrong.where, wrong.what + meant_probe(name)};
        }
        if (comma == rest.size()) {
            break;
        }
        rest.remove_prefix(comma + 1);
    }
    kinds.assign(wanted.begin(), wanted.end());
    return true;
}

void add_probe_flags(Flags& flags, RunOptions& options) {
    flags.group("Does it survive?");
    flags.values(
        "--probe", "NAME,...",
        "when the runs have passed, play them again with something wrong, and compare "
        "what the receiver does, and what it answers to start.kick: duplicates (one behind the "
        "other, and both at once), reorder, restart (before the first event of a call that it has "
        "placed, and between any two), early, slow-api, lost, or all; --faults are in every one of "
        "these runs, the first among them; repeatable",
        [&options](std::string_view text) { return take_probes(text, options.probes.kinds); });
    flags.value("--budget", "N", "runs that each probe may take (200)",
                [&options](std::string_view text) -> Result<bool> {
                    constexpr std::uint64_t most_runs = 10'000;
                    const auto budget = whole_number_of(text, 1, most_runs);
                    if (!budget) {
                        return budget.error();
                    }
                    options.probes.budget = static_cast<std::size_t>(budget.value());
                    return true;
                });
    flags.value("--restart-cmd", "CMD",
                "what starts the receiver anew and ends, for the shell; for --probe restart of a "
                "receiver that is not started by --. As ringback cannot stop such a one, only half "
                "of the probe's runs are played: those in which it misses no event",
                into(options.probes.restart, non_empty_of));
}

void add_output_flags(Flags& flags, RunOptions& options) {
    flags.group("Output");
    flags.value("--format", "FORMAT", "text, or json: one line a run",
                into(options.json, is_json_of));
    flags.values("--report", "KIND=PATH",
                 "also as a file: junit, json, html or markdown; repeatable",
                 onto(options.reports, report_wish_of));
    flags.values("--require-coverage", "KIND>=N",
                 "status 99 unless the runs touched that many events, causes, reasons, states, "
                 "commands, refusals, methods, deliveries; N% of those documented; repeatable",
                 onto(options.demands, coverage_demand_of));
    flags.toggle("--quiet", "failures only", [&options](bool on) { options.quiet = on; });
    flags.toggle("--verbose", "the ladder of every run, also of those that passed",
                 [&options](bool on) { options.verbose = on; });
    flags.toggle("--no-color", "plain text, as with NO_COLOR",
                 [&options](bool on) { options.no_color = on; });
}

void add_speed_flag(Flags& flags, RunOptions& options) {
    flags.value("--speed", "1x|max", "in real time, or as fast as the receiver answers (max)",
                [&options](std::string_view text) -> Result<bool> {
                    if (text != "1x" && text != "max") {
                        return expected("1x or max", text);
                    }
                    options.virtual_clock = text == "max";
                    return true;
                });
}

}  // namespace

Result<std::pair<std::string, std::string>> variable_of(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return expected("NAME=VALUE", text);
    }
    return std::pair{std::string{text.substr(0, equals)}, std::string{text.substr(equals + 1)}};
}

void add_receiver_flags(Flags& flags, RunOptions& options) {
    flags.group("Your receiver");
    add_callback_url_flag(flags,
                          "its base URL; default with a command: a free port, told it as PORT",
                          options.callback_url, options.suite.simulator.targets);
    add_delivery_flags(flags, options.suite.simulator.delivery);
    flags.value("--wait-for", "URL|PORT",
                "where it shows that it is ready (its own port, or what the scenario says)",
                into(options.wait_for, non_empty_of));
    flags.value("--wait-timeout", "TIME", "how long that may take (30s)",
                into(options.wait_timeout, wall_time_of));
    flags.value("--user-id", "ID", "whose calls they are, told it as RINGBACK_USER_ID (u-ringback)",
                into(options.suite.user, non_empty_of));
    flags.value("--token", "TOKEN", "RINGBACK_TOKEN (t-ringback)",
                into(options.suite.token, credential_of));
    flags.value("--secret", "SECRET", "RINGBACK_SECRET (s-ringback)",
                into(options.suite.secret, credential_of));
    flags.value("--port", "N", "the API's port; 0 = any free one (0)",
                into(options.suite.port, port_of));
}

std::unique_ptr<Flags> run_flags(RunOptions& options) {
    auto flags = std::make_unique<Flags>(
        "run",
        "Plays scenarios against your receiver and tells whether it is right. Behind -- comes the "
        "command that starts it: it gets RINGBACK_URL (the fake API), PORT (where to listen) and "
        "the ids to use in its environment, and is stopped in the end. Without a command, "
        "--callback-url says where it is.");
    add_scenario_flags(*flags, options);
    add_receiver_flags(*flags, options);
    add_signing_flag(*flags, options.suite.simulator.delivery);
    add_allow_target_flag(*flags, options);
    add_probe_flags(*flags, options);
    add_output_flags(*flags, options);
    flags->footer(
        "Usage with a command: ringback run FILE... [FLAGS] -- CMD [ARGS]\n\n"
        "Exit status: 0 everything held, 1 something did not, a probe found something,\n"
        "or not all could be run, 2 bad usage or a bad scenario (nothing was sent), 3\n"
        "could not start, 4 the receiver never answered, 5 a run was not over by\n"
        "--timeout, 6 inconclusive: the fake could not do what a script asks, there is\n"
        "nothing for a probe to compare with, or for any to disturb, 99 less coverage\n"
        "than required, 130 interrupted. Reports are written in every case but bad usage.");
    return flags;
}

std::unique_ptr<Flags> replay_flags(ReplayOptions& options) {
    RunOptions& run = options.run;
    auto flags = std::make_unique<Flags>(
        "replay",
        "Plays what ringback record has written against a receiver again, or any other scenario. "
        "With --check it tells only whether the receiver does what it did then.");
    flags->group("Recordings");
    flags->positionals("FILE", "scenario files", onto(run.files, non_empty_of));
    add_speed_flag(*flags, run);
    flags->toggle("--check", "print \"identical\", or the first field that differs",
                  [&options](bool on) { options.check = on; });
    flags->values("-e,--var", "NAME=VALUE", "a variable, over the recording's own; repeatable",
                  onto(run.vars, variable_of));
    flags->value("--timeout", "TIME", "real time one recording may take (60s)",
                 into(run.suite.timeout, wall_time_of));
    add_receiver_flags(*flags, run);
    add_signing_flag(*flags, run.suite.simulator.delivery);
    add_allow_target_flag(*flags, run);
    add_output_flags(*flags, run);
    flags->footer(
        "Usage with a command: ringback replay FILE... [FLAGS] -- CMD [ARGS]\n\n"
        "Exit status: as of ringback run; 0 identical, 1 something differs.");
    return flags;
}

}  // namespace ringback
