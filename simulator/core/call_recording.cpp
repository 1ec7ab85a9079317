// Recordings and transcriptions (spec v1 2.9, 2.10, 4.7).

#include <algorithm>

#include "simulator/core/call_step.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds longest_recording{3600};

}  // namespace

Outcome CallStep::operator()(const Say& said) {
    if (!is_up(call_.state)) {
        return not_now();
    }
    on_the_phone(OnThePhone::What::said, said.text);
    if (Recording* recording = running_recording(); recording != nullptr) {
        recording->heard += recording->heard.empty() ? said.text : " " + said.text;
        await_silence(length_of(Audio{Audio::Kind::speech, said.text, {}, false}, delays()));
    }
    return {};
}

Outcome CallStep::operator()(const Transcribe& wanted) {
    if (!call_.details || wanted.recording == 0 ||
        wanted.recording > call_.details->recordings.size()) {
        return refused(Refusal::no_such_item);
    }
    if (call_.details->recordings[wanted.recording - 1].state != Recording::State::complete) {
        return refused(Refusal::recording_not_ready);
    }
    if (call_.details->transcriptions.size() >= most_parts_of_a_call) {
        return refused(Refusal::no_room);
    }
    begin_transcription(wanted.recording, false);
    commanded();
    return {Refusal::none, static_cast<std::uint32_t>(call_.details->transcriptions.size()),
            CallId::none};
}

void CallStep::start_recording() {
    Recording recording;
    recording.format = call_.recording_format;
    recording.started_at = turn_.now;
    details().recordings.push_back(std::move(recording));
    const Duration longest = call_.recording_max_s == 0
                                 ? Duration{longest_recording}
                                 : Duration{std::chrono::seconds{call_.recording_max_s}};
    arm(TimerKind::recording_max, turn_.now + longest);
}

/// `not_before`: when the hangup event comes; the recording's own may not overtake it.
void CallStep::stop_recording(Instant not_before) {
    Recording* recording = running_recording();
    if (recording == nullptr) {
        return;
    }
    disarm(TimerKind::recording_max);
    recording->state = Recording::State::saving;
    recording->ended_at = turn_.now;
    if (!recording->of_document) {
        recording->transcribe = call_.transcription_enabled;
    }
    arm(TimerKind::recording_saved, std::max(turn_.now + draw(delays().save), not_before),
        static_cast<std::uint32_t>(call_.details->recordings.size()));
}

void CallStep::recording_saved(std::uint32_t number) {
    Recording& recording = call_.details->recordings[number - 1];
    const bool fails = script().recording_fails;
    recording.state = fails ? Recording::State::error : Recording::State::complete;
    static const std::string no_tag;
    Event* const event = recording.of_document
                             ? raise(EventType::recording, no_tag, recording.events)
                             : raise(EventType::recording, call_.tag);
    if (event != nullptr) {
        event->detail = RecordingDetail{number, fails, recording.started_at, recording.ended_at,
                                        recording.of_document};
    }
    if (!fails && recording.transcribe) {
        begin_transcription(number, recording.of_document);
    }
}

void CallStep::begin_transcription(std::uint32_t recording, bool of_document) {
    Transcription transcription;
    transcription.recording = recording;
    transcription.created_at = turn_.now;
    transcription.of_document = of_document;
    call_.details->transcriptions.push_back(std::move(transcription));
    arm(TimerKind::transcribed, turn_.now + draw(delays().transcribe),
        static_cast<std::uint32_t>(call_.details->transcriptions.size()));
}

void CallStep::transcribed(std::uint32_t number) {
    Transcription& transcription = call_.details->transcriptions[number - 1];
    const Recording& recording = call_.details->recordings[transcription.recording - 1];
    const bool fails = recording.format == RecordingFormat::mp3 || script().transcription_fails;
    TranscriptionDetail detail{
        transcription.recording, number, fails, {}, transcription.of_document};
    if (fails) {
        transcription.state = Transcription::State::error;
    } else {
        transcription.state = Transcription::State::completed;
        if (!recording.heard.empty()) {
            transcription.text = recording.heard;
        } else if (!script().says.empty()) {
            transcription.text = script().says;
        } else {
            transcription.text = turn_.settings->transcript;
        }
        detail.text = transcription.text;
    }
    static const std::string no_tag;
    if (Event* const event = raise(EventType::transcription, no_tag,
                                   transcription.of_document ? recording.transcripts : call_.route);
        event != nullptr) {
        event->detail = std::move(detail);
    }
}

Recording* CallStep::running_recording() {
    if (!call_.details || call_.details->recordings.empty() ||
        call_.details->recordings.back().state != Recording::State::recording) {
        return nullptr;
    }
    return &call_.details->recordings.back();
}

}  // namespace ringback
