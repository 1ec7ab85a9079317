#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/process/huge_pages.h"
#include "harness/process/memory_reserve.h"
#include "simulator/edge/tls_reading.h"

namespace {

using ringback::Args;
using ringback::Command;
using ringback::Exit;

Exit run(const Args& words) {
    if (words.empty()) {
        ringback::say(ringback::overview());
        return Exit::bad_usage;
    }
    const std::string& name = words.front();
    const Args rest{words.begin() + 1, words.end()};
    if (name == "--help" || name == "-h") {
        return ringback::help({});
    }
    if (name == "--version") {
        return ringback::version({});
    }
    std::vector<std::string> names;
    for (const Command& command : ringback::commands()) {
        if (command.name == name) {
            return command.run(rest);
        }
        names.emplace_back(command.name);
    }
    const std::string near = ringback::nearest(name, names);
    ringback::complain(fmt::format(
        "no such command \"{}\"{}", ringback::printable(name),
        near.empty() ? "; see ringback help" : ", did you mean ringback " + near + "?"));
    return Exit::bad_usage;
}

/// Scenario and fault files are held against their schema by a library that does not bear one
/// refusal of memory. Whoever reads none needs no reserve before it has its own.
bool may_read_scenarios(std::span<char* const> words) {
    const auto is_of_faults = [](std::string_view word) { return word.starts_with("--faults"); };
    return words.empty() || words.front() != std::string_view{"serve"} ||
           std::ranges::any_of(words, is_of_faults);
}

/// What the system refuses is told; whatever else is thrown is a bug, and ends as one.
Exit run_told(const Args& words) {
    try {
        return run(words);
    } catch (const std::bad_alloc&) {
        ringback::say_out_of_memory();
    } catch (const std::exception& error) {
        const auto refused = ringback::refused_for_want_of_room(error);
        if (!refused) {
            throw;
        }
        ringback::complain(*refused);
    }
    return Exit::could_not_start;
}

}  // namespace

int main(int argc, char** argv) {
    ringback::prepare_process();
    ringback::refuse_huge_pages();
    const std::span given{argv + 1, argv + argc};
    if (may_read_scenarios(given)) {
        ringback::keep_memory_in_reserve();
    }
    const Args words{given.begin(), given.end()};
    ringback::hide_secrets(given);
    const int status = static_cast<int>(run_told(words));
    if (ringback::is_tls_being_read_unattended()) {
        // OpenSSL would be cleaned up below that thread.
        static_cast<void>(std::fflush(nullptr));
        std::cout.flush();
        std::_Exit(status);
    }
    return status;
}
