#include "harness/load/run_watch.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace ringback {

using boost::asio::posix::stream_descriptor;

RunWatch::~RunWatch() { forget(); }

void RunWatch::forget() {
    signals_.clear();
    if (keys_.is_open()) {
        keys_.release();
    }
    child_.forget();
}

void RunWatch::signals(std::function<void()> came) {
    came_ = std::move(came);
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    wait_for_signal();
}

void RunWatch::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
        if (cancelled) {
            return;
        }
        came_();
        wait_for_signal();
    });
}

void RunWatch::keys(int descriptor, std::function<void(char)> pressed) {
    pressed_ = std::move(pressed);
    keys_.assign(descriptor);
    wait_for_key();
}

void RunWatch::wait_for_key() {
    keys_.async_wait(stream_descriptor::wait_read, [this](const boost::system::error_code& none) {
        if (none) {
            return;
        }
        if (::tcgetpgrp(keys_.native_handle()) != ::getpgrp()) {
            return;  // in the background: whoever reads there is stopped
        }
        std::array<char, 16> pressed{};
        const ssize_t count = ::read(keys_.native_handle(), pressed.data(), pressed.size());
        for (ssize_t at = 0; at < count; ++at) {
            pressed_(pressed.at(static_cast<std::size_t>(at)));
        }
        if (count > 0) {  // else the terminal is gone
            wait_for_key();
        }
    });
}

}  // namespace ringback
