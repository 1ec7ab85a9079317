#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/receiver_command.h"
#include "harness/process/activity.h"
#include "harness/process/child.h"
#include "harness/process/listeners.h"
#include "harness/process/wait_for.h"
#include "harness/run/suite.h"

namespace ringback {

/// How the receiver under test is started, awaited and started again.
struct ReceiverPlan {
    ReceiverCommand command;  // no words: it runs already
    std::string restart;      // a command for the shell that starts it anew and ends; "" = none
    std::string api;          // base URL
    std::string url;          // its own, without a slash at the end
    ReceiverAddress sign;     // where it shows that it is there
    std::chrono::milliseconds patience{30'000};
};

/// The receiver under test as a process of ours, where it is one. Stopped with this at the latest.
class ReceiverProcess {
public:
    explicit ReceiverProcess(ReceiverPlan plan) : plan_{std::move(plan)} {}

    /// Starts it; nothing where there is no command.
    [[nodiscard]] std::optional<Error> start();
    /// For a suite; must not outlive this.
    [[nodiscard]] SuiteReceiver under_test();
    void stop(std::chrono::milliseconds term_patience);

private:
    [[nodiscard]] Result<int> start_again();
    [[nodiscard]] std::optional<Error> await();
    [[nodiscard]] std::optional<Error> await_another(SteadyTime deadline) const;

    ReceiverPlan plan_;
    std::unique_ptr<Child> child_;
    std::optional<Activity> activity_;
    std::vector<std::unique_ptr<Child>> restarts_;  // what they have started lives as long as they
    bool restarting_{false};                        // by the command for that
    std::vector<ListeningProcess> before_;  // who listened then; empty: it could not be told
    Bell enough_;                           // nobody waits for it any more
};

}  // namespace ringback
