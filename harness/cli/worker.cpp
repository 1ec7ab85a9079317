// worker: the calls of a Locust cluster, as its master wants them.
#include <fmt/format.h>

#include <random>
#include <utility>

#include "harness/cli/load_receiver.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/receiver_command.h"
#include "harness/cli/rest_of_command.h"
#include "harness/cli/scenario_sources.h"
#include "harness/cli/values.h"
#include "harness/cli/worker_options.h"
#include "harness/load/memory.h"
#include "harness/load/playable.h"
#include "harness/locust/worker_run.h"

namespace ringback {
namespace {

/// Workers are started alike, many at a time: what must differ between them is drawn.
std::uint64_t drawn() {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
}

LoadHallSettings hall_of(const WorkerOptions& options, const LoadReceiver& receiver) {
    const SuiteSettings& suite = options.load.run.suite;
    LoadHallSettings hall;
    hall.user = suite.user;
    hall.token = suite.token;
    hall.secret = suite.secret;
    hall.seed = suite.seed.value_or(drawn());
    hall.ids = drawn();
    hall.run_id = "run-" + secret_token().substr(0, 12);
    hall.call_timeout = suite.timeout;
    hall.kept_failures = 3;
    hall.behind = rest_of_command(options.load.run);
    hall.simulator = suite.simulator;
    hall.simulator.delivery = receiver.delivery();
    hall.simulator.targets = load_targets(options.load);
    if (!is_loopback_address(options.bind_address)) {
        hall.simulator.accounts.push_back({suite.user, suite.token, suite.secret});
    }
    return hall;
}

WorkerRunSettings settings_of(const WorkerOptions& options, const LoadHallSettings& hall,
                              std::vector<Scenario> scenarios) {
    WorkerRunSettings settings;
    settings.scenarios = std::move(scenarios);
    settings.hall = hall;
    settings.bind_address = options.bind_address;
    settings.port = options.load.run.suite.port;
    settings.public_base = options.public_base;
    settings.link.master = *options.master;
    settings.link.patience = std::chrono::duration_cast<std::chrono::seconds>(options.patience);
    return settings;
}

Exit failed(Exit exit, const Error& error) {
    complain(printable(to_text(error)));
    return exit;
}

Exit exit_of(const WorkerEnd& end) {
    switch (end.why) {
        case WorkerEnd::Why::quit:
            return Exit::passed;
        case WorkerEnd::Why::interrupted:
            return Exit::interrupted;
        case WorkerEnd::Why::receiver_gone:
            complain("the receiver's process has ended");
            return Exit::failed;
        case WorkerEnd::Why::receiver_unreachable:
        case WorkerEnd::Why::alone:
            return failed(Exit::unreachable, *end.error);
    }
    return Exit::passed;
}

Exit work(const WorkerOptions& options, std::vector<Scenario> scenarios) {
    LoadReceiver receiver{options.load, {}};  // how many calls a second: whatever the master says
    if (const auto exit = receiver.find()) {
        return *exit;
    }
    const LoadHallSettings hall = hall_of(options, receiver);
    const bool quiet = options.load.run.quiet;
    WorkerRun worker{settings_of(options, hall, std::move(scenarios)),
                     [quiet](std::string_view line) {
                         if (!quiet) {
                             say(line);
                         }
                     }};
    const Result<std::string> api = worker.listen();
    if (!api) {
        return failed(api.error().where.empty() ? Exit::bad_usage : Exit::could_not_start,
                      api.error());
    }
    if (const auto problem = worker.prepare(receiver.url())) {
        return failed(Exit::bad_usage, *problem);
    }
    if (!quiet) {
        say(fmt::format("the API is at {}, the seed is {}", api.value(), hall.seed));
    }
    if (const auto exit = receiver.start(hall, api.value())) {
        return *exit;
    }
    const SuiteReceiver under_test = receiver.under_test();
    const WorkerEnd end = worker.run(under_test);
    receiver.stop();
    return exit_of(end);
}

}  // namespace

Exit worker(const Args& args) {
    WorkerOptions options;
    const auto flags = worker_flags(options);
    auto [words, command] = split_at_dashes(args);
    options.load.run.command = std::move(command);
    if (const auto ended = ended_by_flags(*flags, words)) {
        return *ended;
    }
    check(options, *flags);
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    auto scenarios = scenarios_of(options.load.run);
    if (!scenarios) {
        return Exit::bad_usage;
    }
    for (const Scenario& scenario : *scenarios) {
        if (const auto refused = refuse_under_load(scenario)) {
            complain(printable(to_text(*refused)));
            return Exit::bad_usage;
        }
    }
    keep_freed_memory();
    return work(options, std::move(*scenarios));
}

}  // namespace ringback
