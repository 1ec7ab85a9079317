#include "harness/cli/receiver_process.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace ringback {

std::optional<Error> ReceiverProcess::start() {
    if (plan_.command.argv.empty()) {
        return std::nullopt;
    }
    auto started = start_receiver(plan_.command, plan_.api, plan_.url);
    if (!started) {
        return started.error();
    }
    child_ = std::move(started).value();
    activity_.emplace(child_->pid());
    return std::nullopt;
}

SuiteReceiver ReceiverProcess::under_test() {
    SuiteReceiver made;
    made.url = plan_.url;
    made.child = child_ ? child_->pidfd() : -1;
    made.await = [this] { return await(); };
    made.give_up = [this] {
        for (const auto* const child : {&child_, restarts_.empty() ? &child_ : &restarts_.back()}) {
            if (*child) {
                // Its end ends the wait. By descriptor: the waiting thread may reap the number.
                ::syscall(SYS_pidfd_send_signal, (*child)->pidfd(), SIGTERM, nullptr, 0U);
            }
        }
    };
    if (child_) {
        made.is_busy = [this] { return activity_ && activity_->goes_on(); };
    }
    if (child_ || !plan_.restart.empty()) {
        made.end = [this] {
            if (plan_.restart.empty()) {
                child_->kill();
            }
        };
        made.start = [this] { return start_again(); };
    }
    return made;
}

Result<int> ReceiverProcess::start_again() {
    if (plan_.restart.empty()) {
        if (auto problem = start()) {
            return *problem;
        }
        return child_->pidfd();
    }
    ReceiverCommand command = plan_.command;
    command.argv = {"/bin/sh", "-c", plan_.restart};
    auto started = start_receiver(command, plan_.api, plan_.url);
    if (!started) {
        return started.error();
    }
    restarts_.push_back(std::move(started).value());
    activity_.reset();  // whoever is the receiver now is not known
    restarting_ = true;
    return -1;
}

/// On a thread of the suite's.
std::optional<Error> ReceiverProcess::await() {
    const SteadyTime deadline = std::chrono::steady_clock::now() + plan_.patience;
    if (!std::exchange(restarting_, false)) {
        return await_receiver(plan_.sign, deadline, child_.get());
    }
    const auto end = restarts_.back()->wait_until(deadline);
    if (!end || end->exit_code != 0) {
        return Error{"--restart-cmd",
                     "expected a command that starts the receiver anew and ends, "
                     "found that it " +
                         (end ? to_text(*end) : "did not end in time")};
    }
    return await_receiver(plan_.sign, deadline, nullptr);
}

void ReceiverProcess::stop(std::chrono::milliseconds term_patience) {
    for (const auto& restart : restarts_) {
        restart->stop(term_patience);
    }
    if (child_) {
        child_->stop(term_patience);
    }
}

}  // namespace ringback
