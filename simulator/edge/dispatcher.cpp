#include "simulator/edge/dispatcher.h"

#include <algorithm>
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

/// Where its present try goes.
std::string_view url_of(const Owed& owed) {
    return owed.redirected_to          ? owed.redirected_to.view()
           : owed.delivery.on_fallback ? owed.route->fallback_url
                                       : owed.route->url;
}

/// After the try of a delivery that was to be sent badly, which from then on is one like others.
/// What came of a request that was spoilt says nothing of how the receiver takes the event, unless
/// it took it or failed on it: to refuse it (4xx) was right.
bool is_to_be_sent_again(Owed& owed, const AttemptResult& result) {
    constexpr int first_refusal = 400;
    constexpr int first_failure = 500;
    const bool again = owed.badly->send && owed.badly->send->again;
    owed.badly = {};
    const bool refused = result.status >= first_refusal && result.status < first_failure;
    return again && result.end != AttemptEnd::abandoned &&
           (result.end != AttemptEnd::answered || refused);
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
    const DeliveryId id = next_id();
    const Slot slot = take_slot();
    Item& item = *items_[slot];
    fill(item, callback, id, std::move(payload), std::move(user));
    line_up(slot, item);
    return id;
}

void Dispatcher::owe(Parcel parcel) {
    const Slot slot = take_slot();
    Item& item = *items_[slot];
    fill(item, parcel.callback, parcel.id, std::move(parcel.payload), std::move(parcel.user));
    Owed& owed = item.owed;
    owed.badly = std::move(parcel.badly);
    owed.extra = parcel.extra;
    owed.message = parcel.again == DeliveryId::none ? parcel.id : parcel.again;
    owed.outcome_decides = owed.outcome_decides && !parcel.extra;
    line_up(slot, item, parcel.beside);
}

void Dispatcher::fill(Item& item, const Callback& callback, DeliveryId id, Text&& payload,
                      Text&& user) {
    Owed& owed = item.owed;
    owed.delivery = Delivery{.id = id};
    owed.type = callback.event.type;
    owed.call = callback.event.call;
    owed.strand = callback.strand;
    owed.route = callback.route;
    owed.payload = std::move(payload);
    owed.user = std::move(user);
    owed.redirect_drops_body = false;
    const auto* const incoming = std::get_if<IncomingDetail>(&callback.event.detail);
    owed.outcome_decides = incoming != nullptr && incoming->outcome_decides;
    owed.asks_document = callback.event.asks_document;
    owed.extra = false;
    owed.message = id;
    item.sent = WallInstant::min();
    item.started = false;
    item.clock_let_go = false;
    item.strand_let_go = false;
    item.line = &line_of(callback.strand);
    pending_bytes_ += owed.payload.size();
    ++holding_up_;
    ++item.line->items;
}

void Dispatcher::line_up(Slot slot, Item& item, bool beside) {
    if (item.line->strand.start(Ticket{slot}, settings_.ordering, beside)) {
        start(slot, item);
    }
}

void Dispatcher::hold(CallId strand) { line_of(strand).strand.hold(); }

void Dispatcher::release(CallId strand) {
    const auto found = lines_.find(strand);
    if (found == lines_.end() || !found->second.strand.held()) {
        bug("release of a strand that is not held");
    }
    found->second.strand.release();
    pump(found->second);
}

void Dispatcher::pause() {
    if (!std::exchange(paused_, true)) {
        for (auto& [id, line] : lines_) {
            line.strand.hold();
        }
    }
}

void Dispatcher::resume() {
    if (!std::exchange(paused_, false)) {
        return;
    }
    // In the order in which their events became owed. What begins may make lines and end others.
    std::vector<std::pair<DeliveryId, CallId>> held;
    held.reserve(lines_.size());
    for (const auto& [id, line] : lines_) {
        held.emplace_back(first_waiting(line), id);
    }
    std::ranges::sort(held);
    for (const auto& [first, strand] : held) {
        release(strand);
    }
}

DeliveryId Dispatcher::first_waiting(const Line& line) const {
    DeliveryId first{~std::uint64_t{0}};
    for (const auto& item : items_) {
        if (item->line == &line && !item->started && item->owed.delivery.id != DeliveryId::none) {
            first = std::min(first, item->owed.delivery.id);
        }
    }
    return first;
}

