#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringback {

/// How a command ended; part of the interface (README, "Exit codes").
enum class Exit : int {
    passed = 0,
    failed = 1,
    bad_usage = 2,
    could_not_start = 3,
    unreachable = 4,
    deadline = 5,
    inconclusive = 6,
    invalid = 98,    // a load run: the generator was the limit
    threshold = 99,  // something that was demanded of the whole was not reached
    interrupted = 130,
};

/// What follows the command's name.
using Args = std::vector<std::string>;

Exit serve(const Args& args);
Exit call(const Args& args);
Exit run(const Args& args);
Exit scenarios(const Args& args);
Exit trigger(const Args& args);
Exit sign(const Args& args);
Exit record(const Args& args);
Exit replay(const Args& args);
Exit load(const Args& args);
Exit worker(const Args& args);
Exit report(const Args& args);
Exit compare(const Args& args);
Exit journal(const Args& args);
Exit wait(const Args& args);
Exit version(const Args& args);
Exit help(const Args& args);

struct Command {
    std::string_view name;
    std::string_view usage;
    std::string_view about;
    Exit (*run)(const Args&);
};

/// Every command in the order of `ringback help`.
[[nodiscard]] const std::vector<Command>& commands();

/// What `ringback help` prints.
[[nodiscard]] std::string overview();

/// The magic numbers as `ringback help numbers` prints them.
[[nodiscard]] std::string numbers_page();

}  // namespace ringback
