#include "simulator/edge/dispatcher.h"

#include <utility>

#include "simulator/core/result.h"
#include "simulator/edge/redirect.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds default_timeout{10'000};  // spec v1 5.1

std::chrono::steady_clock::time_point steady(WallInstant at) {
    return std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch())};
}

}  // namespace

Dispatcher::Dispatcher(boost::asio::io_context& loop, Transport& transport,
                       const DeliverySettings& settings, Seed seed, DispatchHost& host)
    : loop_{loop},
      transport_{transport},
      settings_{settings},
      jitter_{mix(static_cast<std::uint64_t>(seed))},
      host_{host},
      patience_timer_{loop} {
    transport_.listen(*this);
}

DeliveryId Dispatcher::owe(const Callback& callback, Text payload, Text user) {
    const DeliveryId id{++last_delivery_};
    const Slot slot = take_slot();
    Owed& owed = owed_[slot];
    owed.delivery.id = id;
    owed.type = callback.event.type;
    owed.call = callback.event.call;
    owed.strand = callback.strand;
    owed.route = callback.route;
    owed.payload = std::move(payload);
    owed.user = std::move(user);
    if (const auto* incoming = std::get_if<IncomingDetail>(&callback.event.detail)) {
        owed.outcome_decides = incoming->outcome_decides;
    }
    ++holding_up_;
    waiting_.emplace(id, slot);
    strands_[owed.strand].push(id);
    pump(callback.strand);
    return id;
}

void Dispatcher::hold(CallId strand) { strands_[strand].hold(); }

void Dispatcher::release(CallId strand) {
    const auto found = strands_.find(strand);
    if (found == strands_.end() || !found->second.held()) {
        bug("release of a strand that is not held");
    }
    found->second.release();
    pump(strand);
}

/// Starts whatever of the strand may start now.
void Dispatcher::pump(CallId strand) {
    while (true) {
        const auto found = strands_.find(strand);
        if (found == strands_.end()) {
            return;
        }
        const std::optional<DeliveryId> next = found->second.next(settings_.ordering);
        if (!next) {
            if (found->second.idle()) {
                strands_.erase(found);
            }
            return;
        }
        const auto waiting = waiting_.find(*next);
        const Slot slot = waiting->second;
        waiting_.erase(waiting);
        owed_[slot].due = wall_now();
        if (owed_[slot].delivery.state == DeliveryState::owed) {
            await_patience(slot, false);
            try_now(slot);
        } else {
            settle(slot);  // forgotten while it waited
        }
    }
}

void Dispatcher::try_now(Slot slot) {
    static const std::string nothing;
    const Owed& owed = owed_[slot];
    AttemptRequest request;
    request.id = AttemptId{slot};
    request.url = !owed.redirected_to.empty() ? &owed.redirected_to
                  : owed.delivery.on_fallback ? &owed.route->fallback_url
                                              : &owed.route->url;
    request.method = owed.redirect_drops_body ? Method::get : owed.route->method;
    request.payload = owed.redirect_drops_body ? &nothing : owed.payload.get();
    request.timeout = owed.route->timeout.value_or(default_timeout);
    transport_.start(request);
}

void Dispatcher::try_after(Slot slot, Duration wait) {
    auto& timer = retries_[slot];
    timer = std::make_unique<Timer>(loop_, steady(wall_now() + wait));
    timer->async_wait([this, slot](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            retries_.erase(slot);
            try_now(slot);
        }
    });
}

void Dispatcher::attempt_sent(AttemptId id) { await_patience(static_cast<Slot>(id), true); }

/// The clock waits for replyPatience from the start of a try, the events behind it from the moment
/// it is on the wire: a receiver that cannot even be reached stops no clock, and nothing overtakes.
void Dispatcher::await_patience(Slot slot, bool sent) {
    const Owed& owed = owed_[slot];
    if (settings_.ordering == Ordering::strict || owed.outcome_decides || owed.strand_let_go) {
        return;
    }
    patience_.push_back({wall_now() + settings_.reply_patience, slot, owed.delivery.id, sent});
    arm_patience();
}

