// The part of Simulator that hands on what the engine puts out, and what becomes of deliveries.
#include <algorithm>
#include <cstdio>
#include <new>
#include <utility>

#include "simulator/edge/simulator.h"
#include "simulator/edge/wall_clock.h"
#include "simulator/wire/attempt_error.h"
#include "simulator/wire/bxml_news.h"
#include "simulator/wire/redaction.h"

namespace ringback {
namespace {

std::string id_text(const IdCodec& ids, const User& user, CallId id) {
    return ids.text(id_kind(resource_of(id)), user.hash, number_of(id));
}

}  // namespace

// --- what the engine puts out
// -----------------------------------------------------------------------

void Simulator::take_outputs() {
    if (!engine_.outputs().empty() || !alarms_.empty()) {
        take_outputs(wall_now());
    }
}

void Simulator::take_outputs(WallInstant wall) {
    if (taking_outputs_) {
        return;  // the loop below will see them
    }
    taking_outputs_ = true;
    while (!engine_.outputs().empty()) {
        std::swap(engine_.outputs(), spare_outputs_);
        for (Output& output : spare_outputs_) {
            // Nobody's when the user was forgotten meanwhile.
            const User* const user = engine_.find_user(user_of(output.call));
            if (user == nullptr) {
                continue;
            }
            try {
                take(output, *user, wall);
            } catch (const std::bad_alloc&) {
                // Those behind it are not to be lost too, nor taken twice.
                std::fputs("ringback: out of memory: one event was lost\n", stderr);
            }
        }
        spare_outputs_.clear();
    }
    taking_outputs_ = false;
    if (!alarms_.empty()) {
        ring_alarms();
    }
}

/// Each may set others, and may act on calls.
void Simulator::ring_alarms() {
    while (!alarms_.empty() && alarms_.begin()->first <= driver_.now()) {
        const auto first = alarms_.extract(alarms_.begin());
        first.mapped()();
    }
}

void Simulator::take(Output& output, const User& user, WallInstant wall) {
    const auto tell = [&](auto&& what) {
        history_.record(output.call, output.at, wall, user.shared_name,
                        std::forward<decltype(what)>(what));
    };
    // By hand, the most frequent first: this is on the way of every callback.
    if (const auto* const callback = std::get_if<Callback>(&output.what)) {
        raise(output, *callback, user, wall);
    } else if (const auto* const change = std::get_if<Became>(&output.what)) {
        tell(StateChanged{change->before, change->after, change->cause});
    } else if (auto* const news = std::get_if<OnThePhone>(&output.what)) {
        tell(std::move(*news));
    } else if (std::holds_alternative<NoCallbackUrl>(output.what)) {
        note_unreachable(output, user, wall);
    } else if (const auto* const became = std::get_if<MessageBecame>(&output.what)) {
        take(*became, output, user, wall);
    } else if (const auto* const bridge = other_news<BridgeBecame>(output.what)) {
        tell(BridgeChanged{*bridge});
    } else if (const auto* const joined = other_news<ConferenceBecame>(output.what)) {
        tell(ConferenceChanged{*joined});
    } else if (const auto* const bxml = other_news<BxmlNews>(output.what)) {
        take(*bxml, output, user, wall);
    } else {
        take_account(output, user, wall);
    }
}

/// Of an inbound call or message.
void Simulator::note_unreachable(const Output& output, const User& user, WallInstant wall) {
    const std::string id = id_text(ids_, user, output.call);
    if (const Message* const message = engine_.find_message(output.call)) {
        note_error(user.shared_name, output.call, wall,
                   no_message_callback_error(message->application_id, message->to, id, output.at));
    } else if (const Call* const call = engine_.find(output.call)) {
        note_error(user.shared_name, output.call, wall,
                   no_callback_error(call->details ? call->details->application_id : std::string{},
                                     call->to, id, output.at));
    }
}

void Simulator::take(const MessageBecame& change, const Output& output, const User& user,
                     WallInstant wall) {
    history_.record(output.call, output.at, wall, user.shared_name, MessageChanged{change});
    const Message* const message = engine_.find_message(output.call);
    if (change.after == MessageState::error && message != nullptr) {
        note_error(
            user.shared_name, output.call, wall,
            not_sent_error(change, message->to, id_text(ids_, user, output.call), output.at));
    }
}

/// What is about the account as a whole; nobody is told of it but the journal.
void Simulator::take_account(Output& output, const User& user, WallInstant wall) {
    const auto tell = [&](auto&& what) {
        history_.record(CallId::none, output.at, wall, user.shared_name,
                        std::forward<decltype(what)>(what));
    };
    if (auto* const application = other_news<ApplicationChanged>(output.what)) {
        tell(std::move(*application));
    } else if (auto* const number = other_news<NumberChanged>(output.what)) {
        tell(std::move(*number));
    } else if (const auto* const domain = other_news<DomainChanged>(output.what)) {
        tell(*domain);
    } else {
        tell(*other_news<Charged>(output.what));
    }
}

void Simulator::take(const BxmlNews& news, const Output& output, const User& user,
                     WallInstant wall) {
    history_.record(output.call, output.at, wall, user.shared_name, BxmlNews{news});
    if (auto error = bxml_error(news, id_text(ids_, user, output.call), output.at)) {
        note_error(user.shared_name, output.call, wall, std::move(*error));
    }
}

/// The event is owed from here on.
void Simulator::raise(const Output& output, const Callback& callback, const User& user,
                      WallInstant wall) {
    payload_.clear();
    append_callback(payload_, callback.event, callback.route->method, user.name, user.hash,
                    callback_text_);
    if (editor_ != nullptr) {
        editor_->edit(callback, payload_);
    }
    if (dice_ != nullptr) {
        raise_among_faults(output, callback, user, wall);
        return;
    }
    Text payload{payload_, history_.texts()};
    if (held_for_answer_ != nullptr) {
        hold(callback.strand);
    }
    const DeliveryId delivery = dispatcher_.owe(callback, payload, user.shared_name);
    history_.record(output.call, output.at, wall, user.shared_name,
                    EventRaised{delivery, callback.event.type, callback.route, std::move(payload)});
}

/// Holds a strand for the answer under way, once.
void Simulator::hold(CallId strand) {
    if (std::find(held_for_answer_->begin(), held_for_answer_->end(), strand) ==
        held_for_answer_->end()) {
        held_for_answer_->push_back(strand);
        dispatcher_.hold(strand);
    }
}

void Simulator::note_error(const Text& user, CallId call, WallInstant wall, UserError error) {
    const Instant at = error.at;
    history_.record(call, at, wall, user, errors_.add(user.view(), std::move(error)));
}

// --- what becomes of deliveries
// -----------------------------------------------------------------------

void Simulator::attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) {
    if (owed.asks_document && !owed.extra) {
        document_attempt_made(owed, fallback, std::move(result));
    } else {
        note_attempt(owed, fallback, std::move(result));
    }
}