std::size_t Dispatcher::under_way() const {
    return static_cast<std::size_t>(std::ranges::count_if(items_, [](const auto& item) {
        return item->started && item->owed.delivery.id != DeliveryId::none;
    }));
}

Dispatcher::Line& Dispatcher::line_of(CallId strand) {
    if (const auto known = lines_.find(strand); known != lines_.end()) {
        return known->second;
    }
    Line& line = new_line(strand);
    if (paused_) {
        line.strand.hold();
    }
    return line;
}

Dispatcher::Line& Dispatcher::new_line(CallId strand) {
    if (spare_lines_.empty()) {
        return lines_.emplace(strand, Line{strand, {}, 0}).first->second;
    }
    Lines::node_type node = std::move(spare_lines_.back());
    spare_lines_.pop_back();
    node.key() = strand;
    node.mapped().id = strand;
    return lines_.insert(std::move(node)).position->second;
}

/// Starts whatever of the strand may start now; a line with nothing left is gone afterwards.
void Dispatcher::pump(Line& line) {
    while (const std::optional<Ticket> next = line.strand.next(settings_.ordering)) {
        const Slot slot = static_cast<Slot>(*next);
        Item& item = *items_[slot];
        if (item.owed.delivery.state == DeliveryState::owed) {
            start(slot, item);
        } else {
            take_off(slot);  // forgotten while it waited
        }
    }
    if (line.items == 0 && line.strand.idle()) {
        constexpr std::size_t kept = 4096;
        Lines::node_type node = lines_.extract(line.id);
        if (spare_lines_.size() < kept) {
            spare_lines_.push_back(std::move(node));
        }
    }
}

/// Its turn in the strand has come.
void Dispatcher::start(Slot slot, Item& item) {
    item.started = true;
    begin_to_wait(slot, item, wall_now());
    try_now(slot, item, item.began);
}

/// For the answer to a try, as if there had been none before it.
void Dispatcher::begin_to_wait(Slot slot, Item& item, WallInstant now) {
    item.began = now;
    item.sent = WallInstant::min();
    if (!item.clock_let_go) {
        await_patience(now, slot, item, false);
    }
}

void Dispatcher::try_now(Slot slot, Item& item, WallInstant now) {
    Owed& owed = item.owed;
    owed.due = now;
    AttemptRequest request;
    request.id = AttemptId{slot};
    request.now = now;
    request.url = url_of(owed);
    request.method = owed.redirect_drops_body ? Method::get : owed.route->method;
    request.payload = owed.redirect_drops_body ? std::string_view{} : owed.payload.view();
    request.asks_document = owed.asks_document;
    request.timeout = owed.route->timeout.value_or(default_timeout);
    request.message = static_cast<std::uint64_t>(owed.message);
    if (owed.badly) {
        request.wire = owed.badly->send ? &owed.badly->send->wire : nullptr;
        request.signing_fault = owed.badly->signing;
    }
    transport_.start(request);
}

void Dispatcher::try_after(Slot slot, Duration wait) {
    auto& timer = retries_[slot];
    timer = std::make_unique<Timer>(loop_, steady(wall_now() + wait));
    timer->async_wait([this, slot](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            retries_.erase(slot);
            try_now(slot, *items_[slot], wall_now());
        }
    });
}

void Dispatcher::attempt_sent(AttemptId id, WallInstant at) {
    const Slot slot = static_cast<Slot>(id);
    Item& item = *items_[slot];
    if (item.sent != WallInstant::min()) {
        return;
    }
    item.sent = at;
    if (item.clock_let_go) {  // else the patience that already runs looks at it
        await_patience(at, slot, item, true);
    }
    if (tells_of_sending_) {
        host_.on_the_wire(item.owed);
    }
}

/// The clock waits for replyPatience from the start of a try, the events behind it from the moment
/// it is on the wire: a receiver that cannot even be reached stops no clock, and nothing overtakes.
void Dispatcher::await_patience(WallInstant since, Slot slot, const Item& item, bool sent) {
    if (settings_.ordering == Ordering::strict || item.owed.outcome_decides || item.strand_let_go) {
        return;
    }
    const Patience wanted{since + settings_.reply_patience, since, item.owed.delivery.id, slot,
                          sent};
    if (patience_.empty() || patience_.back().until <= wanted.until) {
        patience_.push_back(wanted);
    } else {
        const auto later = [](const Patience& a, const Patience& b) { return a.until < b.until; };
        patience_.insert(std::upper_bound(patience_.begin(), patience_.end(), wanted, later),
                         wanted);
    }
    arm_patience();
}