void Dispatcher::attempt_ended(AttemptId id, AttemptResult result) {
    const Slot slot = static_cast<Slot>(id);
    Owed& owed = owed_[slot];
    result.due = owed.due;
    const bool was_fallback = owed.delivery.on_fallback;
    const NextTry next = after_attempt(owed.delivery, result, settings_.policy,
                                       !owed.route->fallback_url.empty(), jitter_);
    const int status = result.status;
    std::string target;
    if (next.what == NextTry::What::redirect) {
        const std::string& base = !owed.redirected_to.empty() ? owed.redirected_to
                                  : was_fallback              ? owed.route->fallback_url
                                                              : owed.route->url;
        target = redirect_target(base, result.location);
    }

    AttemptMade made;
    made.delivery = owed.delivery.id;
    made.type = owed.type;
    made.attempt = owed.delivery.attempts;
    made.fallback = was_fallback;
    made.route = owed.route;
    made.redirected_to = owed.redirected_to;
    made.result = std::move(result);
    made.after = owed.delivery.state;
    owed.follows_redirect = next.what == NextTry::What::redirect;
    host_.attempt_made(owed, std::move(made));

    owed.redirected_to.clear();
    owed.due = wall_now();
    switch (next.what) {
        case NextTry::What::nothing:
            settle(slot);
            break;
        case NextTry::What::again:
            try_after(slot, next.wait);
            break;
        case NextTry::What::fall_back:
            owed.redirect_drops_body = false;
            try_now(slot);
            break;
        case NextTry::What::redirect:
            owed.redirected_to = std::move(target);
            owed.redirect_drops_body = owed.redirect_drops_body || status <= 303;
            try_now(slot);
            break;
    }
    host_.activity_changed();
}

/// The delivery is over, one way or the other.
void Dispatcher::settle(Slot slot) {
    Owed& owed = owed_[slot];
    const CallId strand = owed.strand;
    if (owed.delivery.state == DeliveryState::failed) {
        host_.told(owed, true);
    }
    let_strand_go(slot);
    owed = Owed{};
    free_.push_back(slot);
    pump(strand);
}

/// The modelled clock and the call no longer wait for this delivery: its answer is here, or
/// patience is over.
void Dispatcher::let_clock_go(Slot slot) {
    Owed& owed = owed_[slot];
    if (std::exchange(owed.clock_let_go, true)) {
        return;
    }
    --holding_up_;
    if (owed.delivery.state != DeliveryState::failed) {
        host_.told(owed, false);
    }
}

/// Nor do the events behind it.
void Dispatcher::let_strand_go(Slot slot) {
    Owed& owed = owed_[slot];
    if (std::exchange(owed.strand_let_go, true)) {
        return;
    }
    if (const auto found = strands_.find(owed.strand); found != strands_.end()) {
        found->second.unblock(owed.delivery.id);
    }
    let_clock_go(slot);
}

void Dispatcher::arm_patience() {
    if (patience_armed_ || patience_.empty()) {
        return;
    }
    patience_armed_ = true;
    patience_timer_.expires_at(steady(patience_.front().until));
    patience_timer_.async_wait([this](const boost::system::error_code& cancelled) {
        patience_armed_ = false;
        if (!cancelled) {
            on_patience();
        }
    });
}

void Dispatcher::on_patience() {
    const WallInstant now = wall_now();
    bool changed = false;
    while (!patience_.empty()) {
        const Patience first = patience_.front();
        const Owed& owed = owed_[first.slot];
        const bool stale = owed.delivery.id != first.delivery || owed.strand_let_go;
        if (!stale && first.until > now) {
            break;
        }
        patience_.pop_front();
        if (!stale) {
            const CallId strand = owed.strand;
            first.sent ? let_strand_go(first.slot) : let_clock_go(first.slot);
            pump(strand);
            changed = true;
        }
    }
    arm_patience();
    if (changed) {
        host_.activity_changed();
    }
}

Dispatcher::Slot Dispatcher::take_slot() {
    if (free_.empty()) {
        owed_.emplace_back();
        return static_cast<Slot>(owed_.size() - 1);
    }
    const Slot slot = free_.back();
    free_.pop_back();
    return slot;
}

}  // namespace ringback
