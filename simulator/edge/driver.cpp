#include "simulator/edge/driver.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <new>

#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr Instant first_morning{std::chrono::seconds{1'767'603'600}};  // 2026-01-05T09:00:00Z

/// Real mode begins now; jumping mode at a fixed morning, so that the same run has the same times.
Instant start_of(const ClockSettings& settings) {
    if (settings.start) {
        return *settings.start;
    }
    if (settings.mode == ClockSettings::Mode::jumping) {
        return first_morning;
    }
    return Instant{
        std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
}

}  // namespace

Driver::Driver(boost::asio::io_context& loop, Engine& engine, const ClockSettings& settings,
               DriverHost& host)
    : loop_{loop},
      engine_{engine},
      host_{host},
      settings_{settings},
      face_{settings, start_of(settings), wall_now()},
      timer_{loop},
      stirred_at_{wall_now()} {}

Instant Driver::now() const { return face_.at(wall_now()); }

Instant Driver::catch_up() {
    const Instant looked = now();
    if (face_.flowing() && !stopped_) {
        engine_.advance_to(looked, turn_budget);
        host_.take_outputs();
    }
    return looked;
}

void Driver::stir(WallInstant now) {
    stirred_at_ = std::max(stirred_at_, now);
    nudge();
}

void Driver::nudge() {
    if (stopped_) {
        return;
    }
    if (!listening_ && host_.nothing_under_way() && awaits_settling()) {
        arm(std::max(stirred_at_ + settings_.settle, look_again_at_));
    }
    if (!face_.flowing()) {
        return;
    }
    if (const std::optional<Instant> due = engine_.next_due()) {
        arm(*face_.when(*due));
    }
}

/// Something is to be done once it has been quiet for long enough.
bool Driver::awaits_settling() {
    const std::optional<Instant> due = engine_.next_due();
    const bool step_due = due && (advances_.empty() ? steps() : *due <= advances_.front().until);
    const bool advance_over = !advances_.empty() && host_.nothing_owed();
    return step_due || advance_over || (!waiting_for_quiet_.empty() && quiet());
}

/// Only ever moves the timer nearer; a wake-up too early finds nothing to do and arms again.
void Driver::arm(WallInstant at) {
    if (armed_ && *armed_ <= at) {
        return;
    }
    armed_ = at;
    const std::uint64_t arming = ++arming_;
    timer_.expires_at(std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch())});
    timer_.async_wait([this, arming](const boost::system::error_code& cancelled) {
        if (cancelled || arming != arming_ || stopped_) {
            return;
        }
        try {
            on_timer();
        } catch (const std::bad_alloc&) {
            constexpr std::chrono::milliseconds soon{10};
            std::fputs("ringback: out of memory when something came due\n", stderr);
            listening_ = false;
            arm(wall_now() + soon);  // the clock must not stand still for it
        }
    });
}

void Driver::on_timer() {
    armed_.reset();
    if (face_.flowing()) {
        const bool drained = engine_.advance_to(now(), turn_budget);
        host_.take_outputs();
        if (!drained) {
            arm(wall_now());
        }
    }
    const WallInstant settled = std::max(stirred_at_ + settings_.settle, look_again_at_);
    if (!listening_ && host_.nothing_under_way() && wall_now() >= settled && awaits_settling()) {
        constexpr std::chrono::milliseconds soon{2};
        // Enough for a connection to be accepted, its request to be read, and one to spare.
        constexpr int rounds = 8;
        if (host_.receiver_is_busy()) {
            look_again_at_ = wall_now() + soon;
        } else {
            listen_once_more(rounds);
        }
    }
    nudge();
}

/// What the receiver did just before it came to rest may still be in our sockets, on a machine that
/// had no time for us: the loop takes it up before the clock moves.
void Driver::listen_once_more(int rounds) {
    listening_ = true;
    boost::asio::post(loop_, [this, rounds, stirred = stirred_at_] {
        if (stopped_) {
            return;
        }
        const bool still = host_.nothing_under_way() && stirred_at_ == stirred;
        if (still && rounds > 1) {
            listen_once_more(rounds - 1);
            return;
        }
        listening_ = false;
        if (still) {
            on_settled();
        }
        nudge();
    });
}

void Driver::on_settled() {
    if (!steps()) {
        tell_quiet();
        return;
    }
    // Steps that reach nobody outside need no settling of their own.
    for (std::size_t turns = 0; turns < turn_budget; ++turns) {
        if (!jump_once()) {
            return;
        }
        if (!host_.nothing_under_way()) {
            return;
        }
    }
}

/// One step of a clock that stands still; false when there is none to make.
bool Driver::jump_once() {
    const std::optional<Instant> due = engine_.next_due();
    if (!advances_.empty() && (!due || *due > advances_.front().until)) {
        face_.jump_to(advances_.front().until);
        if (host_.nothing_owed()) {
            finish_advances();
        }
        return false;
    }
    if (!due) {
        tell_quiet();
        return false;
    }
    face_.jump_to(*due);
    engine_.advance_to(*due, turn_budget);
    host_.take_outputs();
    return true;
}

void Driver::finish_advances() {
    const Instant reached = now();
    while (!advances_.empty() && advances_.front().until <= reached) {
        const auto done = std::move(advances_.front().done);
        advances_.pop_front();
        if (advances_.empty()) {
            face_.hold(false, wall_now());
        }
        done();
    }
}

void Driver::pause(bool paused) {
    face_.pause(paused, wall_now());
    armed_.reset();
    nudge();
}

void Driver::advance(Duration by, std::function<void()> when_delivered) {
    catch_up();
    if (advances_.empty()) {
        face_.hold(true, wall_now());
    }
    Advance wanted{now() + by, std::move(when_delivered)};
    const auto place = std::find_if(advances_.begin(), advances_.end(), [&](const Advance& other) {
        return other.until > wanted.until;
    });
    advances_.insert(place, std::move(wanted));
    nudge();
}

void Driver::when_quiet(std::function<void()> then) {
    waiting_for_quiet_.push_back(std::move(then));
    nudge();
}

bool Driver::quiet() {
    return host_.nothing_under_way() && host_.nothing_owed() && advances_.empty() &&
           !engine_.next_due();
}

void Driver::tell_quiet() {
    if (!quiet()) {
        return;
    }
    std::vector<std::function<void()>> told;
    told.swap(waiting_for_quiet_);
    for (const auto& then : told) {
        then();
    }
}

void Driver::stop() {
    stopped_ = true;
    timer_.cancel();
}

}  // namespace ringback
