// The life of a conference: created, active from its first member on, completed with its last (spec
// v1 2.3, 4.10).

#include "simulator/core/conference_machine.h"

#include <algorithm>
#include <utility>

#include "simulator/core/conference_step.h"

namespace ringback {

Outcome ConferenceStep::operator()(const Begin& /*begins*/) {
    become(ConferenceState::created);
    owe(notice(), small());
    return {};
}

Outcome ConferenceStep::operator()(const TimerFired& fired) {
    if (!is_live(it_, fired.timer)) {
        return {};
    }
    if (fired.timer.arg == static_cast<std::uint16_t>(ConferenceTimer::audio)) {
        next_audio_phase();
    } else {
        raise_owed(turn_.now);
    }
    return {};
}

Outcome ConferenceStep::operator()(const UpdateConference& update) {
    if (is_over()) {
        return refused(Refusal::conference_over);
    }
    it_.route = update.route.value_or(it_.route);
    it_.tag = update.tag.value_or(it_.tag);
    const bool hold = update.hold.value_or(it_.hold);
    const bool mute = update.mute.value_or(it_.mute);
    if (hold != it_.hold || mute != it_.mute) {
        it_.hold = hold;
        it_.mute = mute;
        tell_history();  // and nobody else: no member's own flags change
    }
    if (update.completes) {
        complete();
    }
    return {};
}

Outcome ConferenceStep::operator()(const AddMember& wanted) {
    if (const Refusal refusal = refusal_of(wanted); refusal != Refusal::none) {
        return refused(refusal);
    }
    it_.members.push_back({wanted.call, turn_.now, never, wanted.join_tone, wanted.leaving_tone,
                           wanted.mute, wanted.hold});
    ++it_.active_members;
    const auto number = static_cast<std::uint32_t>(it_.members.size());
    effects_.legs.push_back(
        {effects_.outputs.size(),
         SetMembership{wanted.call, it_.id, true, it_.profile == KeyProfile::interpret_digits}});
    if (it_.state == ConferenceState::created) {
        become(ConferenceState::active);
    }
    tell_history(number);
    if (wanted.join_tone) {
        sound(OnThePhone::What::heard_tone, "join");
    }
    owe(notice(number), small());
    return {Refusal::none, number, CallId::none};
}

Outcome ConferenceStep::operator()(const UpdateMember& update) {
    if (update.member == 0 || update.member > it_.members.size()) {
        return refused(Refusal::no_such_item);
    }
    if (is_over()) {
        return refused(Refusal::conference_over);
    }
    Member& member = it_.members[update.member - 1];
    if (!is_active(member)) {
        return refused(Refusal::member_left);
    }
    member.join_tone = update.join_tone.value_or(member.join_tone);
    member.leaving_tone = update.leaving_tone.value_or(member.leaving_tone);
    const bool mute = update.mute.value_or(member.mute);
    const bool hold = update.hold.value_or(member.hold);
    const bool changes = mute != member.mute || hold != member.hold;
    member.mute = mute;
    member.hold = hold;
    if (update.leaves) {
        let_go(member);
        remove(update.member);
        owe(notice(update.member), small());
        if (it_.active_members == 0) {
            end();
            owe(notice(), Duration{});
        }
    } else if (changes) {
        tell_history(update.member);
        owe(notice(update.member), small());
    }
    return {};
}

Outcome ConferenceStep::operator()(const Play& wanted) {
    if (is_over()) {
        return refused(Refusal::conference_over);
    }
    cut_audio();
    it_.playing = Playing{wanted.audio, Playing::Phase::pending, Playing::Purpose::audio};
    arm(ConferenceTimer::audio, turn_.now + draw(delays().audio_start));
    return {};
}

Outcome ConferenceStep::operator()(const StopPlaying& /*asked*/) {
    if (is_over()) {
        return refused(Refusal::conference_over);
    }
    if (!it_.playing || it_.playing->phase == Playing::Phase::stopping) {
        return refused(Refusal::nothing_playing);
    }
    if (it_.playing->phase == Playing::Phase::pending) {
        audio_starts();  // every accepted audio has a started and a done event (4.1 rule 2)
    }
    it_.playing->phase = Playing::Phase::stopping;
    arm(ConferenceTimer::audio, turn_.now + draw(delays().stop));
    return {};
}

/// A call that ends takes its member with it, and at once: its hangup event comes behind that,
/// and behind that the end of the conference (spec v1 4.10).
Outcome ConferenceStep::operator()(const GroupTold& told) {
    if (told.news == GroupNews::answered) {
        return {};  // a call joins by request only
    }
    const auto one = std::ranges::find_if(it_.members, [&](const Member& member) {
        return is_active(member) && member.call == told.call;
    });
    if (one == it_.members.end()) {
        return {};
    }
    if (told.news == GroupNews::star_pressed) {
        one->cut_off = !one->cut_off;
        return {};
    }
    const auto number = static_cast<std::uint32_t>(one - it_.members.begin() + 1);
    let_go(*one);
    remove(number);
    raise_now(notice(number));
    if (it_.active_members == 0) {
        end();
        owe(notice(), delays().hangup.most);
    }
    return {};
}

Refusal ConferenceStep::refusal_of(const AddMember& wanted) const {
    if (is_over()) {
        return Refusal::conference_over;
    }
    if (!is_up(wanted.call_state)) {
        return ringback::is_over(wanted.call_state) ? Refusal::already_ended
                                                    : Refusal::invalid_state;
    }
    if (wanted.under_document) {
        return Refusal::invalid_state;  // spec v1 6.1
    }
    if (turn_.settings->switches.strict_conference && wanted.tied_to != it_.id) {
        return Refusal::other_conference;
    }
    if (wanted.conferring) {
        return Refusal::already_member;
    }
    return it_.active_members >= most_active_members ? Refusal::conference_full : Refusal::none;
}

/// The call goes on without the conference.
void ConferenceStep::let_go(const Member& member) {
    effects_.legs.push_back(
        {effects_.outputs.size(), SetMembership{member.call, it_.id, false, false}});
}

void ConferenceStep::remove(std::uint32_t number) {
    if (it_.active_members == 1) {
        cut_audio();  // nobody is left to hear it
    }
    Member& member = it_.members[number - 1];
    member.removed_at = turn_.now;
    --it_.active_members;
    tell_history(number);
    if (member.leaving_tone) {
        sound(OnThePhone::What::heard_tone, "leave");
    }
}

/// By request: what plays ends, then all members leave, then it is over.
void ConferenceStep::complete() {
    cut_audio();
    for (std::uint32_t number = 1; number <= it_.members.size(); ++number) {
        if (is_active(it_.members[number - 1])) {
            let_go(it_.members[number - 1]);
            remove(number);
            owe(notice(number), small());
        }
    }
    end();
    owe(notice(), small());
}

void ConferenceStep::end() {
    it_.completed_at = turn_.now;
    become(ConferenceState::completed);
}

Outcome step(Conference& conference, const ConferenceInput& input, const Turn& turn,
             Effects& effects) {
    return std::visit(ConferenceStep{conference, turn, effects}, input);
}

Conference make_conference(NewConference&& wanted, CallId id, Instant now) {
    Conference conference;
    conference.id = id;
    conference.route = std::move(wanted.route);
    conference.from = std::move(wanted.from);
    conference.tag = std::move(wanted.tag);
    conference.created_at = now;
    conference.profile = wanted.profile;
    return conference;
}

bool is_live(const Conference& conference, const Timer& timer) {
    return timer.arg < conference.serials.size() &&
           conference.serials.at(timer.arg) == timer.serial;
}

bool has_unfinished_business(const Conference& conference) {
    return conference.state != ConferenceState::completed || !conference.owed.empty();
}

}  // namespace ringback
