#include "simulator/core/held_back.h"

#include <algorithm>
#include <string>

namespace ringback {
namespace {

/// "3 of them, as 2, 3, 1": by the order in which they came.
std::string order_text(const std::vector<std::size_t>& order) {
    constexpr std::size_t most = 30;
    std::string text = std::to_string(order.size()) + " of them, as ";
    for (std::size_t at = 0; at < std::min(order.size(), most); ++at) {
        text += (at == 0 ? "" : ", ") + std::to_string(order[at] + 1);
    }
    return order.size() > most ? text + ", ..." : text;
}

}  // namespace

void HeldBack::take(Parcel parcel, Stay stay, Instant now) {
    const CallId strand = parcel.callback.strand;
    ++held_;
    Lane& lane = lanes_[strand];
    Waiting waiting{std::move(parcel), std::move(stay), {}};
    waiting.until = now + waiting.stay.late;
    if (!lane.late.empty()) {
        waiting.until = std::max(waiting.until, lane.late.back().until);
    }
    if (lane.late.empty() && waiting.until <= now) {
        is_no_longer_late(lane, std::move(waiting), now);
    } else {
        wake_at(waiting.until, strand);
        lane.late.push_back(std::move(waiting));
    }
    if (lane.empty()) {
        lanes_.erase(strand);
    }
    forget_agenda_of_nothing();
}

void HeldBack::time_is(Instant now) {
    while (true) {
        const bool lane_is_next =
            !agenda_.empty() &&
            (followers_.empty() || agenda_.begin()->first <= followers_.begin()->first);
        if (lane_is_next && agenda_.begin()->first <= now) {
            const auto [at, strand] = *agenda_.begin();
            agenda_.erase(agenda_.begin());
            if (const auto found = lanes_.find(strand); found != lanes_.end()) {
                look_at(strand, found->second, at);
            }
        } else if (!lane_is_next && !followers_.empty() && followers_.begin()->first <= now) {
            leaving_.push_back(std::move(followers_.begin()->second));
            followers_.erase(followers_.begin());
            --held_;
        } else {
            break;
        }
    }
    forget_agenda_of_nothing();
}

/// What was let go by others has left a time behind at which it would have gone.
void HeldBack::forget_agenda_of_nothing() {
    if (held_ == 0) {
        agenda_.clear();
    }
}

std::optional<Instant> HeldBack::next() const {
    std::optional<Instant> next;
    if (!agenda_.empty()) {
        next = agenda_.begin()->first;
    }
    if (!followers_.empty()) {
        next = next ? std::min(*next, followers_.begin()->first) : followers_.begin()->first;
    }
    return next;
}

/// Everything of the lane whose time has come.
void HeldBack::look_at(CallId strand, Lane& lane, Instant now) {
    while (!lane.late.empty() && lane.late.front().until <= now) {
        Waiting first = std::move(lane.late.front());
        lane.late.pop_front();
        is_no_longer_late(lane, std::move(first), now);
    }
    if (lane.basket && lane.basket->until <= now) {
        empty_basket(lane, now);
    }
    while (true) {
        const auto due = std::ranges::find_if(
            lane.aside, [now](const Waiting& waiting) { return waiting.until <= now; });
        if (due == lane.aside.end()) {
            break;
        }
        Waiting waiting = std::move(*due);
        lane.aside.erase(due);
        leaves(lane, std::move(waiting), now);
    }
    if (lane.empty()) {
        lanes_.erase(strand);
    }
}

void HeldBack::is_no_longer_late(Lane& lane, Waiting waiting, Instant now) {
    if (!lane.basket && waiting.stay.shuffled_for) {
        lane.basket.emplace(
            Basket{now + *waiting.stay.shuffled_for, waiting.stay.order, waiting.stay.shuffle, {}});
        wake_at(lane.basket->until, waiting.parcel.callback.strand);
    }
    if (lane.basket) {
        lane.basket->all.push_back(std::move(waiting));
    } else {
        is_shuffled(lane, std::move(waiting), now);
    }
}

/// Fisher and Yates.
void HeldBack::empty_basket(Lane& lane, Instant now) {
    Basket basket = std::move(*lane.basket);
    lane.basket.reset();
    std::vector<std::size_t> order(basket.all.size());
    for (std::size_t at = 0; at < order.size(); ++at) {
        order[at] = at;
    }
    for (std::size_t left = order.size(); left > 1; --left) {
        std::swap(order[left - 1], order[basket.order.below(left)]);
    }
    if (!order.empty()) {
        basket.shuffle.text = order_text(order);
        basket.all[order.front()].parcel.news.push_back(std::move(basket.shuffle));
    }
    for (const std::size_t place : order) {
        is_shuffled(lane, std::move(basket.all[place]), now);
    }
}

void HeldBack::is_shuffled(Lane& lane, Waiting waiting, Instant now) {
    if (waiting.stay.behind == 0) {
        leaves(lane, std::move(waiting), now);
        return;
    }
    waiting.until = now + waiting.stay.behind_within;
    wake_at(waiting.until, waiting.parcel.callback.strand);
    lane.aside.push_back(std::move(waiting));
}

/// And with it those that have let enough go first by that.
void HeldBack::leaves(Lane& lane, Waiting waiting, Instant now) {
    const DeliveryId id = waiting.parcel.id;
    leaving_.push_back(std::move(waiting.parcel));
    --held_;
    for (Stay::Follower& follower : waiting.stay.followers) {
        if (follower.parcel.beside && follower.after == Duration{}) {
            leaving_.push_back(std::move(follower.parcel));  // nothing comes between the two
            continue;
        }
        followers_.emplace(now + follower.after, std::move(follower.parcel));
        ++held_;
    }
    for (Waiting& other : lane.aside) {
        other.passed += other.parcel.id < id ? 1 : 0;
    }
    while (true) {
        const auto enough = std::ranges::find_if(
            lane.aside, [](const Waiting& other) { return other.passed >= other.stay.behind; });
        if (enough == lane.aside.end()) {
            break;
        }
        Waiting next = std::move(*enough);
        lane.aside.erase(enough);
        leaves(lane, std::move(next), now);
    }
}

}  // namespace ringback
