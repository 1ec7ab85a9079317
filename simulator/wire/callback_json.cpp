#include "simulator/wire/callback_json.h"

#include "simulator/core/result.h"
#include "simulator/wire/event_forms.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

constexpr std::size_t longest_event_text = 1026;  // characters, spec v1 7.2

/// One event on its way into one form. Each function writes one eventType, in the fixtures' order.
template <class Form>
class EventText {
public:
    EventText(std::string& out, const Event& event, const EventIds& ids, std::string_view base,
              CallerFields caller_fields)
        : form_{out}, event_{event}, ids_{ids}, base_{base}, caller_fields_{caller_fields} {}

    void write() {
        switch (event_.type) {
            case EventType::incomingcall:
                incomingcall();
                break;
            case EventType::answer:
                answer();
                break;
            case EventType::speak:
            case EventType::playback:
                audio();
                break;
            case EventType::dtmf:
                dtmf();
                break;
            case EventType::gather:
                gather();
                break;
            case EventType::hangup:
                hangup();
                break;
            case EventType::timeout:
                timeout();
                break;
            case EventType::recording:
                recording();
                break;
            case EventType::transcription:
                transcription();
                break;
            case EventType::error:
                error();
                break;
        }
        tag();
        form_.end();
    }

private:
    template <class Detail>
    const Detail& detail() const {
        const auto* const found = std::get_if<Detail>(&event_.detail);
        if (found == nullptr) {
            bug("an event without the detail of its type");
        }
        return *found;
    }
    void type() { form_.word("eventType", word(event_.type)); }
    void call() { form_.word("callId", ids_.call); }
    void call_uri() { form_.uri("callUri", {base_, ids_.user, "calls", ids_.call}); }
    void from() { form_.text("from", event_.from); }
    void to() { form_.text("to", event_.to); }
    void time() { form_.time("time", event_.time); }
    void call_state(std::string_view state) { form_.word("callState", state); }
    void tag() {
        if (!event_.tag.empty()) {
            form_.text("tag", event_.tag);
        }
    }

    std::string_view shown_name(const std::string& display_name) const {
        return display_name.empty() ? event_.from : display_name;
    }
    /// The POST form has them on the docs' diversion page only, and without withholdCallerName.
    void caller_fields_of_post(const std::string& display_name) {
        if (caller_fields_ == CallerFields::always) {
            form_.word("withholdCallerNumber", "false");
            form_.text("displayName", shown_name(display_name));
        }
    }

    void incomingcall() {
        const auto& [application_id, display_name, decides] = detail<IncomingDetail>();
        static_cast<void>(decides);  // for the call, not for the receiver
        if constexpr (Form::is_query) {
            long_query(display_name);
            if (!application_id.empty()) {
                form_.text("applicationId", application_id);
            }
            call();
            call_uri();
        } else {
            type();
            from();
            to();
            call();
            call_uri();
            call_state("active");
            if (!application_id.empty()) {
                form_.text("applicationId", application_id);
            }
            time();
            caller_fields_of_post(display_name);
        }
    }

    void answer() {
        const auto& [transfer_leg, display_name] = detail<AnswerDetail>();
        const bool short_form = transfer_leg && caller_fields_ != CallerFields::always;
        if constexpr (Form::is_query) {
            if (!short_form) {
                long_query(display_name);
                call();
                call_uri();
                return;
            }
        }
        call();
        from();
        type();
        to();
        time();
        call_uri();
        call_state("active");
        if constexpr (!Form::is_query) {
            caller_fields_of_post(display_name);
        }
    }

    /// What the GET samples of answer and incomingcall begin with.
    void long_query(const std::string& display_name) {
        const bool caller = caller_fields_ != CallerFields::none;
        call_state("active");
        to();
        if (caller) {
            form_.word("withholdCallerNumber", "false");
        }
        time();
        from();
        type();
        if (caller) {
            form_.word("withholdCallerName", "false");
            form_.text("displayName", shown_name(display_name));
        }
    }

    void audio() {
        const bool done = detail<AudioDetail>().done;
        call();
        type();
        time();
        if (event_.type == EventType::speak) {
            form_.word("state", done ? "PLAYBACK_STOP" : "PLAYBACK_START");
        }
        call_uri();
        form_.word("status", done ? "done" : "started");
    }

