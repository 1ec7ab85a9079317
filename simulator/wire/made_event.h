#pragma once

// The events of what a call has made and what has an id of its own: gathers, recordings,
// transcriptions. Written like those of callback_json.cpp, which alone needs them; what a document
// (BXML) asked for is told in other members, in another order.

#include <cstddef>
#include <string_view>

#include "simulator/core/event.h"
#include "simulator/wire/callback_json.h"
#include "simulator/wire/utf8.h"
#include "simulator/wire/words.h"

namespace ringback {

inline constexpr std::size_t longest_event_text = 1026;  // characters, spec v1 7.2

template <class Form>
void write_gather_of_document(Form& form, const GatherDetail& about, Instant time,
                              const EventIds& ids) {
    if (about.terminating_digit != '\0') {
        form.text("terminatingDigit", std::string_view{&about.terminating_digit, 1});
    }
    form.time("time", time);
    form.word("reason", word(about.reason));
    form.word("state", "completed");
    form.word("eventType", "gather");
    form.text("digits", about.digits);
    form.word("callId", ids.call);
    form.uri("callUri", "calls", ids.call);
    form.word("gatherId", ids.gather);
}

template <class Form>
void write_gather(Form& form, const GatherDetail& about, Instant time, const EventIds& ids) {
    if (about.of_document) {
        write_gather_of_document(form, about, time, ids);
        return;
    }
    form.word("eventType", "gather");
    form.word("reason", word(about.reason));
    form.word("state", "completed");
    form.text("digits", about.digits);
    form.time("time", time);
    form.word("callId", ids.call);
    form.word("gatherId", ids.gather);
}

template <class Form>
void write_recording(Form& form, const RecordingDetail& about, const EventIds& ids) {
    const std::string_view state = about.failed ? "error" : "complete";
    if (about.of_document) {
        form.time("startTime", about.started_at);
        form.uri("recordingUri", "recordings", ids.recording);
        form.word("status", state);
        form.word("recordingId", ids.recording);
        form.word("eventType", "recording");
        form.time("endTime", about.ended_at);
        form.word("callId", ids.call);
        return;
    }
    form.word("callId", ids.call);
    form.word("eventType", "recording");
    form.word("recordingId", ids.recording);
    form.uri("recordingUri", "recordings", ids.recording);
    form.word("state", state);
    form.word("status", state);
    form.time("startTime", about.started_at);
    form.time("endTime", about.ended_at);
}

template <class Form>
void write_transcription(Form& form, const TranscriptionDetail& about, const EventIds& ids) {
    const std::string_view state = about.failed ? "error" : "completed";
    form.word("eventType", "transcription");
    if (!about.failed) {
        form.uri("transcriptionUri", "recordings", ids.recording, "transcriptions",
                 ids.transcription);
        form.number("textSize", utf8_length(about.text));
        form.text("text", utf8_crop(about.text, longest_event_text));
    }
    form.word("status", state);
    if (!about.failed) {
        form.uri("textUrl", "media", ids.transcription);
    }
    if (!about.of_document) {
        form.word("recordingId", ids.recording);
        form.word("state", state);
    }
    form.word("transcriptionId", ids.transcription);
}

}  // namespace ringback
