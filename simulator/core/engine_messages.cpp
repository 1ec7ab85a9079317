// The engine's messages: beside its calls, on the same scheduler and with the same outputs.

#include <algorithm>
#include <utility>

#include "simulator/core/engine.h"
#include "simulator/core/message_numbers.h"

namespace ringback {

bool Engine::set_message_fate(const std::string& number, const std::optional<MessageFate>& fate) {
    auto& fates = settings_.message_fates;
    if (!fate) {
        fates.erase(number);
        return true;
    }
    if (fates.size() >= limits_.far_ends && !fates.contains(number)) {
        return false;
    }
    fates.insert_or_assign(number, *fate);
    return true;
}

const Message* Engine::create(User& user, NewMessage wanted, Instant now) {
    if (live_messages_ >= limits_.live_messages) {
        return nullptr;
    }
    if (const auto set = settings_.message_fates.find(wanted.to);
        set != settings_.message_fates.end() && !wanted.fate) {
        wanted.fate = fate_of(set->second, !wanted.media.empty());
    }
    now = std::max(now, latest_);
    const CallId id = message_id(user.slot, user.messages.next_number());
    std::uint64_t last_key = 0;
    user.messages.newest_first([&](const Message& last) {
        last_key = last.sort_key;
        return false;
    });
    Message& message = user.messages.add(
        make_message(std::move(wanted), id, now, message_sort_key(now, last_key)));
    ++live_messages_;
    run({&user, &message}, Begin{}, now);
    if (is_settled(message)) {  // it came in: that was all
        --live_messages_;
        settled_messages_.push_back(id);
    }
    forget_surplus_messages();
    return find_message(id);
}

Outcome Engine::apply(CallId id, const MessageInput& input, Instant now) {
    const LocatedMessage at = locate_message(id);
    return at.message != nullptr ? run(at, input, now)
                                 : Outcome{Refusal::no_such_item, 0, CallId::none};
}

Engine::LocatedMessage Engine::locate_message(CallId id) const {
    User* const user = resource_of(id) == Resource::message ? users_.find(user_of(id)) : nullptr;
    return {user, user == nullptr ? nullptr : user->messages.find(number_of(id))};
}

Outcome Engine::run(const LocatedMessage& at, const MessageInput& input, Instant now) {
    now = begin_turn(now);
    Message& message = *at.message;
    const Turn turn{now, &settings_, nullptr,
                    Rng::stream_of(seed_, at.user->hash, place_of(message.id))};
    const bool was_settled = is_settled(message);

    const Outcome outcome = step(message, input, turn, effects_);
    if (!was_settled && is_settled(message)) {
        --live_messages_;
        settled_messages_.push_back(message.id);
    }
    schedule(message.id);
    return outcome;
}

void Engine::forget_message(CallId id) {
    if (const LocatedMessage at = locate_message(id); at.message != nullptr) {
        live_messages_ -= is_settled(*at.message) ? 0U : 1U;
        front_ = {};
        at.user->messages.forget(number_of(id));
    }
}

/// Forgets the messages that were settled first.
void Engine::forget_settled(std::size_t most) {
    while (settled_messages_.size() > most) {
        if (const LocatedMessage at = locate_message(settled_messages_.front());
            at.message != nullptr) {
            keep_cost(*at.user, cost_of(*at.message));
        }
        forget_message(settled_messages_.front());
        settled_messages_.pop_front();
    }
}

void Engine::count_out_messages(const User& user) {
    user.messages.newest_first([this](const Message& message) {
        live_messages_ -= is_settled(message) ? 0U : 1U;
        return true;
    });
}

}  // namespace ringback