/// The whole document is for the call, and for who listens; a line of the journal shows as much of
/// it as of any answer.
void Simulator::document_attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) {
    const Text document = result.body;
    note_attempt(owed, fallback, std::move(result));
    if (owed.delivery.state != DeliveryState::owed) {
        answer_came(owed,
                    owed.redirected_to ? owed.redirected_to.view()
                    : fallback         ? owed.route->fallback_url
                                       : owed.route->url,
                    document);
    }
}

void Simulator::note_attempt(const Owed& owed, bool fallback, AttemptResult&& result) {
    const WallInstant ended = result.ended;
    const Instant at = driver_.at(ended);
    const bool failed = !is_success(result) && !owed.follows_redirect && !owed.again_as_it_should &&
                        !result.sent_again && result.end != AttemptEnd::abandoned;
    const std::uint32_t number = owed.again_as_it_should ? 0 : owed.delivery.attempts;
    const AttemptFigures figures = result;
    // After a reset another call may have the same text id: what is still in flight is nobody's
    // then.
    const bool forgotten = engine_.find_user(user_of(owed.call)) == nullptr;
    history_.record_new<AttemptMade>(forgotten ? CallId::none : owed.call, at, ended,
                                     forgotten ? Text{} : owed.user, owed.delivery, owed.type,
                                     number, fallback, owed.route, owed.redirected_to,
                                     std::move(result));
    if (failed) {
        note_failure(owed, fallback, figures, at);
    }
}

/// What the call has waited for, if it has: a document, or that there will be none.
void Simulator::answer_came(const Owed& owed, std::string_view url, std::string_view body) {
    if (draining_) {
        return;
    }
    const Instant now = driver_.catch_up();  // what came due before the answer was before it
    const bool failed = owed.delivery.state == DeliveryState::failed;
    NoDocument none;
    none.asked_by = owed.type;
    none.why = NoDocument::Why::not_delivered;
    none.url = url;
    engine_.apply(owed.call, failed ? Input{std::move(none)} : read_answer(owed.type, url, body),
                  now);
    take_outputs();
}

/// For GET /errors; nothing of what is forgotten.
void Simulator::note_failure(const Owed& owed, bool fallback, const AttemptFigures& figures,
                             Instant at) {
    if (!engine_.knows(owed.call)) {
        return;
    }
    const User& user = *engine_.find_user(user_of(owed.call));
    const std::string_view url = owed.redirected_to ? owed.redirected_to.view()
                                 : fallback         ? owed.route->fallback_url
                                                    : owed.route->url;
    note_error(owed.user, owed.call, figures.ended,
               attempt_error(figures, owed.type, *owed.route, id_text(ids_, user, owed.call),
                             redact_url(url), at));
}

void Simulator::told(const Owed& owed, bool failed) {
    if (!early_.empty()) {
        early_.told(owed.strand, owed.delivery.id);
    }
    if (owed.type != EventType::incomingcall || owed.extra || draining_) {
        return;
    }
    engine_.apply(owed.call, IncomingTold{failed}, driver_.now());
    take_outputs();
}

void Simulator::activity_changed(WallInstant now) {
    driver_.stir(now);
    if (stands_for_memory_ && nothing_owed()) {
        save_memory();
    }
    check_drained();
}

/// Who holds the clock waits for the receiver, and the receiver for what faults hold back: that
/// leaves when its modelled time has come.
bool Simulator::nothing_under_way() const {
    const bool clock_is_held = clock_holds_ > 0 && held_.awaited() == 0;
    return requests_under_way_ == 0 && !clock_is_held && !dispatcher_.busy();
}

}  // namespace ringback
