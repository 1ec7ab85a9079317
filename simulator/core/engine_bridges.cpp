// The engine's bridges: beside its calls, on the same scheduler and with the same outputs.

#include <algorithm>
#include <utility>

#include "simulator/core/engine.h"

namespace ringback {

Outcome Engine::create_bridge(User& user, bool audio, const std::vector<CallId>& calls,
                              Instant now) {
    if (live_bridges_ >= limits_.live_bridges) {
        return {Refusal::no_room, 0, CallId::none};
    }
    now = begin_turn(now);
    Bridge wanted;
    wanted.id = bridge_id(user.slot, user.bridges.next_number());
    const Outcome outcome = step(wanted, BeginBridge{audio, candidates(user, wanted.id, calls)},
                                 turn_of(user, wanted, now), effects_);
    if (outcome.refusal != Refusal::none) {
        return outcome;
    }
    Bridge& bridge = user.bridges.add(std::move(wanted));
    ++live_bridges_;
    tell_calls({&user, &bridge}, {});
    return {Refusal::none, 0, bridge.id};
}

Outcome Engine::update_bridge(CallId id, std::optional<bool> audio,
                              const std::optional<std::vector<CallId>>& calls, Instant now) {
    const LocatedBridge at = locate_bridge(id);
    if (at.bridge == nullptr) {
        return {Refusal::no_such_item, 0, CallId::none};
    }
    UpdateBridge wanted{audio, std::nullopt};
    if (calls) {
        wanted.calls = candidates(*at.user, id, *calls);
    }
    const Outcome outcome = run(at, wanted, now);
    forget_surplus_bridges();
    return outcome;
}

Outcome Engine::apply(CallId id, const BridgeInput& input, Instant now) {
    const LocatedBridge at = locate_bridge(id);
    return at.bridge != nullptr ? run(at, input, now)
                                : Outcome{Refusal::no_such_item, 0, CallId::none};
}

Engine::LocatedBridge Engine::locate_bridge(CallId id) const {
    User* const user = resource_of(id) == Resource::bridge ? users_.find(user_of(id)) : nullptr;
    return {user, user == nullptr ? nullptr : user->bridges.find(number_of(id))};
}

/// How these calls stand towards that bridge now.
BridgeCandidates Engine::candidates(const User& user, CallId bridge,
                                    const std::vector<CallId>& calls) const {
    using Standing = BridgeCandidate::Standing;
    BridgeCandidates found;
    found.reserve(calls.size());
    for (const CallId id : calls) {
        const Call* const call = user_of(id) == user.slot ? find(id) : nullptr;
        const CallId now_in = call != nullptr && call->details ? call->details->bridge : CallId{};
        Standing standing = Standing::unfit;
        if (call == nullptr) {
            standing = Standing::unknown;
        } else if (now_in != CallId::none && now_in != bridge) {
            standing = Standing::elsewhere;
        } else if (is_up(call->state)) {
            // One that was in it before its document came stays there.
            const bool taken = now_in == CallId::none && is_under_document(*call);
            standing = taken ? Standing::under_document : Standing::up;
        } else if (call->state == CallState::started && call->direction == Direction::out) {
            standing = Standing::ringing;
        }
        found.push_back({id, standing});
    }
    return found;
}

/// The bridge's own random stream; how long its audio takes is what holds for its first call.
Turn Engine::turn_of(const User& user, const Bridge& bridge, Instant now) const {
    const Delays* own = nullptr;
    if (!own_delays_.empty() && !bridge.calls.empty()) {
        const Call* const call = find(bridge.calls.front().call);
        own = call != nullptr ? &delays_of(call->strand) : nullptr;
    }
    return {now, &settings_, own, Rng::stream_of(seed_, user.hash, place_of(bridge.id))};
}

Outcome Engine::run(const LocatedBridge& at, const BridgeInput& input, Instant now) {
    now = begin_turn(now);
    Bridge& bridge = *at.bridge;
    const bool was_over = is_over(bridge.state);
    const std::vector<BridgedCall> before = bridge.calls;

    const Outcome outcome = step(bridge, input, turn_of(*at.user, bridge, now), effects_);
    if (!was_over && is_over(bridge.state)) {
        --live_bridges_;
        ended_bridges_.push_back(bridge.id);
    }
    schedule(bridge.id);
    tell_calls(at, before);
    return outcome;
}

/// Calls know which bridge they are in: those that have left it and those that have come.
void Engine::tell_calls(const LocatedBridge& at, const std::vector<BridgedCall>& before) {
    for (const BridgedCall& one : before) {
        if (const Located left = locate(one.call);
            left.call != nullptr && !holds(*at.bridge, one.call)) {
            left.call->details.open().bridge = CallId::none;
        }
    }
    for (const BridgedCall& one : at.bridge->calls) {
        CallDetails& details = locate(one.call).call->details.open();
        details.bridge = at.bridge->id;
        details.by_rest = true;
    }
}

void Engine::forget_bridge(CallId id) {
    const LocatedBridge at = locate_bridge(id);
    if (at.bridge == nullptr) {
        return;
    }
    live_bridges_ -= is_over(at.bridge->state) ? 0U : 1U;
    front_ = {};
    const std::vector<BridgedCall> before = std::exchange(at.bridge->calls, {});
    tell_calls(at, before);
    at.user->bridges.forget(number_of(id));
}

/// Forgets the bridges that were completed first.
void Engine::forget_bridges(std::size_t most) {
    while (ended_bridges_.size() > most) {
        forget_bridge(ended_bridges_.front());
        ended_bridges_.pop_front();
    }
}

}  // namespace ringback
