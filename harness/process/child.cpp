#include "harness/process/child.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "harness/process/launch.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds destructor_patience{2};

SteadyTime after(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

std::string to_text(const ChildEnd& end) {
    if (end.exit_code) {
        return fmt::format("ended with exit code {}", *end.exit_code);
    }
    if (end.signal == 0) {
        return "ended, nobody knows how";
    }
    const char* name = ::sigabbrev_np(end.signal);
    return name != nullptr ? fmt::format("was ended by SIG{}", name)
                           : fmt::format("was ended by signal {}", end.signal);
}

Result<std::unique_ptr<Child>> Child::start(const ChildSettings& settings) {
    Strays strays;
    auto group = ProcessGroup::create(strays.mark());
    if (!group) {
        return group.error();
    }
    std::unique_ptr<OutputTail> tail;
    if (settings.output == ChildOutput::collected) {
        auto opened = OutputTail::open();
        if (!opened) {
            return opened.error();
        }
        tail = std::move(opened).value();
    }
    const pid_t id = group.value()->id();
    std::unique_ptr<Child> child{
        new Child{std::move(group).value(), std::move(strays), std::move(tail)}};
    const int output = child->tail_ ? child->tail_->writer() : STDERR_FILENO;
    auto environment = settings.environment;
    environment[Strays::variable] = child->strays_.value();
    const auto process = launch({.argv = settings.argv,
                                 .environment = std::move(environment),
                                 .working_directory = settings.working_directory,
                                 .group = id,
                                 .standard_output = output,
                                 .standard_error = output});
    if (!process) {
        return process.error();
    }
    child->pid_ = process.value();
    if (child->tail_) {
        child->tail_->start();
    }
    child->pidfd_ = open_process(child->pid_);
    if (!child->pidfd_.is_open()) {
        const int error = errno;
        child->send(SIGKILL);  // the destructor has no pidfd to wait with
        while (::waitpid(child->pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
        child->end_ = ChildEnd{.signal = SIGKILL};
        return Error{fmt::format("the receiver's command \"{}\"", settings.argv.front()),
                     "expected a descriptor for its process, found: " +
                         std::generic_category().message(error)};
    }
    return child;
}

Child::~Child() {
    if (pid_ > 0) {
        stop(destructor_patience);
    }
}

std::optional<ChildEnd> Child::ended() {
    if (end_) {
        return end_;
    }
    siginfo_t about{};
    int got = 0;
    do {
        got = ::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG);
    } while (got != 0 && errno == EINTR);
    if (got != 0) {
        end_ = ChildEnd{};  // somebody else has reaped it
    } else if (about.si_pid != 0) {
        end_ = about.si_code == CLD_EXITED ? ChildEnd{.exit_code = about.si_status}
                                           : ChildEnd{.signal = about.si_status};
    }
    return end_;
}

std::optional<ChildEnd> Child::wait_until(SteadyTime deadline) {
    if (!end_) {
        static_cast<void>(readable_by(pidfd_.get(), deadline));
    }
    return ended();
}

void Child::send(int signal) {
    group_->send(signal);
    strays_.send(signal, group_->id());
    if (ended()) {
        return;
    }
    // A command may have left for a group of its own, as setsid(1) does.
    const pid_t own = ::getpgid(pid_);
    if (own > 0 && own != group_->id()) {
        ::kill(own == pid_ ? -pid_ : pid_, signal);
    }
}

StoppedChild Child::stop(std::chrono::milliseconds term_patience) {
    if (stopped_) {
        return *stopped_;
    }
    StoppedChild stopped;
    stopped.had_ended = ended().has_value();
    const auto deadline = after(term_patience);
    send(SIGTERM);
    send(SIGCONT);  // a stopped process cannot mind the TERM
    // What it started gets the same time: a shell is gone at once, its server perhaps not.
    const bool all_gone = wait_until(deadline).has_value() && group_->await_empty(deadline) &&
                          strays_.await_none(deadline);
    stopped.needed_kill = !all_gone;
    if (!all_gone) {
        send(SIGKILL);
    }
    return be_gone(stopped);
}

StoppedChild Child::kill() {
    if (stopped_) {
        return *stopped_;
    }
    StoppedChild stopped;
    stopped.had_ended = ended().has_value();
    stopped.needed_kill = !stopped.had_ended;
    send(SIGKILL);
    return be_gone(stopped);
}

/// Whatever is left of it is ended, and told of.
StoppedChild Child::be_gone(StoppedChild stopped) {
    group_->end();
    strays_.end();
    stopped.end = wait_until(after(killed_patience)).value_or(ChildEnd{.signal = SIGKILL});
    if (tail_) {
        tail_->finish();
    }
    stopped_ = stopped;
    return stopped;
}

CollectedOutput Child::output() const { return tail_ ? tail_->collected() : CollectedOutput{}; }

}  // namespace ringback
