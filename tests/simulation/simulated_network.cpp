#include "tests/simulation/simulated_network.h"

#include <algorithm>

#include "simulator/edge/wall_clock.h"

namespace ringback::test {

void SimulatedNetwork::start(const AttemptRequest& request) {
    // A redirected try may be without what its event says.
    if (const std::uint64_t number = Judge::number_in(request.payload); number != 0) {
        numbers_[request.id] = number;
    }
    const std::uint64_t number = numbers_.at(request.id);
    const WallInstant now = wall_now();
    judge_.try_begins(number, request.url, now);
    Ending ending = receivers_.ending_of(request, now);
    const std::uint64_t order = ++started_;
    if (ending.sent_after >= Duration{} && ending.sent_after <= ending.ends_after) {
        due_.push({now + ending.sent_after, order, request.id, What::sent});
    }
    if (ending.lost_after) {
        due_.push({now + *ending.lost_after, order, request.id, What::lost});
    }
    due_.push({now + ending.ends_after, order, request.id, What::ends});
    tries_[request.id] = Try{order, number, std::move(ending.result)};
    arm();
}

void SimulatedNetwork::arm() {
    if (due_.empty() || armed_ <= due_.top().at) {
        return;
    }
    armed_ = due_.top().at;
    timer_.expires_at(std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            armed_.time_since_epoch())});
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            armed_ = WallInstant::max();
            on_timer();
        }
    });
}

void SimulatedNetwork::on_timer() {
    while (!due_.empty() && due_.top().at <= wall_now()) {
        const Due due = due_.top();
        due_.pop();
        happens(due);
    }
    arm();
}

void SimulatedNetwork::happens(const Due& due) {
    const auto found = tries_.find(due.id);
    if (found == tries_.end() || found->second.order != due.order) {
        return;  // abandoned meanwhile
    }
    const std::uint64_t number = found->second.number;
    const WallInstant now = wall_now();
    if (due.what == What::sent) {
        is_sent(due.id, number, now);
        return;
    }
    if (due.what == What::lost) {
        is_lost(due.id, number, now);
        return;
    }
    AttemptResult result = std::move(found->second.result);
    tries_.erase(found);
    result.ended = now;
    judge_.try_ends(number, result);
    listener_->attempt_ended(due.id, std::move(result));
    judge_.try_was_noted(number);
}

void SimulatedNetwork::is_sent(AttemptId id, std::uint64_t number, WallInstant now) {
    judge_.try_is_sent(number, now);
    listener_->attempt_sent(id, now);
    if (const Judge::Happened* const event = judge_.event(number)) {
        arrived(Judge::Happened{*event});
    }
}

void SimulatedNetwork::is_lost(AttemptId id, std::uint64_t number, WallInstant now) {
    AttemptResult result;
    result.end = AttemptEnd::broken;
    result.sent_again = true;
    result.reused_connection = true;
    result.error = Text{"the kept connection had ended"};
    result.ended = now;
    judge_.sending_is_lost(number, result);
    listener_->attempt_unheard(id, std::move(result));
    judge_.try_was_noted(number);
}

void SimulatedNetwork::abandon_all() {
    for (auto& [id, open] : tries_) {
        open.order = ++started_;
        open.result = AttemptResult{};
        due_.push({wall_now(), open.order, id, What::ends});
    }
    arm();
}

}  // namespace ringback::test
