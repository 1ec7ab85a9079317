#include "simulator/wire/callback_json.h"

#include <algorithm>

#include "simulator/core/result.h"
#include "simulator/wire/conference_callback.h"
#include "simulator/wire/event_forms.h"
#include "simulator/wire/made_event.h"
#include "simulator/wire/message_callback.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// How an event of what is no call is written.
using AppendCallback = void(std::string&, const Event&, Method, std::string_view, std::uint64_t,
                            const IdCodec&, std::string_view);

/// One event on its way into one form. Each function writes one eventType, in the fixtures' order.
/// Those that nearly every call raises are flattened: without calls inside, a name is a few stores.
template <class Form>
class EventText {
public:
    EventText(std::string& out, const Event& event, const EventIds& ids, std::string_view base,
              CallerFields caller_fields)
        : form_{out, base, ids.user}, event_{event}, ids_{ids}, caller_fields_{caller_fields} {}

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
                write_gather(form_, detail<GatherDetail>(), event_.time, ids_);
                break;
            case EventType::hangup:
                hangup();
                break;
            case EventType::timeout:
                timeout();
                break;
            case EventType::recording:
                write_recording(form_, detail<RecordingDetail>(), ids_);
                break;
            case EventType::transcription:
                write_transcription(form_, detail<TranscriptionDetail>(), ids_);
                break;
            case EventType::error:
                error();
                break;
            case EventType::redirect:
                redirect();
                break;
            case EventType::transfer_complete:
                transfer_complete();
                break;
            case EventType::sms:
            case EventType::mms:
            case EventType::conference:
            case EventType::conference_member:
            case EventType::conference_speak:
            case EventType::conference_playback:
                bug("an event of something else where a call's was to be written");
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
    template <class Word>
    void type(const Word& word) {
        form_.word("eventType", word);
    }
    void call() { form_.word("callId", ids_.call); }
    void call_uri() { form_.uri("callUri", "calls", ids_.call); }
    void from() { form_.text("from", event_.from); }
    void to() { form_.text("to", event_.to); }
    void time() { form_.time("time", event_.time); }
    template <std::size_t n>
    void call_state(Literal<n> state) {
        form_.word("callState", state);
    }
    void tag() {
        if (!event_.tag.empty()) {
            form_.text("tag", event_.tag);
        }
    }

    std::string_view shown_name(const Boxed<Caller>& caller) const {
        return !caller || caller->display_name.empty() ? event_.from : caller->display_name;
    }
    void withhold_number(const Boxed<Caller>& caller) {
        if (caller && caller->number_withheld) {
            form_.word("withholdCallerNumber", "true");
        } else {
            form_.word("withholdCallerNumber", "false");
        }
    }
    /// The POST form has them on the docs' diversion page only, and without withholdCallerName.
    void caller_fields_of_post(const Boxed<Caller>& caller) {
        if (caller_fields_ == CallerFields::always) {
            withhold_number(caller);
            form_.text("displayName", shown_name(caller));
        }
    }

    void incomingcall() {
        const auto& [application_id, caller, decides] = detail<IncomingDetail>();
        static_cast<void>(decides);  // for the call, not for the receiver
        if constexpr (Form::is_query) {
            long_query(caller);
            application(application_id);
            call();
            call_uri();
            diversion(caller);
        } else if (is_diverted(caller)) {
            diverted(application_id, caller);
        } else {
            type("incomingcall");
            from();
            to();
            call();
            call_uri();
            call_state("active");
            application(application_id);
            time();
            caller_fields_of_post(caller);
        }
    }

    void application(const std::string& id) {
        if (!id.empty()) {
            form_.text("applicationId", id);
        }
    }

    [[gnu::flatten]] void answer() {
        const auto& [transfer_leg, caller] = detail<AnswerDetail>();
        const bool short_form = transfer_leg && caller_fields_ != CallerFields::always;
        if constexpr (Form::is_query) {
            if (!short_form) {
                long_query(caller);
                call();
                call_uri();
                diversion(caller);
                return;
            }
        }
        if constexpr (!Form::is_query) {
            if (is_diverted(caller)) {
                diverted({}, caller);
                return;
            }
        }
        call();
        from();
        type("answer");
        to();
        time();
        call_uri();
        call_state("active");
        if constexpr (!Form::is_query) {
            caller_fields_of_post(caller);
        }
    }

    [[nodiscard]] static bool is_diverted(const Boxed<Caller>& caller) {
        return caller && caller->diversion;
    }

