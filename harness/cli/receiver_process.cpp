#include "harness/cli/receiver_process.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
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
        enough_.ring();
        for (const auto* const child : {&child_, restarts_.empty() ? &child_ : &restarts_.back()}) {
            if (*child) {
                // By descriptor: the waiting thread may reap the number.
                ::syscall(SYS_pidfd_send_signal, (*child)->pidfd(), SIGTERM, nullptr, 0U);
            }
        }
    };
    if (child_) {
        made.is_busy = [this] { return activity_ && activity_->goes_on(); };
        made.how_it_ended = [this] {
            const auto end = child_->ended();
            return end ? to_text(*end) : std::string{"has ended"};
        };
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
    before_ = listeners_at(plan_.sign);
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
        return await_receiver(plan_.sign, deadline, child_.get(), enough_.get());
    }
    const auto end = restarts_.back()->wait_until(deadline);
    if (!end || end->exit_code != 0) {
        return Error{"--restart-cmd",
                     fmt::format("the restart command {}; expected one that starts the receiver "
                                 "anew and ends with exit code 0",
                                 end ? to_text(*end) : "did not end in time")};
    }
    return await_another(deadline);
}

/// A command that has only told the receiver to go may be over before it is gone.
std::optional<Error> ReceiverProcess::await_another(SteadyTime deadline) const {
    constexpr std::chrono::seconds grace{2};
    constexpr std::chrono::milliseconds between{50};
    const SteadyTime late = std::min(deadline, std::chrono::steady_clock::now() + grace);
    while (true) {
        if (auto problem = await_receiver(plan_.sign, deadline, nullptr, enough_.get())) {
            return problem;
        }
        if (before_.empty() || listeners_at(plan_.sign) != before_) {
            return std::nullopt;
        }
        const SteadyTime now = std::chrono::steady_clock::now();
        if (now >= late) {
            return Error{"--restart-cmd",
                         fmt::format("the receiver was not restarted: the same process {} still "
                                     "listens at {}",
                                     before_.front().process, plan_.sign.text)};
        }
        static_cast<void>(readable_by(enough_.get(), std::min(late, now + between)));
    }
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
