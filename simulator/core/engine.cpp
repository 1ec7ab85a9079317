#include "simulator/core/engine.h"

#include <algorithm>

#include "simulator/core/overloaded.h"

namespace ringback {

Engine::Engine(Seed seed, ModelSettings settings, EngineLimits limits)
    : seed_{seed},
      settings_{std::move(settings)},
      configured_far_ends_{settings_.far_ends},
      limits_{limits} {}

User& Engine::user(std::string_view name) {
    if (User* known = find_user(name); known != nullptr) {
        return *known;
    }
    const UserSlot slot{next_slot_++};
    auto made = std::make_unique<User>();
    made->name = std::string{name};
    made->shared_name = std::make_shared<const std::string>(name);
    made->hash = hash_of(name);
    made->slot = slot;
    by_name_.emplace(made->name, slot);
    return *by_slot_.emplace(static_cast<std::uint32_t>(slot), std::move(made)).first->second;
}

User* Engine::find_user(std::string_view name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end()
               ? nullptr
               : by_slot_.find(static_cast<std::uint32_t>(found->second))->second.get();
}

const User* Engine::find_user(UserSlot slot) const {
    const auto found = by_slot_.find(static_cast<std::uint32_t>(slot));
    return found == by_slot_.end() ? nullptr : found->second.get();
}

void Engine::reset(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        return;
    }
    const auto user = by_slot_.find(static_cast<std::uint32_t>(found->second));
    user->second->calls.newest_first([this](const Call& call) {
        live_ -= is_over(call.state) ? 0U : 1U;
        return true;
    });
    by_slot_.erase(user);
    by_name_.erase(found);
}

void Engine::reset_all() {
    by_name_.clear();
    by_slot_.clear();
    ended_.clear();
    scheduler_ = Scheduler{};
    reminders_.clear();
    settings_.far_ends = configured_far_ends_;
    live_ = 0;
}

void Engine::set_far_end(const std::string& number, const std::optional<FarEnd>& far_end) {
    if (far_end) {
        settings_.far_ends.insert_or_assign(number, *far_end);
    } else {
        settings_.far_ends.erase(number);
    }
}

const Call* Engine::create(User& user, const NewCall& wanted, Instant now) {
    if (live_ >= limits_.live_calls) {
        return nullptr;
    }
    Call& call = place(user, wanted, CallId::none, std::max(now, latest_));
    const CallId id = call.id;
    run(call, Begin{}, now);
    return find(id);
}

Call& Engine::place(User& user, const NewCall& wanted, CallId strand, Instant now) {
    const CallId id = call_id(user.slot, user.calls.next_number());
    ++live_;
    return user.calls.add(
        make_call(wanted, id, strand == CallId::none ? id : strand, now, settings_));
}

Outcome Engine::apply(CallId id, const Input& input, Instant now) {
    Call* call = find_mutable(id);
    return call == nullptr ? Outcome{Refusal::no_such_item, 0, CallId::none}
                           : run(*call, input, now);
}

Outcome Engine::run(Call& call, const Input& input, Instant now) {
    now = std::max(now, latest_);
    latest_ = now;
    const User& owner = *find_user(user_of(call.id));
    const Turn turn{now, &settings_, Rng::stream_of(seed_, owner.hash, number_of(call.id))};
    const bool was_over = is_over(call.state);
    const CallId id = call.id;

    Effects nested;
    Effects& effects = depth_ == 0 ? effects_ : nested;
    ++depth_;
    Outcome outcome = step(call, input, turn, effects);
    if (!was_over && is_over(call.state)) {
        --live_;
        ended_.push_back(id);
    }
    obey(id, effects, now, outcome);
    effects.clear();
    if (--depth_ == 0) {
        forget_surplus();
    }
    return outcome;
}

