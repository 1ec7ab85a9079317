// The engine's conferences: beside its calls, on the same scheduler and with the same outputs.

#include <algorithm>
#include <utility>

#include "simulator/core/engine.h"

namespace ringback {

const Conference* Engine::create(User& user, NewConference wanted, Instant now) {
    if (live_conferences_ >= limits_.live_conferences) {
        return nullptr;
    }
    now = std::max(now, latest_);
    const CallId id = conference_id(user.slot, user.conferences.next_number());
    Conference& conference = user.conferences.add(make_conference(std::move(wanted), id, now));
    ++live_conferences_;
    run({&user, &conference}, Begin{}, now);
    forget_surplus_conferences();
    return find_conference(id);
}

Outcome Engine::apply(CallId id, const ConferenceInput& input, Instant now) {
    const LocatedConference at = locate_conference(id);
    if (at.conference == nullptr) {
        return {Refusal::no_such_item, 0, CallId::none};
    }
    if (const auto* const wanted = std::get_if<AddMember>(&input)) {
        return add_member(at, *wanted, now);
    }
    return run(at, input, now);
}

/// The conference is told what the call is; everything else is its own say.
Outcome Engine::add_member(const LocatedConference& at, AddMember wanted, Instant now) {
    const Located called = locate(wanted.call);
    if (called.call == nullptr || called.user != at.user) {
        return {Refusal::no_such_item, 0, CallId::none};
    }
    if (conference_members_ >= limits_.conference_members) {
        return {Refusal::no_room, 0, CallId::none};
    }
    wanted.call_state = called.call->state;
    wanted.under_document = is_under_document(*called.call);
    if (called.call->details) {
        wanted.tied_to = called.call->details->conference;
        wanted.conferring = called.call->details->conferring;
    }
    const Outcome outcome = run(at, wanted, now);
    conference_members_ += outcome.refusal == Refusal::none ? 1U : 0U;
    return outcome;
}

Engine::LocatedConference Engine::locate_conference(CallId id) const {
    User* const user = resource_of(id) == Resource::conference ? users_.find(user_of(id)) : nullptr;
    return {user, user == nullptr ? nullptr : user->conferences.find(number_of(id))};
}

Outcome Engine::run(const LocatedConference& at, const ConferenceInput& input, Instant now) {
    now = begin_turn(now);
    Conference& conference = *at.conference;
    const Turn turn{now, &settings_, nullptr,
                    Rng::stream_of(seed_, at.user->hash, place_of(conference.id))};
    const bool was_over = conference.state == ConferenceState::completed;

    const Outcome outcome = step(conference, input, turn, effects_);
    if (!was_over && conference.state == ConferenceState::completed) {
        --live_conferences_;
        over_conferences_.push_back(conference.id);
    }
    schedule(conference.id);
    for (const LegEffect& effect : effects_.legs) {  // a conference asks for nothing else
        set_membership(std::get<SetMembership>(effect.what));
    }
    effects_.legs.clear();
    return outcome;
}

/// Tied to the conference it remains, also when it has left.
void Engine::set_membership(const SetMembership& wanted) {
    if (const Located at = locate(wanted.call); at.call != nullptr) {
        CallDetails& details = at.call->details.open();
        details.conference = wanted.conference;
        details.conferring = wanted.conferring;
        details.keys_are_taken = wanted.keys_are_taken;
        details.by_rest = details.by_rest || wanted.conferring;
    }
}

/// Its members' calls stay, and belong to no conference.
void Engine::forget_conference(CallId id) {
    const LocatedConference at = locate_conference(id);
    if (at.conference == nullptr) {
        return;
    }
    for (const Member& member : at.conference->members) {
        const Located called = locate(member.call);
        if (called.call != nullptr && called.call->details->conference == id) {
            set_membership({member.call, CallId::none, false, false});
        }
    }
    live_conferences_ -= at.conference->state == ConferenceState::completed ? 0U : 1U;
    conference_members_ -= at.conference->members.size();
    front_ = {};
    at.user->conferences.forget(number_of(id));
}

/// Forgets the conferences that were over first, but none that still has something to say.
void Engine::forget_conferences(std::size_t most, std::size_t tries) {
    for (; tries > 0 && over_conferences_.size() > most; --tries) {
        const CallId oldest = over_conferences_.front();
        over_conferences_.pop_front();
        const Conference* const conference = find_conference(oldest);
        if (conference != nullptr && has_unfinished_business(*conference)) {
            over_conferences_.push_back(oldest);
        } else {
            forget_conference(oldest);
        }
    }
}

}  // namespace ringback