    void dtmf() {
        type();
        call();
        call_uri();
        form_.text("dtmfDigit", std::string_view{&detail<DigitDetail>().digit, 1});
        time();
    }

    void gather() {
        const auto& about = detail<GatherDetail>();
        type();
        form_.word("reason", word(about.reason));
        form_.word("state", "completed");
        form_.text("digits", about.digits);
        time();
        call();
        form_.word("gatherId", ids_.gather);
    }

    void hangup() {
        call();
        type();
        from();
        to();
        time();
        form_.word("cause", word(detail<HangupDetail>().cause));
        // Also for a rejected call, whose resource says rejected: spec v1 9, row 12.
        call_state("completed");
        call_uri();
    }

    void timeout() {
        call();
        type();
        from();
        to();
        time();
        call_uri();
    }

    void recording() {
        const auto& about = detail<RecordingDetail>();
        const std::string_view state = about.failed ? "error" : "complete";
        call();
        type();
        form_.word("recordingId", ids_.recording);
        form_.uri("recordingUri", {base_, ids_.user, "recordings", ids_.recording});
        form_.word("state", state);
        form_.word("status", state);
        form_.time("startTime", about.started_at);
        form_.time("endTime", about.ended_at);
    }

    void transcription() {
        const auto& about = detail<TranscriptionDetail>();
        const std::string_view state = about.failed ? "error" : "completed";
        type();
        if (!about.failed) {
            form_.uri("transcriptionUri", {base_, ids_.user, "recordings", ids_.recording,
                                           "transcriptions", ids_.transcription});
            form_.number("textSize", utf8_length(about.text));
            form_.text("text", utf8_crop(about.text, longest_event_text));
        }
        form_.word("status", state);
        if (!about.failed) {
            form_.uri("textUrl", {base_, ids_.user, "media", ids_.transcription});
        }
        form_.word("recordingId", ids_.recording);
        form_.word("state", state);
        form_.word("transcriptionId", ids_.transcription);
    }

    void error() {
        type();
        call_state("error");
        to();
        from();
        call();
        call_uri();
        time();
    }

    Form form_;
    const Event& event_;
    const EventIds& ids_;
    std::string_view base_;
    CallerFields caller_fields_;
};

}  // namespace

void append_callback(std::string& out, const Event& event, Method method, const EventIds& ids,
                     std::string_view public_base, CallerFields caller_fields) {
    if (method == Method::get) {
        EventText<QueryForm>{out, event, ids, public_base, caller_fields}.write();
    } else {
        EventText<JsonForm>{out, event, ids, public_base, caller_fields}.write();
    }
}

void append_callback(std::string& out, const Event& event, Method method,
                     std::string_view user_name, std::uint64_t user_hash,
                     const CallbackText& text) {
    const std::uint64_t call_number = number_of(event.call);
    const auto id = [&](IdKind kind, std::uint32_t sub) {
        return text.ids->make(kind, user_hash, call_number, sub);
    };
    const IdText call = id(IdKind::call, 0);
    IdText gather;
    IdText recording;
    IdText transcription;
    if (const auto* const about = std::get_if<GatherDetail>(&event.detail)) {
        gather = id(IdKind::gather, about->gather);
    } else if (const auto* const saved = std::get_if<RecordingDetail>(&event.detail)) {
        recording = id(IdKind::recording, saved->recording);
    } else if (const auto* const heard = std::get_if<TranscriptionDetail>(&event.detail)) {
        recording = id(IdKind::recording, heard->recording);
        transcription = id(IdKind::transcription, heard->transcription);
    }
    std::string encoded;  // stays empty, and costs nothing, for every ordinary user id
    std::string_view user = user_name;
    for (const char c : user_name) {
        if (!is_unreserved(c)) {
            encoded = percent_encoded(user_name);
            user = encoded;
            break;
        }
    }
    append_callback(out, event, method,
                    {user, call.view(), gather.view(), recording.view(), transcription.view()},
                    text.public_base, text.caller_fields);
}

}  // namespace ringback