/// Takes the effects apart: what leaves is moved out of them.
void Engine::obey(CallId id, Effects& effects, Instant now, Outcome& outcome) {
    for (Effect& effect : effects) {
        std::visit(Overloaded{
                       [&](const SetTimer& wanted) { scheduler_.add(wanted.at, id, wanted.timer); },
                       [&](Emit& emit) {
                           const Call& call = *find(id);
                           outputs_.push_back(
                               {now, id, Callback{std::move(emit.event), call.route, call.strand}});
                       },
                       [&](const Became& change) {
                           outputs_.push_back({now, id, change});
                       },
                       [&](OnThePhone& news) {
                           outputs_.push_back({now, id, std::move(news)});
                       },
                       [&](const NoCallbackUrl& news) {
                           outputs_.push_back({now, id, news});
                       },
                       [&](const MakeLeg& wanted) { make_leg(id, wanted, now, outcome); },
                       [&](const TellPeer& told) {
                           if (Call* peer = find_mutable(told.peer); peer != nullptr) {
                               run(*peer, PeerNews{told.news, id, told.hangup_at}, now);
                           }
                       },
                   },
                   effect);
    }
}

void Engine::make_leg(CallId leg_a, const MakeLeg& wanted, Instant now, Outcome& outcome) {
    User& owner = *by_slot_.find(static_cast<std::uint32_t>(user_of(leg_a)))->second;
    Call& leg_b = place(owner, wanted.leg, find(leg_a)->strand, now);
    leg_b.details.open().peer = Peer{leg_a, Peer::Role::leg_b, false};
    leg_b.details->whisper = wanted.whisper;
    outcome.leg = leg_b.id;
    find_mutable(leg_a)->details.open().peer = Peer{leg_b.id, Peer::Role::leg_a, false};
    run(leg_b, Begin{}, now);
}

const Call* Engine::find(CallId id) const {
    const User* owner = find_user(user_of(id));
    return owner == nullptr ? nullptr : owner->calls.find(number_of(id));
}

Call* Engine::find_mutable(CallId id) {
    const auto owner = by_slot_.find(static_cast<std::uint32_t>(user_of(id)));
    return owner == by_slot_.end() ? nullptr : owner->second->calls.find(number_of(id));
}

std::optional<Instant> Engine::next_due() {
    while (!scheduler_.empty()) {
        const Scheduler::Due& due = scheduler_.next();
        if (const Call* call = find(due.call); call != nullptr && is_live(*call, due.timer)) {
            return reminders_.empty() ? due.at : std::min(due.at, *reminders_.begin());
        }
        scheduler_.take();
    }
    return reminders_.empty() ? std::nullopt : std::optional{*reminders_.begin()};
}

bool Engine::advance_to(Instant now, std::size_t budget) {
    while (true) {
        const std::optional<Instant> due_at = next_due();
        if (!due_at || *due_at > now) {
            return true;
        }
        if (budget-- == 0) {
            return false;
        }
        if (!reminders_.empty() && *reminders_.begin() == *due_at) {
            reminders_.erase(reminders_.begin());
            latest_ = std::max(latest_, *due_at);
            continue;
        }
        const Scheduler::Due due = scheduler_.take();
        run(*find_mutable(due.call), TimerFired{due.timer}, due.at);
    }
}

std::size_t Engine::known_calls() const {
    std::size_t known = 0;
    for (const auto& [slot, user] : by_slot_) {
        known += user->calls.size();
    }
    return known;
}

/// Forgets the calls that ended first, but none that still has something to say.
void Engine::forget_surplus() {
    for (int tries = 0; tries < 4 && ended_.size() > limits_.ended_calls; ++tries) {
        const CallId oldest = ended_.front();
        ended_.pop_front();
        const Call* call = find(oldest);
        if (call == nullptr) {
            continue;
        }
        if (has_unfinished_business(*call)) {
            ended_.push_back(oldest);
            continue;
        }
        by_slot_.find(static_cast<std::uint32_t>(user_of(oldest)))
            ->second->calls.forget(number_of(oldest));
    }
}

}  // namespace ringback
