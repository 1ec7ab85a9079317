#pragma once

#include <sys/types.h>

#include <compare>
#include <string>
#include <vector>

#include "harness/process/wait_for.h"

namespace ringback {

/// A process with an open socket that listens at a port.
struct ListeningProcess {
    pid_t process{};
    std::string born;  // when, in the system's ticks: numbers are given again

    // NOLINTNEXTLINE(modernize-use-nullptr): what clang-tidy 14 takes the 0 of a defaulted one for
    friend auto operator<=>(const ListeningProcess&, const ListeningProcess&) = default;
};

/// Who listens there, in order. Empty: nobody, or it cannot be told: on another machine, known by a
/// name only, in another network namespace, of another user. All of /proc is read, which takes some
/// milliseconds.
[[nodiscard]] std::vector<ListeningProcess> listeners_at(const ReceiverAddress& address);

}  // namespace ringback
