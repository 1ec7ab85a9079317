#include "simulator/core/engine.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "simulator/core/overloaded.h"

namespace ringback {

Engine::Engine(Seed seed, ModelSettings settings, EngineLimits limits)
    : seed_{seed},
      settings_{std::move(settings)},
      configured_far_ends_{settings_.far_ends},
      limits_{limits} {}

void Engine::reset(std::string_view name) {
    const User* const user = users_.find(name);
    if (user == nullptr) {
        return;
    }
    user->calls.newest_first([this](const Call& call) {
        live_ -= is_over(call.state) ? 0U : 1U;
        return true;
    });
    count_out_others(*user);
    count_out_directory(*user);
    sip_records_ -= user->domains ? user->domains->records() : 0U;
    front_ = {};
    users_.erase(*user);
}

void Engine::reset_all() {
    users_.clear();
    ended_.clear();
    forget_all_others();
    applications_ = 0;
    numbers_ = 0;
    holders_.clear();
    sip_records_ = 0;
    scheduler_ = Scheduler{};
    front_ = {};
    reminders_.clear();
    settings_.far_ends = configured_far_ends_;
    settings_.message_fates.clear();
    live_ = 0;
}

bool Engine::set_far_end(const std::string& number, const std::optional<FarEnd>& far_end) {
    if (!far_end) {
        settings_.far_ends.erase(number);
        return true;
    }
    if (settings_.far_ends.size() >= limits_.far_ends && !settings_.far_ends.contains(number)) {
        return false;
    }
    settings_.far_ends.insert_or_assign(number, *far_end);
    return true;
}

const Call* Engine::create(User& user, NewCall wanted, Instant now) {
    if (live_ >= limits_.live_calls) {
        return nullptr;
    }
    Call& call = place(user, std::move(wanted), CallId::none, std::max(now, latest_));
    const CallId id = call.id;
    if (delays_of_new_ != nullptr) {
        set_delays_of(call.strand, delays_of_new_);
    }
    run({&user, &call}, Begin{}, now);
    forget_surplus();
    return find(id);
}

Call& Engine::place(User& user, NewCall&& wanted, CallId strand, Instant now) {
    const CallId id = call_id(user.slot, user.calls.next_number());
    ++live_;
    return user.calls.add(
        make_call(std::move(wanted), id, strand == CallId::none ? id : strand, now, settings_));
}

Outcome Engine::apply(CallId id, const Input& input, Instant now) {
    const Located at = locate(id);
    if (at.call == nullptr) {
        return {Refusal::no_such_item, 0, CallId::none};
    }
    const Outcome outcome = run(at, input, now);
    forget_surplus();
    return outcome;
}

void Engine::forget(CallId id) {
    if (const Located at = locate(id); at.call != nullptr) {
        live_ -= is_over(at.call->state) ? 0U : 1U;
        front_ = {};
        std::array<CallId, 2> groups{};  // that are told when it is not there any more
        if (at.call->details) {
            const CallDetails& details = *at.call->details.get();
            groups = {details.bridge, details.conferring ? details.conference : CallId::none};
        }
        at.user->calls.forget(number_of(id));
        for (const CallId group : groups) {
            tell_group({group, id, GroupNews::ended}, latest_);
        }
    } else {
        forget_other(id);
    }
}

void Engine::set_delays_of(CallId strand, std::shared_ptr<const Delays> own) {
    if (own != nullptr) {
        own_delays_[strand] = std::move(own);
    } else {
        own_delays_.erase(strand);
    }
}

const Delays& Engine::delays_of(CallId strand) const {
    const auto own = own_delays_.find(strand);
    return own != own_delays_.end() ? *own->second : settings_.delays;
}

Engine::Located Engine::locate(CallId id) const {
    User* const user = users_.find(user_of(id));
    return {user, user == nullptr ? nullptr : user->calls.find(place_of(id))};
}

/// One step and everything it asks for. Forgets no call: steps cause steps of other calls, whose
/// timers then come after those of the step that caused them.
template <class What>
Outcome Engine::run(const Located& at, const What& input, Instant now) {
    now = begin_turn(now);
    Call& call = *at.call;
    const Delays* const own = own_delays_.empty() ? nullptr : &delays_of(call.strand);
    const Turn turn{now, &settings_, own, Rng::stream_of(seed_, at.user->hash, number_of(call.id))};
    const bool was_over = is_over(call.state);

    Outcome outcome = step(call, input, turn, effects_);
    if (!was_over && is_over(call.state)) {
        --live_;
        ended_.push_back(call.id);
    }
    schedule(call.id);
    if (!effects_.legs.empty()) {
        obey_legs(at, now, outcome);
    }
    return outcome;
}

/// Does what legs, or calls and their group, want of each other, each at its place among what the
/// step has put out.
void Engine::obey_legs(const Located& at, Instant now, Outcome& outcome) {
    std::vector<LegEffect> wanted = std::exchange(effects_.legs, {});
    Outputs& outputs = effects_.outputs;
    std::size_t place = wanted.front().place;
    const auto cut = outputs.begin() + static_cast<std::ptrdiff_t>(place);
    const Outputs later{std::make_move_iterator(cut), std::make_move_iterator(outputs.end())};
    outputs.erase(cut, outputs.end());

    auto next = later.begin();
    const auto put_until = [&](Outputs::const_iterator until) {
        outputs.insert(outputs.end(), next, until);
        next = until;
    };
    for (LegEffect& effect : wanted) {
        put_until(next + static_cast<std::ptrdiff_t>(effect.place - place));
        place = effect.place;
        std::visit(Overloaded{[&](MakeLeg& leg) { make_leg(leg, at, now, outcome); },
                              [&](const TellPeer& told) { tell_peer(told, at, now); },
                              [&](const TellGroup& told) { tell_group(told, now); },
                              [&](const SetMembership& one) { set_membership(one); }},
                   effect.what);
    }
    put_until(later.end());
}

void Engine::make_leg(MakeLeg& wanted, const Located& at, Instant now, Outcome& outcome) {
    Call& leg_a = *at.call;
    Call& leg_b = place(*at.user, std::move(wanted.leg), leg_a.strand, now);
    leg_b.details.open().peer = Peer{leg_a.id, Peer::Role::leg_b, false};
    leg_b.details->whisper = std::move(wanted.whisper);
    leg_b.details->sounds = std::move(wanted.whispers);
    outcome.leg = leg_b.id;
    if (wanted.of_document) {
        leg_a.details->document->legs.push_back({leg_b.id, leg_b.to});
    } else {
        leg_a.details.open().peer = Peer{leg_b.id, Peer::Role::leg_a, false};
    }
    run({at.user, &leg_b}, Begin{}, now);
}

void Engine::tell_peer(const TellPeer& told, const Located& at, Instant now) {
    if (const Located peer = locate(told.peer); peer.call != nullptr) {
        run(peer, PeerNews{told.news, at.call->id, told.hangup_at, told.cause}, now);
    }
}

/// Drops stale timers until a live one is next; false when there is none. That of what is no call
/// is not kept: all that it costs stays off the way of calls.
bool Engine::find_front() {
    while (front_.call == nullptr && !scheduler_.empty()) {
        const Scheduler::Due& due = scheduler_.next();
        const Located at = locate(due.call);
        if (at.call != nullptr && is_live(*at.call, due.timer)) {
            front_ = at;
        } else if (resource_of(due.call) != Resource::call && wakes_other(due)) {
            return true;
        } else {
            scheduler_.take();
        }
    }
    return front_.call != nullptr;
}

std::optional<Instant> Engine::next_due() {
    if (!find_front()) {
        return reminders_.empty() ? std::nullopt : std::optional{*reminders_.begin()};
    }
    const Instant due = scheduler_.next().at;
    return reminders_.empty() ? due : std::min(due, *reminders_.begin());
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
        const Located at = front_;
        const Scheduler::Due due = scheduler_.take();
        if (at.call != nullptr) {
            run(at, TimerFired{due.timer}, due.at);
            forget_surplus();
        } else {
            wake_other(due);
        }
    }
}

/// Forgets the calls that ended first, but none that still has something to say.
void Engine::forget_ended(std::size_t most, std::size_t tries) {
    for (; tries > 0 && ended_.size() > most; --tries) {
        const CallId oldest = ended_.front();
        ended_.pop_front();
        const Located at = locate(oldest);
        if (at.call == nullptr) {
            continue;
        }
        if (has_unfinished_business(*at.call)) {
            ended_.push_back(oldest);
            continue;
        }
        keep_cost(*at.user, cost_of(*at.call));
        at.user->calls.forget(number_of(oldest));
    }
}

}  // namespace ringback
