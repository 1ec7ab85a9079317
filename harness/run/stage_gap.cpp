// The part of Stage in which the receiver under test ends and comes again between two events.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "harness/run/stage.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

namespace {

/// The receiver has placed a call, and the API has done it.
bool places_a_call(const Happening& happening) {
    constexpr int created = 201;
    return happening.kind == Happening::Kind::request && !happening.own &&
           happening.method() == "POST" && happening.path().ends_with("/calls") &&
           (happening.status() == created || happening.fate() == AnswerFate::acted);
}

}  // namespace

/// From inside what is being recorded: the clock must not jump behind the answer.
void Stage::look_for_gap(const Happening& happening) {
    const bool is_end = happening.kind == Happening::Kind::answer && happening.outcome() != "owed";
    const std::size_t after = settings_.gap->after;
    events_answered_ += is_end ? 1 : 0;
    const bool begins = after == 0 ? places_a_call(happening) : is_end && events_answered_ == after;
    if (over_) {
        return;
    }
    if (gap_state_ == GapState::ahead && begins) {
        gap_state_ = GapState::resting;
        stand_still();
        await_rest();
    } else if (gap_state_ == GapState::down && is_end) {
        gap_state_ = GapState::coming;
        stand_still();
        boost::asio::post(loop_,
                          [this] { settings_.gap->start_receiver([this] { close_gap(); }); });
    }
}

/// Of events that come at once the next one waits behind the gap, too.
void Stage::stand_still() {
    simulator_->hold_clock();
    simulator_->hold_events();
}

void Stage::go_on() {
    simulator_->release_events();
    simulator_->release_clock();
    turn_soon();
}

/// Waits until the receiver has said nothing for as long as the clock waits before it jumps, is
/// being told nothing, and does nothing that can be seen.
void Stage::await_rest() {
    seen_at_rest_ = happenings_.size();
    rest_.expires_after(std::max(settings_.simulator.clock.settle, std::chrono::milliseconds{10}));
    rest_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled || over_) {
            return;
        }
        const bool rests = happenings_.size() == seen_at_rest_ &&
                           simulator_->deliveries_under_way() == 0 &&
                           !(settings_.receiver_is_busy && settings_.receiver_is_busy());
        rests ? open_gap() : await_rest();
    });
}

void Stage::open_gap() {
    settings_.gap->end_receiver();
    if (settings_.gap->misses_next) {
        gap_state_ = GapState::down;
        go_on();
    } else {
        gap_state_ = GapState::coming;
        settings_.gap->start_receiver([this] { close_gap(); });
    }
}

void Stage::close_gap() {
    gap_state_ = GapState::over;
    if (!over_) {
        script_->wait_anew(wall_now());
        go_on();
    }
}

}  // namespace ringback
