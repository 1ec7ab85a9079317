#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "harness/process/descriptor.h"

namespace ringback {

/// Finds what a command has started and what then left its process group, as a daemon does. Such a
/// process has no tie to us but its environment, so the command is given a mark there.
///
/// Not found: who writes over its own environment, and who is another user's.
class Strays {
public:
    static constexpr const char* variable = "RINGBACK_CHILD";

    Strays();

    /// "RINGBACK_CHILD=..."; no other command of this machine has it.
    [[nodiscard]] const std::string& mark() const { return mark_; }
    [[nodiscard]] std::string value() const { return mark_.substr(mark_.find('=') + 1); }

    /// To each of them outside `group`.
    void send(int signal, pid_t group);
    /// Waits until none is left, in whatever group; false when the deadline passed first.
    [[nodiscard]] bool await_none(SteadyTime deadline);
    /// KILL to all of them, and to what they start meanwhile; returns when they are gone.
    void end();

private:
    struct Held {
        pid_t process{0};
        Descriptor descriptor{};
    };

    [[nodiscard]] bool look();
    void let_go_of_ended();
    [[nodiscard]] bool is_one(pid_t process) const;

    /// Once found it is held until it has ended: one that is about to end has no environment any
    /// more, but its files and ports yet.
    std::vector<Held> held_;
    std::string mark_;
};

}  // namespace ringback
