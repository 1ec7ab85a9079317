#include "simulator/edge/shortage.h"

#include <cstdio>
#include <exception>
#include <utility>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

void say_shortage_on_stderr(std::string_view line) {
    std::fprintf(stderr, "ringback: %.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace

Shortage::Shortage(boost::asio::io_context& loop, Settings settings)
    : settings_{std::move(settings)}, timer_{loop} {
    if (!settings_.say) {
        settings_.say = say_shortage_on_stderr;
    }
}

void Shortage::fails(std::string_view reason) noexcept { failed(reason, 1); }

/// Where the loop has not come round for long, its end has been told meanwhile: then it begins
/// anew.
void Shortage::fails_again(std::string_view reason) noexcept {
    failed(reason, failures_ == 0 ? 1 : 0);
}

/// Memory may be what is short: whoever fails goes on all the same.
void Shortage::failed(std::string_view reason, std::size_t more) noexcept {
    last_ = wall_now();
    const bool begins = failures_ == 0;
    failures_ += more;
    try {
        if (begins) {
            settings_.say(settings_.begins(reason));
        }
        if (!looking_) {
            look_after(settings_.relief);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: a shortage is not told in full: %s\n", e.what());
    }
}

void Shortage::forget() {
    failures_ = 0;
    looking_ = false;
    timer_.cancel();
}

void Shortage::look_after(Duration wait) {
    timer_.expires_after(wait);
    timer_.async_wait(
        [this, alive = std::weak_ptr<bool>{alive_}](const boost::system::error_code& cancelled) {
            if (!cancelled && !alive.expired()) {
                looking_ = false;
                look();
            }
        });
    looking_ = true;
}

void Shortage::look() {
    if (failures_ == 0) {
        return;
    }
    const Duration rest = last_ + settings_.relief - wall_now();
    if (rest > Duration{0}) {
        look_after(rest);
    } else if (settings_.still && settings_.still()) {
        look_after(settings_.relief);
    } else {
        settings_.say(settings_.ends(std::exchange(failures_, 0)));
    }
}

}  // namespace ringback
