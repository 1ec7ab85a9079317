#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "harness/process/descriptor.h"
#include "simulator/core/result.h"

namespace ringback {

/// A process group that does not outlive this process, however this process ends.
///
/// Its leader is a watchdog of ours: a small process that holds the reading end of a pipe whose
/// only writing end is here. When that end is closed, by a KILL too, the watchdog sends TERM to the
/// group, and KILL 2 s later, to itself as well; so it does to whoever has left the group and has
/// the mark in its environment (Strays). Because the leader is unreaped until end(), the
/// group's number cannot become anybody else's, and a signal to the group meets no stranger.
class ProcessGroup {
public:
    /// The error names the system's reason. Makes sure that ended children stay to be asked, where
    /// whoever started this process had SIGCHLD ignored.
    /// `mark`  "NAME=value", the variable that the group's processes and no others have.
    [[nodiscard]] static Result<std::unique_ptr<ProcessGroup>> create(const std::string& mark);
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;
    /// Ends it.
    ~ProcessGroup();

    [[nodiscard]] pid_t id() const { return id_; }

    /// To every process of the group; the watchdog minds none but KILL.
    void send(int signal) const;

    /// Waits until no process is left in it but the watchdog (zombies are none); false when the
    /// deadline passed first.
    [[nodiscard]] bool await_empty(SteadyTime deadline) const;

    /// KILL to all of it, the watchdog too; returns when they are gone. Twice does no harm.
    void end();

private:
    ProcessGroup(pid_t id, Descriptor owner) : id_{id}, owner_{std::move(owner)} {}

    pid_t id_;
    Descriptor owner_;
    bool ended_{false};
};

/// Closes every descriptor from `first` on, or marks it to be closed by exec. Async-signal-safe.
enum class CloseHow { now, on_exec };
void close_from(int first, CloseHow how) noexcept;

}  // namespace ringback
