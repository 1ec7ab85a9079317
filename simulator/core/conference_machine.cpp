// The life of a conference: created, active from its first member on, completed with its last (spec
// v1 2.3, 4.10).

#include "simulator/core/conference_machine.h"

#include <algorithm>
#include <utility>

namespace ringback {
namespace {

/// So many changes may wait for their events; with one more all are raised early. Only a client
/// that changes its mind thousands of times while the clock stands comes here.
constexpr std::size_t most_owed = 1000;

/// One conference, one turn; as CallStep is for calls.
class ConferenceStep {
public:
    ConferenceStep(Conference& conference, const Turn& turn, Effects& effects)
        : it_{conference}, turn_{turn}, effects_{effects}, rng_{turn.stream, conference.draws} {}
    ConferenceStep(const ConferenceStep&) = delete;
    ConferenceStep& operator=(const ConferenceStep&) = delete;
    ~ConferenceStep() { it_.draws = static_cast<std::uint32_t>(rng_.drawn()); }

    Outcome operator()(const Begin& /*begins*/) {
        become(ConferenceState::created);
        owe(notice(), small());
        return {};
    }

    Outcome operator()(const TimerFired& fired) {
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

    Outcome operator()(const UpdateConference& update) {
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

    Outcome operator()(const AddMember& wanted) {
        if (const Refusal refusal = refusal_of(wanted); refusal != Refusal::none) {
            return refused(refusal);
        }
        it_.members.push_back({wanted.call, turn_.now, never, wanted.join_tone, wanted.leaving_tone,
                               wanted.mute, wanted.hold});
        ++it_.active_members;
        const auto number = static_cast<std::uint32_t>(it_.members.size());
        effects_.legs.push_back(
            {effects_.outputs.size(), SetMembership{wanted.call, it_.id, true,
                                                    it_.profile == KeyProfile::interpret_digits}});
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

    Outcome operator()(const UpdateMember& update) {
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

    Outcome operator()(const Play& wanted) {
        if (is_over()) {
            return refused(Refusal::conference_over);
        }
        cut_audio();
        it_.playing = Playing{wanted.audio, Playing::Phase::pending, Playing::Purpose::audio};
        arm(ConferenceTimer::audio, turn_.now + draw(delays().audio_start));
        return {};
    }

    Outcome operator()(const StopPlaying& /*asked*/) {
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
    Outcome operator()(const GroupTold& told) {
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

private:
    // members

    [[nodiscard]] Refusal refusal_of(const AddMember& wanted) const {
        if (is_over()) {
            return Refusal::conference_over;
        }
        if (!is_up(wanted.call_state)) {
            return ringback::is_over(wanted.call_state) ? Refusal::already_ended
                                                        : Refusal::invalid_state;
        }
        if (wanted.told) {
            return Refusal::invalid_state;
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
    void let_go(const Member& member) {
        effects_.legs.push_back(
            {effects_.outputs.size(), SetMembership{member.call, it_.id, false, false}});
    }

    void remove(std::uint32_t number) {
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

    // the end

    [[nodiscard]] bool is_over() const { return it_.state == ConferenceState::completed; }

    /// By request: what plays ends, then all members leave, then it is over.
    void complete() {
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

    void end() {
        it_.completed_at = turn_.now;
        become(ConferenceState::completed);
    }

    // audio

    void next_audio_phase() {
        if (it_.playing->phase != Playing::Phase::pending) {
            audio_ends();
            return;
        }
        audio_starts();
        if (!it_.playing->audio.loop) {
            arm(ConferenceTimer::audio, turn_.now + length_of(it_.playing->audio, delays()));
        }
    }

    void audio_starts() {
        const Audio& audio = it_.playing->audio;
        it_.playing->phase = Playing::Phase::audible;
        sound(audio.kind == Audio::Kind::speech ? OnThePhone::What::heard_speech
                                                : OnThePhone::What::heard_file,
              audio.text);
        emit_audio(audio, false);
    }

    void audio_ends() {
        const Audio audio = std::move(it_.playing->audio);
        it_.playing.reset();
        disarm(ConferenceTimer::audio);
        emit_audio(audio, true);
    }

    void cut_audio() {
        if (!it_.playing) {
            return;
        }
        if (it_.playing->phase == Playing::Phase::pending) {
            audio_starts();
        }
        audio_ends();
    }

    /// Whoever is on hold, or has cut itself off, hears nothing.
    void sound(OnThePhone::What what, std::string_view text) {
        for (const Member& member : it_.members) {
            if (is_active(member) && !member.hold && !it_.hold && !member.cut_off) {
                auto& news = effects_.put<OnThePhone>(turn_.now, member.call);
                news.what = what;
                news.text = text;
            }
        }
    }

    // events

    void emit_audio(const Audio& audio, bool done) {
        raise_all_owed();
        const bool speech = audio.kind == Audio::Kind::speech;
        if (Event* const event = raise(
                speech ? EventType::conference_speak : EventType::conference_playback, audio.tag)) {
            event->detail.emplace<AudioDetail>(AudioDetail{done});
        }
    }

    /// What it, or that member of it, is now.
    [[nodiscard]] ConferenceNotice notice(std::uint32_t number = 0) const {
        ConferenceNotice now;
        now.member = number;
        now.active_members = it_.active_members;
        now.created_at = it_.created_at;
        now.completed_at = it_.completed_at;
        if (number != 0) {
            const Member& member = it_.members[number - 1];
            now.call = member.call;
            now.left = !is_active(member);
            now.hold = member.hold;
            now.mute = member.mute;
        }
        return now;
    }

    /// Its event is due then, but never before those of what happened earlier.
    void owe(const ConferenceNotice& what, Duration wait) {
        if (it_.owed.size() >= most_owed) {
            raise_all_owed();
        }
        const Instant earliest = it_.owed.empty() ? Instant::min() : it_.owed.back().due;
        it_.owed.push_back({std::max(turn_.now + wait, earliest), what});
        if (it_.owed.size() == 1) {
            arm(ConferenceTimer::notice, it_.owed.front().due);
        }
    }

    void raise_now(const ConferenceNotice& what) {
        raise_all_owed();
        raise_notice(what);
    }

    void raise_all_owed() { raise_owed(Instant::max()); }

    void raise_owed(Instant until) {
        const std::vector<OwedNotice> owed = std::exchange(it_.owed, {});
        auto next = owed.begin();
        for (; next != owed.end() && next->due <= until; ++next) {
            raise_notice(next->notice);
        }
        it_.owed.assign(next, owed.end());
        disarm(ConferenceTimer::notice);
        if (!it_.owed.empty()) {
            arm(ConferenceTimer::notice, it_.owed.front().due);
        }
    }

    void raise_notice(const ConferenceNotice& what) {
        if (Event* const event = raise(
                what.member == 0 ? EventType::conference : EventType::conference_member, it_.tag)) {
            event->detail.emplace<ConferenceDetail>().notice.open() = what;
        }
    }

    /// The event with all but its detail, or null when there is nobody to tell.
    [[nodiscard]] Event* raise(EventType type, const std::string& tag) {
        if (it_.route->url.empty()) {
            return nullptr;  // no URL: no request, nothing is queued (spec v1 3.2)
        }
        auto& owed = effects_.put<Callback>(turn_.now, it_.id);
        owed.route = it_.route;
        owed.strand = it_.id;
        owed.event.type = type;
        owed.event.call = it_.id;
        owed.event.time = turn_.now;
        owed.event.tag = tag;
        return &owed.event;
    }

    // leaves

    void become(ConferenceState state) {
        const ConferenceState before = std::exchange(it_.state, state);
        tell_history().before = before;
    }

    /// What it, or that member of it, is now.
    ConferenceBecame& tell_history(std::uint32_t number = 0) {
        auto& told = effects_.put<ConferenceBecame>(turn_.now, it_.id);
        told.before = it_.state;
        told.after = it_.state;
        told.member = number;
        told.active_members = it_.active_members;
        told.hold = it_.hold;
        told.mute = it_.mute;
        if (number != 0) {
            const Member& member = it_.members[number - 1];
            told.call = member.call;
            told.left = !is_active(member);
            told.hold = member.hold;
            told.mute = member.mute;
        }
        return told;
    }

    void arm(ConferenceTimer what, Instant at) {
        disarm(what);
        const auto arg = static_cast<std::uint16_t>(what);
        effects_.timers.push_back({Timer{TimerKind{}, it_.serials.at(arg), arg}, at});
    }
    void disarm(ConferenceTimer what) { ++it_.serials.at(static_cast<std::size_t>(what)); }

    [[nodiscard]] static Outcome refused(Refusal why) { return {why, 0, CallId::none}; }
    [[nodiscard]] const Delays& delays() const {
        return turn_.delays != nullptr ? *turn_.delays : turn_.settings->delays;
    }
    [[nodiscard]] Duration draw(const DelayRange& range) { return range.draw(rng_); }
    [[nodiscard]] Duration small() { return draw(delays().small); }

    Conference& it_;
    const Turn& turn_;
    Effects& effects_;
    Rng rng_;
};

}  // namespace

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
