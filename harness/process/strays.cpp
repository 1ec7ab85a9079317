#include "harness/process/strays.h"

#include <fmt/format.h>
#include <sys/syscall.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "harness/process/marked.h"

namespace ringback {
namespace {

/// By descriptor: between a look and a signal a number may become somebody else's.
void signal_process(const Descriptor& process, int signal) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0U);
}

/// One for which there is no descriptor can only be looked for again.
void pause_unless(bool all_held) {
    constexpr std::chrono::milliseconds pause{10};
    if (!all_held) {
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace

Strays::Strays()
    : mark_{fmt::format("{}={}-{}", variable, ::getpid(),
                        std::chrono::steady_clock::now().time_since_epoch().count())} {}

bool Strays::is_one(pid_t process) const { return has_variable(process, mark_); }

void Strays::let_go_of_ended() {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(held_,
                  [now](const Held& each) { return readable_by(each.descriptor.get(), now); });
}

/// Holds all there are; false: for one there was no descriptor.
bool Strays::look() {
    let_go_of_ended();
    bool all_held = true;
    std::error_code error;
    std::filesystem::directory_iterator entry{"/proc", error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        pid_t process = 0;
        const char* end = name.data() + name.size();
        if (std::from_chars(name.data(), end, process).ptr != end ||
            std::ranges::find(held_, process, &Held::process) != held_.end()) {
            continue;
        }
        // Opened before it is looked at: while it has not ended, its number is nobody else's.
        Descriptor opened = open_process(process);
        if (!is_one(process)) {
            continue;
        }
        if (!opened.is_open()) {
            all_held = false;
        } else if (!readable_by(opened.get(), std::chrono::steady_clock::now())) {
            held_.push_back({process, std::move(opened)});
        }
    }
    return all_held;
}

void Strays::send(int signal, pid_t group) {
    static_cast<void>(look());
    for (const Held& each : held_) {
        if (::getpgid(each.process) != group) {
            signal_process(each.descriptor, signal);
        }
    }
}

bool Strays::await_none(SteadyTime deadline) {
    for (bool all_held = look(); !all_held || !held_.empty(); all_held = look()) {
        pause_unless(all_held);
        for (const Held& each : held_) {
            if (!readable_by(each.descriptor.get(), deadline)) {
                return false;
            }
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return look() && held_.empty();
        }
    }
    return true;
}

void Strays::end() {
    const auto deadline = std::chrono::steady_clock::now() + killed_patience;
    for (bool all_held = look(); !all_held || !held_.empty(); all_held = look()) {
        for (const Held& each : held_) {
            signal_process(each.descriptor, SIGKILL);
        }
        for (const Held& each : held_) {
            static_cast<void>(readable_by(each.descriptor.get(), deadline));
        }
        pause_unless(all_held);
        if (std::chrono::steady_clock::now() >= deadline) {
            return;
        }
    }
}

}  // namespace ringback
