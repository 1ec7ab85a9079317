// replay: recordings played again.
#include <fmt/format.h>

#include <optional>

#include "harness/cli/output.h"
#include "harness/cli/receiver_command.h"
#include "harness/cli/run.h"
#include "harness/tape/difference.h"

namespace ringback {

Exit replay(const Args& args) {
    ReplayOptions options;
    const auto flags = replay_flags(options);
    auto [words, command] = split_at_dashes(args);
    options.run.command = std::move(command);
    if (const auto ended = ended_by_flags(*flags, words)) {
        return *ended;
    }
    if (options.run.files.empty()) {
        flags->add_problem({"FILE", "expected at least one file that ringback record has written"});
    }
    if (options.run.command.empty() && options.run.callback_url.empty()) {
        flags->add_problem({"--callback-url",
                            "expected where your receiver is, or -- and the command that starts "
                            "it"});
    }
    if (const auto ended = ended_by_problems(*flags)) {
        return *ended;
    }
    options.run.virtual_clock = options.run.virtual_clock.value_or(true);
    if (!options.check) {
        return play_and_report(options.run, nullptr);
    }
    options.run.quiet = true;
    std::optional<std::string> difference;
    Exit exit = play_and_report(options.run, [&difference](const RunRecord& run) {
        difference = difference ? difference : difference_text(run);
        return true;
    });
    // Without either there was nothing to compare, and why has been told.
    const std::string said = difference ? *difference : exit == Exit::passed ? "identical" : "";
    if (!said.empty() && !print(said + "\n") && exit == Exit::passed) {
        exit = Exit::failed;
    }
    return exit;
}

}  // namespace ringback
