#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/process/descriptor.h"
#include "harness/process/output_tail.h"
#include "harness/process/process_group.h"
#include "harness/process/strays.h"
#include "simulator/core/result.h"

namespace ringback {

/// Where a child's standard output and standard error go.
enum class ChildOutput {
    to_stderr,  // both to our standard error, byte for byte as they come
    collected,  // kept, the last 64 kB of both: Child::output()
};

struct ChildSettings {
    std::vector<std::string> argv{};                   // argv[0] is looked for in PATH
    std::map<std::string, std::string> environment{};  // over our own
    std::string working_directory{};                   // "": ours
    ChildOutput output{ChildOutput::to_stderr};
};

/// How a process ended: by itself with a code, or by a signal. Neither is set when the system has
/// forgotten it.
struct ChildEnd {
    std::optional<int> exit_code{};
    int signal{0};

    friend bool operator==(const ChildEnd&, const ChildEnd&) = default;
};
/// "ended with exit code 1", "was ended by SIGKILL".
[[nodiscard]] std::string to_text(const ChildEnd& end);

/// What stop() met.
struct StoppedChild {
    ChildEnd end{};
    bool had_ended{false};    // before it was asked to
    bool needed_kill{false};  // it, or a process of its group, was still there after term_patience

    friend bool operator==(const StoppedChild&, const StoppedChild&) = default;
};

/// A command that runs in a process group of its own, and does not outlive this process: neither it
/// nor what it starts, a daemon neither, even if this process is killed (ProcessGroup). Standard
/// input is /dev/null, no other descriptor of ours is open in it, signals are as after login.
///
/// Needs    descriptors 0-2 are open.
/// Threads  one at a time, except for output(). Start it on the main thread where there is a choice
///          (launch.h says why).
class Child {
public:
    /// The error names argv[0] and the system's reason; nothing of it runs then.
    [[nodiscard]] static Result<std::unique_ptr<Child>> start(const ChildSettings& settings);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// Stops it, with 2 s of patience.
    ~Child();

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Readable from the moment the command has ended, for good; ended() then tells how.
    [[nodiscard]] int pidfd() const { return pidfd_.get(); }

    /// How the command ended; none while it runs. Never waits. Processes that it started may still
    /// run.
    [[nodiscard]] std::optional<ChildEnd> ended();
    /// The same, waiting for it; none when the deadline passed first.
    [[nodiscard]] std::optional<ChildEnd> wait_until(SteadyTime deadline);

    /// TERM to the whole group and to its strays, then KILL to whatever is left of them after
    /// `term_patience`. Returns when nothing of it runs. The second time it tells the same again.
    StoppedChild stop(std::chrono::milliseconds term_patience);
    /// KILL to all of it, without a TERM before; else as stop().
    StoppedChild kill();

    /// What it has written so far, if that is collected. From any thread.
    [[nodiscard]] CollectedOutput output() const;

private:
    Child(std::unique_ptr<ProcessGroup> group, Strays strays, std::unique_ptr<OutputTail> tail)
        : group_{std::move(group)}, strays_{std::move(strays)}, tail_{std::move(tail)} {}
    void send(int signal);
    StoppedChild be_gone(StoppedChild stopped);

    std::unique_ptr<ProcessGroup> group_;
    Strays strays_;
    std::unique_ptr<OutputTail> tail_;  // null: not collected
    pid_t pid_{-1};                     // the command's own; unreaped while end_ is none
    Descriptor pidfd_;
    std::optional<ChildEnd> end_;
    std::optional<StoppedChild> stopped_;
};

}  // namespace ringback
