#include "harness/process/process_group.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>

#include "harness/process/marked.h"
#include "harness/process/signals.h"

namespace ringback {
namespace {

constexpr int watchdog_patience_ms = 2000;  // between TERM and KILL, when we are gone

/// What left the group and has the mark. Again while there are any, as they may start others
/// meanwhile; but not for ever.
void kill_strays(std::string_view mark) noexcept {
    constexpr int most_rounds = 20;
    constexpr int between_rounds_ms = 50;
    for (int round = 0; round < most_rounds && signal_all_with(mark, SIGKILL) > 0; ++round) {
        ::poll(nullptr, 0, between_rounds_ms);
    }
}

/// The watchdog's whole life, behind the fork: async-signal-safe calls only. All signals are
/// blocked, so of those that reach the group it heeds KILL alone. `mark`: a variable, "NAME=value".
[[noreturn]] void watch(int owner, std::string_view mark) noexcept {
    ::setpgid(0, 0);
    const pid_t group = ::getpid();
    if (::getpgrp() != group) {
        ::_exit(1);  // else the signals below would hit whoever is in that other group
    }
    ::prctl(PR_SET_NAME, "ringback-watch");
    ::dup2(owner, 0);
    close_from(1, CloseHow::now);  // ports and files of ours must not stay taken after us
    char nothing = 0;
    while (::read(0, &nothing, 1) < 0 && errno == EINTR) {
    }
    ::kill(-group, SIGTERM);
    ::kill(-group, SIGCONT);
    signal_all_with(mark, SIGTERM);
    signal_all_with(mark, SIGCONT);
    ::poll(nullptr, 0, watchdog_patience_ms);
    kill_strays(mark);
    ::kill(-group, SIGKILL);
    ::_exit(0);
}

/// With SIGCHLD ignored, which is inherited, the system forgets children as they end: no exit
/// status, and their numbers are free for others.
void keep_ended_children() {
    struct sigaction now {};
    if (::sigaction(SIGCHLD, nullptr, &now) != 0) {
        return;
    }
    const bool has_handler = (now.sa_flags & SA_SIGINFO) != 0 ||
                             (now.sa_handler != SIG_IGN && now.sa_handler != SIG_DFL);
    if (has_handler || (now.sa_handler == SIG_DFL && (now.sa_flags & SA_NOCLDWAIT) == 0)) {
        return;
    }
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &plain, nullptr);
}

/// Whether that process is alive and in the group.
bool is_live_member(std::string_view process, pid_t group) {
    const std::string path = std::string{"/proc/"}.append(process).append("/stat");
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 512> text{};
    const ssize_t length = file.is_open() ? ::read(file.get(), text.data(), text.size()) : 0;
    if (length <= 0) {
        return false;
    }
    // "12 (name) S 1 12 ...": the name may hold anything, but no later field has a parenthesis.
    std::string_view rest{text.data(), static_cast<std::size_t>(length)};
    const auto name_end = rest.rfind(") ");
    if (name_end == std::string_view::npos || name_end + 4 > rest.size()) {
        return false;
    }
    const char state = rest[name_end + 2];
    rest.remove_prefix(name_end + 4);
    const auto parent_end = rest.find(' ');
    if (state == 'Z' || state == 'X' || parent_end == std::string_view::npos) {
        return false;
    }
    rest.remove_prefix(parent_end + 1);
    pid_t found = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), found);
    return found == group;
}

/// A living process of the group other than its leader.
std::optional<pid_t> any_live_member(pid_t group) {
    std::error_code error;
    std::filesystem::directory_iterator entry{"/proc", error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t process = 0;
        const char* end = name.data() + name.size();
        const bool is_number = std::from_chars(name.data(), end, process).ptr == end;
        if (is_number && process != group && is_live_member(name, group)) {
            return process;
        }
    }
    return std::nullopt;
}

}  // namespace

void close_from(int first, CloseHow how) noexcept {
    const auto from = static_cast<unsigned>(first);
    const int flags = how == CloseHow::on_exec ? CLOSE_RANGE_CLOEXEC : 0;
    if (::close_range(from, std::numeric_limits<unsigned>::max(), flags) == 0) {
        return;
    }
    // An old kernel or a sandbox. Higher numbers are possible and left: ours are close-on-exec.
    constexpr rlim_t most = 65536;
    rlimit limit{};
    const rlim_t count =
        ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? std::min(limit.rlim_cur, most) : most;
    for (int number = first; number < static_cast<int>(count); ++number) {
        if (how == CloseHow::now) {
            ::close(number);
        } else {
            ::fcntl(number, F_SETFD, FD_CLOEXEC);
        }
    }
}

Result<std::unique_ptr<ProcessGroup>> ProcessGroup::create(const std::string& mark) {
    const auto failed = [](int error) {
        return Error{"the receiver's watchdog",
                     "expected a new process, found: " + std::generic_category().message(error)};
    };
    keep_ended_children();
    Pipe life = make_pipe();
    if (!life.reader.is_open()) {
        return failed(errno);
    }
    pid_t watchdog = -1;
    int error = 0;
    {
        const SignalsBlocked blocked;
        watchdog = ::fork();
        if (watchdog == 0) {
            watch(life.reader.get(), mark);
        }
        error = errno;
    }
    if (watchdog < 0) {
        return failed(error);
    }
    std::unique_ptr<ProcessGroup> group{new ProcessGroup{watchdog, std::move(life.writer)}};
    // Here too, as nobody knows who is first: from now on the group exists. On the way out of an
    // error the destructor ends the watchdog.
    if (::setpgid(watchdog, watchdog) != 0) {
        return failed(errno);
    }
    return group;
}

ProcessGroup::~ProcessGroup() { end(); }

void ProcessGroup::send(int signal) const {
    if (!ended_) {
        ::kill(-id_, signal);
    }
}

bool ProcessGroup::await_empty(SteadyTime deadline) const {
    while (const auto member = any_live_member(id_)) {
        const Descriptor process = open_process(*member);
        if (!process.is_open() && errno != ESRCH) {
            return false;  // it lives and cannot be waited for
        }
        // Asked again behind open_process: the number may have become somebody else's in between.
        if (process.is_open() && is_live_member(std::to_string(*member), id_) &&
            !readable_by(process.get(), deadline)) {
            return false;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return !any_live_member(id_);
        }
    }
    return true;
}

void ProcessGroup::end() {
    if (ended_) {
        return;
    }
    ::kill(-id_, SIGKILL);
    ::kill(id_, SIGKILL);  // where it could not be made leader of the group
    std::ignore = await_empty(std::chrono::steady_clock::now() + killed_patience);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    owner_.close();
}

}  // namespace ringback
