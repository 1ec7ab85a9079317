// What is heard in a conference, and what its receiver and the journal are told (spec
// v1 2.3, 4.10).

#include <algorithm>
#include <utility>
#include <vector>

#include "simulator/core/conference_step.h"

namespace ringback {
namespace {

/// So many changes may wait for their events; with one more all are raised early. Only a client
/// that changes its mind thousands of times while the clock stands comes here.
constexpr std::size_t most_owed = 1000;

}  // namespace

void ConferenceStep::next_audio_phase() {
    if (it_.playing->phase != Playing::Phase::pending) {
        audio_ends();
        return;
    }
    audio_starts();
    if (!it_.playing->audio.loop) {
        arm(ConferenceTimer::audio, turn_.now + length_of(it_.playing->audio, delays()));
    }
}

void ConferenceStep::audio_starts() {
    const Audio& audio = it_.playing->audio;
    it_.playing->phase = Playing::Phase::audible;
    sound(audio.kind == Audio::Kind::speech ? OnThePhone::What::heard_speech
                                            : OnThePhone::What::heard_file,
          audio.text);
    emit_audio(audio, false);
}

void ConferenceStep::audio_ends() {
    const Audio audio = std::move(it_.playing->audio);
    it_.playing.reset();
    disarm(ConferenceTimer::audio);
    emit_audio(audio, true);
}

void ConferenceStep::cut_audio() {
    if (!it_.playing) {
        return;
    }
    if (it_.playing->phase == Playing::Phase::pending) {
        audio_starts();
    }
    audio_ends();
}

/// Whoever is on hold, or has cut itself off, hears nothing.
void ConferenceStep::sound(OnThePhone::What what, std::string_view text) {
    for (const Member& member : it_.members) {
        if (is_active(member) && !member.hold && !it_.hold && !member.cut_off) {
            auto& news = effects_.put<OnThePhone>(turn_.now, member.call);
            news.what = what;
            news.text = text;
        }
    }
}

void ConferenceStep::emit_audio(const Audio& audio, bool done) {
    raise_all_owed();
    const bool speech = audio.kind == Audio::Kind::speech;
    if (Event* const event = raise(
            speech ? EventType::conference_speak : EventType::conference_playback, audio.tag)) {
        event->detail.emplace<AudioDetail>(AudioDetail{done});
    }
}

/// What an event and the journal both say of it and, if it is not 0, of that member.
template <class Told>
void ConferenceStep::describe(Told& told, std::uint32_t number) const {
    told.member = number;
    told.active_members = it_.active_members;
    if (number != 0) {
        const Member& member = it_.members[number - 1];
        told.call = member.call;
        told.left = !is_active(member);
        told.hold = member.hold;
        told.mute = member.mute;
    }
}

/// What it, or that member of it, is now.
ConferenceNotice ConferenceStep::notice(std::uint32_t number) const {
    ConferenceNotice now;
    describe(now, number);
    now.created_at = it_.created_at;
    now.completed_at = it_.completed_at;
    return now;
}

/// Its event is due then, but never before those of what happened earlier.
void ConferenceStep::owe(const ConferenceNotice& what, Duration wait) {
    if (it_.owed.size() >= most_owed) {
        raise_all_owed();
    }
    const Instant earliest = it_.owed.empty() ? Instant::min() : it_.owed.back().due;
    it_.owed.push_back({std::max(turn_.now + wait, earliest), what});
    if (it_.owed.size() == 1) {
        arm(ConferenceTimer::notice, it_.owed.front().due);
    }
}

void ConferenceStep::raise_now(const ConferenceNotice& what) {
    raise_all_owed();
    raise_notice(what);
}

void ConferenceStep::raise_owed(Instant until) {
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

void ConferenceStep::raise_notice(const ConferenceNotice& what) {
    if (Event* const event = raise(
            what.member == 0 ? EventType::conference : EventType::conference_member, it_.tag)) {
        event->detail.emplace<ConferenceDetail>().notice.open() = what;
    }
}

/// The event with all but its detail, or null when there is nobody to tell.
Event* ConferenceStep::raise(EventType type, const std::string& tag) {
    Event* const event = effects_.owe(type, turn_.now, it_.id, it_.route, it_.id);
    if (event != nullptr) {
        event->tag = tag;
    }
    return event;
}

void ConferenceStep::become(ConferenceState state) {
    const ConferenceState before = std::exchange(it_.state, state);
    tell_history().before = before;
}

/// What it, or that member of it, is now.
ConferenceBecame& ConferenceStep::tell_history(std::uint32_t number) {
    auto& told = effects_.put<ConferenceBecame>(turn_.now, it_.id);
    told.before = it_.state;
    told.after = it_.state;
    told.hold = it_.hold;
    told.mute = it_.mute;
    describe(told, number);
    return told;
}

void ConferenceStep::arm(ConferenceTimer what, Instant at) {
    disarm(what);
    const auto arg = static_cast<std::uint16_t>(what);
    effects_.timers.push_back({Timer{TimerKind{}, it_.serials.at(arg), arg}, at});
}

}  // namespace ringback
