// What is heard on a call: speech, files, loops, prompts and whispers (spec v1 2.1.6, 4.5, 4.8).

#include <algorithm>

#include "simulator/core/call_step.h"

namespace ringback {

Duration length_of(const Audio& audio, const Delays& delays) {
    if (const auto known = delays.length_of.find(audio.text); known != delays.length_of.end()) {
        return known->second;
    }
    if (audio.kind == Audio::Kind::file) {
        return delays.file;
    }
    std::int64_t words = 0;
    bool in_word = false;
    for (const char c : audio.text) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        words += (!space && !in_word) ? 1 : 0;
        in_word = !space;
    }
    return std::max(delays.speech_minimum, delays.speech_per_word * words);
}

Outcome CallStep::operator()(const Play& wanted) {
    if (!is_up(call_.state) || under_document()) {
        return not_now();
    }
    play(wanted.audio, Playing::Purpose::audio);
    commanded();
    return {};
}

Outcome CallStep::operator()(const StopPlaying&) {
    if (!is_up(call_.state) || under_document()) {
        return not_now();
    }
    if (!call_.details || !call_.details->playing ||
        call_.details->playing->phase == Playing::Phase::stopping) {
        return refused(Refusal::nothing_playing);
    }
    if (call_.details->playing->phase == Playing::Phase::pending) {
        audio_starts();  // every accepted audio has a started and a done event (4.1 rule 2)
    }
    call_.details->playing->phase = Playing::Phase::stopping;
    arm(TimerKind::audio, turn_.now + draw(delays().stop));
    commanded();
    return {};
}

void CallStep::play(const Audio& audio, Playing::Purpose purpose) {
    cut_audio();
    details().playing = Playing{audio, Playing::Phase::pending, purpose};
    arm(TimerKind::audio, turn_.now + draw(delays().audio_start));
}

/// At least one, one after the other.
void CallStep::play_all(std::vector<Sound> sounds, Playing::Purpose purpose) {
    cut_audio();
    details().sounds = std::move(sounds);
    play_next(purpose);
}

/// What is first in `sounds`, once.
void CallStep::play_next(Playing::Purpose purpose) {
    std::vector<Sound>& sounds = call_.details->sounds;
    Sound& next = sounds.front();
    const Duration gap = next.repeats ? next.gap : Duration{0};
    call_.details->playing = Playing{next.audio, Playing::Phase::pending, purpose};
    next.repeats = true;
    if (--next.times == 0) {
        sounds.erase(sounds.begin());
    }
    arm(TimerKind::audio, turn_.now + gap + draw(delays().audio_start));
}

void CallStep::next_audio_phase() {
    if (call_.details->playing->phase != Playing::Phase::pending) {
        audio_ends();
        return;
    }
    audio_starts();
    const Audio& audio = call_.details->playing->audio;
    if (!audio.loop) {
        arm(TimerKind::audio, turn_.now + length_of(audio, delays()));
    }
}

void CallStep::audio_starts() {
    Playing& playing = *call_.details->playing;
    const bool speech = playing.audio.kind == Audio::Kind::speech;
    playing.phase = Playing::Phase::audible;
    on_the_phone(speech ? OnThePhone::What::heard_speech : OnThePhone::What::heard_file,
                 playing.audio.text);
    if (audio_is_told()) {
        log(speech ? LogEntry::Name::speak : LogEntry::Name::playback, 0);
        emit(speech ? EventType::speak : EventType::playback, AudioDetail{false},
             playing.audio.tag);
    }
}

void CallStep::audio_ends() {
    const Playing ended = *call_.details->playing;
    const bool speech = ended.audio.kind == Audio::Kind::speech;
    disarm(TimerKind::audio);
    if (audio_is_told()) {
        log(speech ? LogEntry::Name::speak : LogEntry::Name::playback, 1);
        emit(speech ? EventType::speak : EventType::playback, AudioDetail{true}, ended.audio.tag);
    }
    call_.details->playing.reset();
    if (!call_.details->sounds.empty()) {
        play_next(ended.purpose);
    } else if (ended.purpose == Playing::Purpose::prompt) {
        prompt_ended();
    } else if (ended.purpose == Playing::Purpose::whisper) {
        call_.details->whisper.reset();
        join_legs();
    } else if (ended.purpose == Playing::Purpose::verb) {
        verb_is_over(bxml::Waits::sound);
    }
}

/// Ends what plays at once: it is replaced, cut by a key or by the hang-up.
void CallStep::cut_audio() {
    if (!call_.details) {
        return;
    }
    call_.details->sounds.clear();
    if (!call_.details->playing) {
        return;
    }
    // Who is told of the end was told of a beginning; under BXML nobody is.
    if (call_.details->playing->phase == Playing::Phase::pending && !under_document()) {
        audio_starts();
    }
    audio_ends();
}

/// Prompts send no events unless switched on (spec v1 2.1.8), BXML never does (6.4).
bool CallStep::audio_is_told() const {
    return !under_document() && (call_.details->playing->purpose != Playing::Purpose::prompt ||
                                 switches().prompt_events);
}

}  // namespace ringback
