#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "harness/process/descriptor.h"

namespace ringback {

/// Whether a command, with all that it started, is at work or waits for somebody outside. On a
/// machine that has no time for it, a receiver that has answered may still have something to do;
/// then it is in line for a processor, and that can be seen where nothing else can.
///
/// Seen       threads that run, are in line to, or wait for a disk.
/// Not seen   who waits for a timer or for another process (a database); daemons.
class Activity {
public:
    /// A command that never rests computes for itself: after so long it no longer counts.
    explicit Activity(pid_t command, std::chrono::milliseconds patience = std::chrono::seconds{3})
        : command_{command}, patience_{patience} {}

    /// False too where it cannot be seen. Some hundred microseconds.
    [[nodiscard]] bool goes_on(SteadyTime now = std::chrono::steady_clock::now());

private:
    struct Look {
        bool runs{false};
        std::uint64_t turns{0};  // how often its threads had a processor, and how many they are
    };
    [[nodiscard]] Look look() const;
    static void look_at(pid_t process, Look& seen, std::vector<pid_t>& started);

    pid_t command_;
    std::chrono::milliseconds patience_;
    std::optional<SteadyTime::duration> busy_for_{};  // at every look since it was seen to rest
    SteadyTime looked_at_{};
    bool given_up_{false};
};

}  // namespace ringback
