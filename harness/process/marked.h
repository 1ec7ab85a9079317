#pragma once

#include <sys/types.h>

#include <string_view>

namespace ringback {

/// Whether the environment that process began with has this variable: "NAME=value". False too where
/// it may not be read, as of another user's process. Async-signal-safe.
[[nodiscard]] bool has_variable(pid_t process, std::string_view variable) noexcept;

/// Signals every process that has it; how many they were. Async-signal-safe, so that it also works
/// between a fork and an exec.
int signal_all_with(std::string_view variable, int signal) noexcept;

}  // namespace ringback
