#include "harness/cli/worker_options.h"

#include <fmt/format.h>

#include "harness/cli/options.h"
#include "harness/cli/tls_options.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

void add_master_flags(Flags& flags, WorkerOptions& options) {
    flags.group("Master");
    flags.value("--locust-master", "HOST:PORT", "where it listens for workers (port 5557)",
                into(options.master, locust_address_of));
    flags.value("--master-timeout", "TIME", "without a master it ends after that (5m)",
                into(options.patience, [](std::string_view text) {
                    return deadline_of(text, milliseconds{1'000}, hours{24});
                }));
}

void add_played_flags(Flags& flags, RunOptions& run) {
    flags.group("Scenarios");
    flags.positionals("FILE", "scenario files, or names of built-in ones: a user class each",
                      onto(run.files, non_empty_of));
    flags.values("-e,--var", "NAME=VALUE", "a variable, over the scenarios' own; repeatable",
                 onto(run.vars, variable_of));
    flags.values("--override", "STEP:PATH=VALUE", "put a value into the files; repeatable",
                 onto(run.overrides, override_of));
    flags.value("--data", "FILE", "rows (.csv or .jsonl): a call takes the next one, by turns",
                into(run.data, non_empty_of));
    add_faults_flag(flags, run.suite.simulator.faults, run.faults);
    flags.value("--seed", "N", "for every draw (another one for every worker)",
                [&run](std::string_view text) -> Result<bool> {
                    const auto seed = whole_number_of(text, 0, UINT64_MAX);
                    if (!seed) {
                        return seed.error();
                    }
                    run.suite.seed = seed.value();
                    return true;
                });
    flags.value("--timeout", "TIME", "real time one call may take (60s)",
                into(run.suite.timeout, [](std::string_view text) {
                    return deadline_of(text, milliseconds{1}, hours{24});
                }));
}

}  // namespace

std::unique_ptr<Flags> worker_flags(WorkerOptions& options) {
    RunOptions& run = options.load.run;
    auto flags = std::make_unique<Flags>(
        "worker",
        "Places the calls of a Locust cluster: joins a Locust master and does what it says. One "
        "user is a line that places call after call, each user class a scenario (answer-hangup is "
        "AnswerHangup), Ringback all of them in turn. What came of them is in the master's tables. "
        "The clock is real.");
    add_master_flags(*flags, options);
    add_played_flags(*flags, run);
    add_receiver_flags(*flags, run);
    add_signing_flag(*flags, run.suite.simulator.delivery);
    flags->value("--bind-address", "ADDRESS",
                 "where the API listens (127.0.0.1); any but a loopback address needs --token and "
                 "--secret",
                 into(options.bind_address, bind_address_of));
    add_public_base_flag(*flags, "base of the addresses in events (where the API listens)",
                         options.public_base);
    add_load_target_flag(*flags, options.load);
    flags->toggle("--i-own-this-target", "load may go to another machine that --allow-target names",
                  [&options](bool on) { options.load.owned = on; });
    flags->group("Output");
    flags->toggle("--quiet", "nothing on standard error but why it ends",
                  [&run](bool on) { run.quiet = on; });
    flags->footer(
        "Usage with a command: ringback worker --locust-master HOST FILE... -- CMD [ARGS]\n\n"
        "Exit status: 0 the master said quit (which calls failed is in its tables),\n"
        "1 the receiver's process has ended, 2 bad usage or a bad scenario, 3 could not\n"
        "start, 4 the receiver or the master cannot be reached, 130 interrupted.\n"
        "fixtures/locust has the master's locustfile, and a cluster for Kubernetes.");
    return flags;
}

void check(const WorkerOptions& options, Flags& flags) {
    const RunOptions& run = options.load.run;
    if (!options.master) {
        flags.add_problem({"--locust-master", "expected where the master listens, as HOST:5557"});
    }
    if (run.files.empty()) {
        flags.add_problem({"FILE",
                           "expected at least one scenario; ringback scenarios list has those "
                           "that are built in"});
    }
    if (run.command.empty() && run.callback_url.empty()) {
        flags.add_problem({"--callback-url",
                           "expected where your receiver is, or -- and the "
                           "command that starts it"});
    }
    const SuiteSettings usual;
    if (!is_loopback_address(options.bind_address) &&
        (run.suite.token == usual.token || run.suite.secret == usual.secret)) {
        flags.add_problem({"--bind-address",
                           fmt::format("{} can be reached from outside, which needs a --token and "
                                       "a --secret of your own",
                                       options.bind_address)});
    }
}

}  // namespace ringback