/// For the record only: the try goes on as if this had not been.
void Dispatcher::attempt_unheard(AttemptId id, AttemptResult&& result) {
    Owed& owed = items_[static_cast<Slot>(id)]->owed;
    after_unheard(owed.delivery);
    result.due = std::exchange(owed.due, result.ended);
    host_.attempt_made(owed, owed.delivery.on_fallback, std::move(result));
}

void Dispatcher::attempt_ended(AttemptId id, AttemptResult&& result) {
    const Slot slot = static_cast<Slot>(id);
    Item& item = *items_[slot];
    Owed& owed = item.owed;
    result.due = owed.due;
    const WallInstant ended = result.ended;
    const std::string_view url = url_of(owed);
    const bool was_fallback = owed.delivery.on_fallback;
    if (owed.badly && is_to_be_sent_again(owed, result)) {
        owed.again_as_it_should = true;
        host_.attempt_made(owed, was_fallback, std::move(result));
        owed.again_as_it_should = false;
        begin_to_wait(slot, item, ended);
        try_now(slot, item, ended);
        host_.activity_changed(ended);
        return;
    }
    const NextTry next = after_attempt(owed.delivery, result, settings_.policy,
                                       !owed.route->fallback_url.empty(), jitter_);
    const int status = result.status;
    Text target;
    if (next.what == NextTry::What::redirect) {
        target = Text{redirect_target(url, result.location)};
    }
    owed.follows_redirect = next.what == NextTry::What::redirect;
    host_.attempt_made(owed, was_fallback, std::move(result));
    owed.redirected_to.reset();
    switch (next.what) {
        case NextTry::What::nothing:
            settle(slot);
            break;
        case NextTry::What::again:
            try_after(slot, next.wait);
            break;
        case NextTry::What::fall_back:
            owed.redirect_drops_body = false;
            try_now(slot, item, ended);
            break;
        case NextTry::What::redirect:
            owed.redirected_to = std::move(target);
            owed.redirect_drops_body = owed.redirect_drops_body || status <= 303;
            try_now(slot, item, ended);
            break;
    }
    host_.activity_changed(ended);
}

/// The delivery is over, one way or the other.
void Dispatcher::settle(Slot slot) {
    Line& line = *items_[slot]->line;
    take_off(slot);
    pump(line);
}

void Dispatcher::take_off(Slot slot) {
    Item& item = *items_[slot];
    if (item.owed.delivery.state == DeliveryState::failed) {
        host_.told(item.owed, true);
    }
    let_strand_go(slot, item);
    --item.line->items;
    item.owed.delivery.id = DeliveryId::none;
    item.owed.badly = {};
    pending_bytes_ -= item.owed.payload.size();
    item.owed.payload.reset();
    item.owed.user.reset();
    free_.push_back(slot);
}

/// The modelled clock and the call no longer wait for this delivery: its answer is here, or
/// patience is over.
void Dispatcher::let_clock_go(Item& item) {
    if (std::exchange(item.clock_let_go, true)) {
        return;
    }
    --holding_up_;
    if (item.owed.delivery.state != DeliveryState::failed) {
        host_.told(item.owed, false);
    }
}

/// Nor do the events behind it.
void Dispatcher::let_strand_go(Slot slot, Item& item) {
    if (std::exchange(item.strand_let_go, true)) {
        return;
    }
    item.line->strand.unblock(Ticket{slot});
    let_clock_go(item);
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
        Item& item = *items_[first.slot];
        const bool stale = first.is_stale(item);
        if (!stale && first.until > now) {
            break;
        }
        patience_.pop_front();
        if (stale) {
            continue;
        }
        changed = true;
        let_clock_go(item);
        if (first.sent) {
            Line& line = *item.line;
            let_strand_go(first.slot, item);
            pump(line);
        } else if (item.sent != WallInstant::min()) {
            await_patience(item.sent, first.slot, item, true);
        }
    }
    arm_patience();
    if (changed) {
        host_.activity_changed(now);
    }
}

Dispatcher::Slot Dispatcher::take_slot() {
    if (free_.empty()) {
        items_.push_back(std::make_unique<Item>());
        return static_cast<Slot>(items_.size() - 1);
    }
    const Slot slot = free_.back();
    free_.pop_back();
    return slot;
}

}  // namespace ringback
