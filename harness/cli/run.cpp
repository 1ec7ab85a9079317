#include "harness/cli/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "harness/cli/commands.h"
#include "harness/cli/narration.h"
#include "harness/cli/output.h"
#include "harness/cli/probe_play.h"
#include "harness/cli/process.h"
#include "harness/cli/receiver_command.h"
#include "harness/cli/receiver_process.h"
#include "harness/cli/rest_of_command.h"
#include "harness/cli/values.h"
#include "harness/report/fault_words.h"
#include "harness/report/run_json.h"
#include "harness/report/story.h"
#include "harness/run/suite.h"
#include "harness/scenario/events.h"
#include "harness/scenario/load.h"

namespace ringback {
namespace {

/// Tells what keeps scenarios from being played, and keeps it for the reports.
void note(SuiteRecord& record, const Error& error) {
    complain(printable(to_text(error)));
    record.troubles.push_back({"", {}, to_text(error)});
}

void tell(const std::vector<Mistake>& mistakes, SuiteRecord& record) {
    for (const Mistake& mistake : mistakes) {
        say(printable(to_text(mistake)));
        record.troubles.push_back({mistake.file, mistake.place, mistake.what});
    }
}

/// Every scenario; false: every mistake is told.
bool load_all(RunOptions& options, SuiteRecord& record) {
    std::set<std::string, std::less<>> known;  // variables
    std::vector<Override> edits = options.overrides;
    if (!options.data.empty()) {
        std::vector<Mistake> mistakes;
        if (auto rows = data_from(options.data, mistakes)) {
            edits.push_back(std::move(*rows));
        }
        tell(mistakes, record);
    }
    for (const std::string& file : options.files) {
        LoadedScenario loaded = load_scenario(file, edits);
        tell(loaded.mistakes, record);
        if (!loaded.scenario) {
            continue;
        }
        Scenario& scenario = *loaded.scenario;
        for (const auto& [name, value] : options.vars) {
            if (scenario.vars.contains(name)) {
                known.insert(name);
            }
            scenario.vars[name] = value;
        }
        scenario.virtual_clock = options.virtual_clock.value_or(scenario.virtual_clock);
        options.suite.scenarios.push_back(std::move(scenario));
    }
    if (!record.troubles.empty()) {
        return false;
    }
    known.insert(built_in_variables().begin(), built_in_variables().end());
    for (const auto& [name, value] : options.vars) {
        if (!known.contains(name)) {
            note(record,
                 {"-e " + name, "expected a variable of a scenario, found none of that name"});
        }
    }
    return record.troubles.empty();
}

/// Who the receiver is told to be: as the first scenario has it that says so itself.
std::string user_of(const RunOptions& options) {
    for (const Scenario& scenario : options.suite.scenarios) {
        const auto user = scenario.vars.find("userId");
        if (user != scenario.vars.end() && user->is_string() &&
            user->get_ref<const std::string&>().find("${") == std::string::npos) {
            return user->get<std::string>();
        }
    }
    return options.suite.user;
}

/// What tells that the receiver is there: as asked for, as the first scenario says, or its port.
Result<ReceiverAddress> sign_of_life(const RunOptions& options, const Suite& suite,
                                     const std::string& receiver) {
    if (!options.wait_for.empty()) {
        return parse_receiver_address(options.wait_for);
    }
    const Result<std::string> said = suite.wait_for(receiver);
    if (!said) {
        return Error{"waitFor", to_text(said.error())};
    }
    return said.value().empty() ? listening_address(receiver)
                                : parse_receiver_address(said.value());
}

struct Shown {
    StoryStyle style;
    std::string behind;  // the rest of the command that plays a run again
};

bool show(const RunRecord& run, const RunOptions& options, const Shown& shown) {
    if (options.json) {
        return print(run_json(run).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                     "\n");
    }
    const bool passed = run.verdict.result == Judged::Result::passed;
    if (passed && options.quiet) {
        return true;
    }
    std::string text = summary_line(run, shown.style) + "\n";
    if (!passed) {
        text += "\n" + failure_story(run, shown.behind, shown.style) + "\n";
    } else if (options.verbose) {
        text += "\n" + marked_ladder(run, nullptr, shown.style) + "\n";
    }
    return print(text);
}

Exit exit_of(const SuiteRecord& record, const Suite& suite, bool printed_all) {
    if (suite.interrupted()) {
        return Exit::interrupted;
    }
    if (std::ranges::any_of(record.runs, &RunRecord::out_of_time)) {
        return Exit::deadline;
    }
    if (record.count(Judged::Result::failed) > 0 || record.runs.size() < record.planned ||
        !printed_all) {
        return Exit::failed;
    }
    if (record.count(Judged::Result::inconclusive) > 0) {
        return Exit::inconclusive;
    }
    const Coverage coverage = coverage_of(record.runs);
    const bool met = std::ranges::all_of(
        record.demands, [&](const CoverageDemand& demand) { return is_met(demand, coverage); });
    return met ? Exit::passed : Exit::threshold;
}

void sum_up(const SuiteRecord& record, const Suite& suite) {
    say(record.counts_text());
    for (const std::string& stray : suite.strays()) {
        complain("a request named no user id of these scenarios: " + printable(stray));
    }
    tell_faults(fault_words(record.runs));
    const Coverage coverage = coverage_of(record.runs);
    for (const CoverageDemand& demand : record.demands) {
        if (!is_met(demand, coverage)) {
            complain("coverage " + printable(demand_text(demand, coverage), 1024));
        }
    }
}

/// What kept probes from being played; "": nothing did.
std::string why_not_played(const Suite& suite, const Result<std::vector<RunRecord>>& runs) {
    if (suite.interrupted()) {
        return std::string{interrupted_by_signal};
    }
    if (suite.gave_up()) {
        return to_text(*suite.gave_up());
    }
    return runs ? "" : to_text(runs.error());
}

/// Everything between good scenarios and the exit status.
Exit play(RunOptions& options, SuiteRecord& record, const ShowRun& show_instead) {
    std::optional<PortClaim> claim;  // of the receiver's port, until it has been stopped
    const Result<std::string> receiver = receiver_url(options.callback_url, claim);
    const auto policy = TargetPolicy::from(options.suite.simulator.targets);
    if (!receiver || !policy) {
        note(record, receiver ? policy.error() : receiver.error());
        return Exit::bad_usage;
    }
    options.suite.told = user_of(options);
    Suite suite{options.suite};
    const Result<std::string> api = suite.listen();
    if (!api) {
        note(record, api.error());
        return Exit::could_not_start;
    }
    tell(suite.refused_targets(receiver.value()), record);
    const Result<ReceiverAddress> sign = sign_of_life(options, suite, receiver.value());
    if (!sign) {
        note(record, sign.error());
    }
    if (!record.troubles.empty()) {
        return Exit::bad_usage;
    }
    ReceiverProcess process{
        {{options.command, options.suite.told, options.suite.token, options.suite.secret,
          options.suite.run_id, api.value() + "/__admin", options.suite.simulator.delivery.signing},
         options.probes.restart,
         api.value(),
         receiver.value(),
         sign.value(),
         options.wait_timeout}};
    if (const auto problem = process.start()) {
        note(record, *problem);
        return Exit::could_not_start;
    }
    const Terminal terminal = terminal_of(STDOUT_FILENO, options.no_color);
    const Shown shown{{terminal.width, terminal.utf8, terminal.colour}, record.command};
    bool printed_all = true;
    ProbePlay probes{options.probes,
                     suite.planned(),
                     record.command,
                     {shown.style, options.json, options.quiet}};
    auto runs = suite.run(
        process.under_test(),
        [&](const RunRecord& run) {
            if (!probes.takes(run)) {
                const bool printed = show_instead ? show_instead(run) : show(run, options, shown);
                printed_all = printed && printed_all;
            }
        },
        [&] { return probes.next(); });
    process.stop(options.term_patience);
    record.probes = probes.take_results(why_not_played(suite, runs));
    record.planned = suite.planned();
    if (!runs) {
        note(record, runs.error());
        return suite.unreachable() ? Exit::unreachable : Exit::could_not_start;
    }
    record.runs = std::move(runs).value();
    if (suite.gave_up()) {
        note(record, *suite.gave_up());
    }
    if (!options.quiet) {
        sum_up(record, suite);
    }
    return probes.exit_of(exit_of(record, suite, printed_all && probes.printed_all()),
                          suite.gave_up().has_value());
}

Instant now() {
    return Instant{} + std::chrono::duration_cast<Duration>(
                           std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

Exit play_and_report(RunOptions& options, const ShowRun& show_instead) {
    SuiteRecord record;
    record.version = RINGBACK_VERSION;
    record.run_id = "run-" + secret_token().substr(0, 12);
    record.began = now();
    record.command = rest_of_command(options);
    record.demands = options.demands;
    options.suite.run_id = record.run_id;
    Exit exit = load_all(options, record) ? play(options, record, show_instead) : Exit::bad_usage;
    record.wall = now() - record.began;
    record.exit_status = static_cast<int>(exit);
    if (!write_reports(options.reports, record) && exit == Exit::passed) {
        exit = Exit::failed;
    }
    tell_github(record);
    return exit;
}

Exit run(const Args& args) {
    RunOptions options;
    const auto flags = run_flags(options);
    auto [words, command] = split_at_dashes(args);
    options.command = std::move(command);
    if (const auto ended = ended_by_flags(*flags, words)) {
        return *ended;
    }
    if (options.files.empty()) {
        flags->add_problem({"FILE",
                            "expected at least one scenario; ringback scenarios list has "
                            "those that are built in"});
    }
    if (options.command.empty() && options.callback_url.empty()) {
        flags->add_problem({"--callback-url",
                            "expected where your receiver is, or -- and the "
                            "command that starts it"});
    }
    for (const Error& problem : problems_of(options)) {
        flags->add_problem(problem);
    }
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    return play_and_report(options, nullptr);
}

}  // namespace ringback
