#include "harness/process/strays.h"

#include <fmt/format.h>
#include <sys/syscall.h>

#include <charconv>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "harness/process/marked.h"

namespace ringback {
namespace {

/// By descriptor: between a look and a signal a number may become somebody else's.
void signal_process(const Descriptor& process, int signal) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0U);
}

}  // namespace

Strays::Strays()
    : mark_{fmt::format("{}={}-{}", variable, ::getpid(),
                        std::chrono::steady_clock::now().time_since_epoch().count())} {}

bool Strays::is_one(pid_t process) const { return has_variable(process, mark_); }

std::vector<pid_t> Strays::found() const {
    std::vector<pid_t> all;
    std::error_code error;
    std::filesystem::directory_iterator entry{"/proc", error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t process = 0;
        const char* end = name.data() + name.size();
        if (std::from_chars(name.data(), end, process).ptr == end && is_one(process)) {
            all.push_back(process);
        }
    }
    return all;
}

void Strays::send(int signal, pid_t group) const {
    for (const pid_t process : found()) {
        const Descriptor held = open_process(process);
        if (held.is_open() && ::getpgid(process) != group && is_one(process)) {
            signal_process(held, signal);
        }
    }
}

bool Strays::await_none(SteadyTime deadline) const {
    for (auto left = found(); !left.empty(); left = found()) {
        for (const pid_t process : left) {
            const Descriptor held = open_process(process);
            if (held.is_open() && is_one(process) && !readable_by(held.get(), deadline)) {
                return false;
            }
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return found().empty();
        }
    }
    return true;
}

void Strays::end() const {
    const auto deadline = std::chrono::steady_clock::now() + killed_patience;
    for (auto left = found(); !left.empty(); left = found()) {
        for (const pid_t process : left) {
            const Descriptor held = open_process(process);
            if (held.is_open() && is_one(process)) {
                signal_process(held, SIGKILL);
                static_cast<void>(readable_by(held.get(), deadline));
            }
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return;
        }
    }
}

}  // namespace ringback
