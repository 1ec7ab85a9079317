#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "simulator/core/result.h"

namespace ringback {

/// A program to start and what it is given.
struct LaunchPlan {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;  // over this process's own
    std::string working_directory;                   // "": this process's own
    pid_t group{};                                   // the one it joins
    int standard_output{2};                          // descriptors of this process
    int standard_error{2};
};

/// Starts it with nothing of this process but those two descriptors: standard input is /dev/null,
/// signals are as after login. argv[0] without a slash is looked for in PATH (the plan's, where it
/// sets one); with one it counts from the working directory.
///
/// Needs   descriptors 0-2 are open. Any number of threads may run.
/// Errors  no exec, no folder, no process: which of them, and the system's reason.
/// Threads started on the main thread, the process gets TERM by itself when this process ends.
///         Not so on others: the system would take the end of that thread for the end of it all.
[[nodiscard]] Result<pid_t> launch(const LaunchPlan& plan);

}  // namespace ringback