    /// The POST form of a call that was forwarded, as the docs' diversion page has it.
    [[gnu::noinline]] void diverted(const std::string& application_id,
                                    const Boxed<Caller>& caller) {
        call();
        if (caller_fields_ != CallerFields::none) {
            withhold_number(caller);
            form_.text("displayName", shown_name(caller));
        }
        type(word(event_.type));
        call_state("active");
        from();
        to();
        time();
        application(application_id);
        call_uri();
        diversion(caller);
    }

    /// Of which the GET form knows texts only (spec v1 3.1).
    [[gnu::noinline]] void diversion(const Boxed<Caller>& caller) {
        if (!is_diverted(caller)) {
            return;
        }
        const Diversion& about = *caller->diversion.get();
        std::string json;
        JsonObject object{json};
        const auto number = [&](const char* name, std::uint32_t value) {
            Form::is_query ? object.text(name, std::to_string(value)) : object.integer(name, value);
        };
        object.text("privacy", about.privacy);
        object.text("screen", about.screen);
        object.text("reason", about.reason);
        number("counter", about.counter);
        number("limit", about.limit);
        object.text("origTo", about.orig_to);
        object.end();
        form_.object("diversion", json);
    }

    /// What the GET samples of answer and incomingcall begin with.
    void long_query(const Boxed<Caller>& caller) {
        const bool shown = caller_fields_ != CallerFields::none;
        call_state("active");
        to();
        if (shown) {
            withhold_number(caller);
        }
        time();
        from();
        type(word(event_.type));
        if (shown) {
            if (caller && caller->name_withheld) {
                form_.word("withholdCallerName", "true");
            } else {
                form_.word("withholdCallerName", "false");
            }
            form_.text("displayName", shown_name(caller));
        }
    }

    void audio() {
        const bool done = detail<AudioDetail>().done;
        const std::string_view state = done ? "PLAYBACK_STOP" : "PLAYBACK_START";
        const std::string_view status = done ? "done" : "started";
        call();
        type(word(event_.type));
        time();
        if (event_.type == EventType::speak) {
            form_.word("state", state);
        }
        call_uri();
        form_.word("status", status);
    }

    [[gnu::flatten]] void dtmf() {
        type("dtmf");
        call();
        call_uri();
        form_.text("dtmfDigit", std::string_view{&detail<DigitDetail>().digit, 1});
        time();
    }

    [[gnu::flatten]] void hangup() {
        call();
        type("hangup");
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
        type("timeout");
        from();
        to();
        time();
        call_uri();
    }

    void redirect() {
        to();
        call_state("active");
        from();
        type("redirect");
        call();
    }

    void transfer_complete() {
        to();
        call_state("active");
        time();
        from();
        type("transferComplete");
        call();
        call_uri();
    }

    void error() {
        type("error");
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
    if (event.type >= EventType::sms) {  // of no call: asked once on the way of a call's
        const auto append = is_of_conference(event.type)
                                ? static_cast<AppendCallback*>(append_conference_callback)
                                : static_cast<AppendCallback*>(append_message_callback);
        append(out, event, method, user_name, user_hash, *text.ids, text.public_base);
        return;
    }
    const std::uint64_t call_number = number_of(event.call);
    const auto id = [&](IdKind kind, std::uint32_t sub) {
        return text.ids->make(kind, user_hash, call_number, sub);
    };
    const IdText call = id(IdKind::call, 0);
    EventIds ids{user_name, call.view(), {}, {}, {}};
    IdText first;
    IdText second;
    if (const auto* const about = std::get_if<GatherDetail>(&event.detail)) {
        first = id(IdKind::gather, about->gather);
        ids.gather = first.view();
    } else if (const auto* const saved = std::get_if<RecordingDetail>(&event.detail)) {
        first = id(IdKind::recording, saved->recording);
        ids.recording = first.view();
    } else if (const auto* const heard = std::get_if<TranscriptionDetail>(&event.detail)) {
        first = id(IdKind::recording, heard->recording);
        second = id(IdKind::transcription, heard->transcription);
        ids.recording = first.view();
        ids.transcription = second.view();
    }
    if (std::all_of(user_name.begin(), user_name.end(), is_unreserved)) {
        append_callback(out, event, method, ids, text.public_base, text.caller_fields);
    } else {
        const std::string encoded = percent_encoded(user_name);
        ids.user = encoded;
        append_callback(out, event, method, ids, text.public_base, text.caller_fields);
    }
}

}  // namespace ringback
