// version, help: what ringback says about itself.
#include <fmt/format.h>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/output.h"

namespace ringback {

const std::vector<Command>& commands() {
    static const std::vector<Command> all{
        {"serve", "serve [FLAGS]", "the fake API and its admin plane, until SIGINT", serve},
        {"call", "call [FLAGS]", "place one call and print it as a ladder", call},
        {"run", "run FILE... [-- CMD...]", "play scenarios, tell whether a receiver is right", run},
        {"trigger", "trigger EVENT|SCENARIO", "send one event, or a scenario's, now", trigger},
        {"sign", "sign [FILE] [--verify]", "the signature of a body, or whether one holds", sign},
        {"scenarios", "scenarios WORD", "list, show, validate and begin scenario files", scenarios},
        {"record", "record --out FILE", "write what passes a receiver as scenarios", record},
        {"replay", "replay FILE... [FLAGS]", "play recordings, tell what differs", replay},
        {"load", "load FILE --rate N/s", "play one scenario many times over, by a schedule", load},
        {"worker", "worker FILE... [FLAGS]", "the calls of a Locust cluster, as its master wants",
         worker},
        {"report", "report RUN.json...", "results of load runs again, or several as one", report},
        {"compare", "compare BASE NEW", "two results of load runs, and how they differ", compare},
        {"journal", "journal WORD", "list, show, count, export; check a journal file", journal},
        {"wait", "wait [URL] --for WHAT", "until a fake is ready, idle, or a call has ended", wait},
        {"version", "version", "print the version", version},
        {"help", "help [COMMAND|numbers]", "this, a command's flags, or the magic numbers", help},
    };
    return all;
}

std::string overview() {
    std::string text =
        "ringback: a fake Bandwidth voice API that calls your webhooks back\n\n"
        "Usage: ringback COMMAND [FLAGS]\n\nCommands:\n";
    for (const Command& command : commands()) {
        text += fmt::format("  {:<24}{}\n", command.usage, command.about);
    }
    text +=
        "\nFirst steps:\n"
        "  ringback call            a whole call, fake and receiver included\n"
        "  ringback serve           then point your API client at http://127.0.0.1:12180\n"
        "\nExit status: 0 fine, 1 a callback failed or results could not be written,\n"
        "2 bad usage, 3 could not start, 4 nobody there, 5 a deadline passed,\n"
        "6 inconclusive, 98 invalid load run, 99 too little coverage or a threshold\n"
        "crossed, 130 interrupted.\n"
        "Every long flag is also an environment variable: --port is RINGBACK_PORT.\n";
    return text;
}

Exit version(const Args& args) {
    Flags flags{"version", "Prints the version."};
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    return printed(fmt::format("ringback {}\n", RINGBACK_VERSION));
}

Exit help(const Args& args) {
    if (args.empty() || args.front().starts_with("-")) {
        return printed(overview());
    }
    if (args.front() == "numbers") {
        return printed(numbers_page());
    }
    if (args.front() == "help") {
        return help({});
    }
    std::vector<std::string> topics{"numbers"};
    for (const Command& command : commands()) {
        if (command.name == args.front() && command.name != "help") {
            return command.run({"--help"});
        }
        topics.emplace_back(command.name);
    }
    const std::string near = nearest(args.front(), topics);
    complain(fmt::format("no help on \"{}\"{}", printable(args.front()),
                         near.empty() ? "; see ringback help" : ", did you mean " + near + "?"));
    return Exit::bad_usage;
}

}  // namespace ringback
