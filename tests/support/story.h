#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "simulator/core/engine.h"
#include "simulator/core/overloaded.h"

namespace ringback::test {

using namespace std::chrono_literals;

inline const Instant dawn{std::chrono::seconds{1'511'496'041}};  // 2017-11-24T04:00:41Z

inline std::string seconds_text(Duration since) {
    char text[32];
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ms / 1000),
                  static_cast<long long>(ms % 1000));
    return text;
}

inline const char* word(Cause cause) {
    constexpr const char* words[] = {"NORMAL_CLEARING",         "ORIGINATOR_CANCEL",  "USER_BUSY",
                                     "CALL_REJECTED",           "UNALLOCATED_NUMBER", "NO_ANSWER",
                                     "NORMAL_TEMPORARY_FAILURE"};
    return words[static_cast<int>(cause)];
}
inline const char* word(EventType type) {
    constexpr const char* words[] = {"incomingcall",
                                     "answer",
                                     "speak",
                                     "playback",
                                     "dtmf",
                                     "gather",
                                     "hangup",
                                     "timeout",
                                     "recording",
                                     "transcription",
                                     "error",
                                     "redirect",
                                     "transferComplete",
                                     "sms",
                                     "mms",
                                     "conference",
                                     "conference-member",
                                     "conference-speak",
                                     "conference-playback"};
    return words[static_cast<int>(type)];
}
inline const char* word(GatherReason reason) {
    constexpr const char* words[] = {"max-digits", "terminating-digit", "inter-digit-timeout",
                                     "hung-up", "cancelled"};
    return words[static_cast<int>(reason)];
}

/// "sent", "sent waiting", "sent not-delivered 720".
inline std::string message_text(const Message& message) {
    constexpr const char* states[] = {"received", "queued", "sending", "sent", "error"};
    constexpr const char* receipts[] = {"", " waiting", " delivered", " not-delivered"};
    return std::string{states[static_cast<int>(message.state)]} +
           receipts[static_cast<int>(message.receipt)] +
           (has_code(message.receipt) ? " " + std::to_string(message.code) : "");
}

/// "created", "member 1 active of 2 muted held".
inline std::string notice_text(const ConferenceNotice& notice) {
    if (notice.member == 0) {
        return notice.completed_at == never ? "created" : "completed";
    }
    return std::to_string(notice.member) + (notice.left ? " completed" : " active") + " of " +
           std::to_string(notice.active_members) + (notice.mute ? " muted" : "") +
           (notice.hold ? " held" : "");
}

/// "hangup USER_BUSY", "speak started [tag]", "gather max-digits 25".
inline std::string event_text(const Event& event) {
    std::string text = word(event.type);
    std::visit(
        Overloaded{
            [](const NoDetail&) {},
            [](const IncomingDetail&) {},
            [](const AnswerDetail&) {},
            [&](const AudioDetail& audio) { text += audio.done ? " done" : " started"; },
            [&](const DigitDetail& dtmf) { text += std::string{" "} + dtmf.digit; },
            [&](const GatherDetail& gather) {
                text += std::string{" "} + word(gather.reason) + " " + gather.digits;
            },
            [&](const HangupDetail& hangup) { text += std::string{" "} + word(hangup.cause); },
            [&](const RecordingDetail& one) {
                text += " " + std::to_string(one.recording) + (one.failed ? " error" : " complete");
            },
            [&](const TranscriptionDetail& one) {
                text += one.failed ? " error" : " \"" + one.text + "\"";
            },
            [&](const MessageDetail& one) { text += " " + message_text(*one.message.get()); },
            [&](const ConferenceDetail& one) { text += " " + notice_text(*one.notice.get()); },
        },
        event.detail);
    if (!event.tag.empty()) {
        text += " [" + event.tag + "]";
    }
    return text;
}

/// A call told as actions and what they cause, in modelled time from `dawn`.
class Story {
public:
    explicit Story(ModelSettings settings = {}, Seed seed = Seed{1}, EngineLimits limits = {})
        : engine{seed, std::move(settings), limits} {}

    Engine engine;
    Instant now{dawn};

    static NewCall outbound(std::string to = "+19195550187") {
        NewCall call;
        call.from = "+19195550123";
        call.to = std::move(to);
        Route route;
        route.url = "http://127.0.0.1:9000/cb";
        call.route = RouteRef{route};
        return call;
    }
    static NewCall inbound(bool auto_answer) {
        NewCall call = outbound("+19195550123");
        call.direction = Direction::in;
        call.from = "+19195550187";
        call.auto_answer = auto_answer;
        call.application_id = "a-1";
        return call;
    }

    CallId begin(const NewCall& call) { return engine.create(engine.user("u-1"), call, now)->id; }
    /// A call that has just been answered; what was told until then is forgotten.
    CallId answered(NewCall call = outbound()) {
        const CallId id = begin(call);
        wait(4s);
        static_cast<void>(told());
        return id;
    }

    void wait(Duration duration) {
        now += duration;
        engine.advance_to(now);
    }
    Outcome does(CallId id, const Input& input) { return engine.apply(id, input, now); }
    const Call& call(CallId id) const { return *engine.find(id); }

    /// Everything raised since the last look: "4.000 answer"; with more than one call "1: " in
    /// front.
    std::vector<std::string> told() {
        std::vector<std::string> lines;
        for (const Output& output : engine.outputs()) {
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                lines.push_back(leg_of(output.call) + seconds_text(output.at - dawn) + " " +
                                event_text(callback->event));
            }
        }
        engine.outputs().clear();
        return lines;
    }

private:
    std::string leg_of(CallId id) const {
        return engine.find_user(user_of(id))->calls.next_number() == 2
                   ? ""
                   : std::to_string(number_of(id)) + ": ";
    }
};

using Lines = std::vector<std::string>;

inline Audio speech(std::string text, std::string tag = {}) {
    return Audio{Audio::Kind::speech, std::move(text), std::move(tag), false};
}
inline Audio file(std::string url, std::string tag = {}) {
    return Audio{Audio::Kind::file, std::move(url), std::move(tag), false};
}
inline Update to_state(WantedState state) {
    Update update;
    update.state = state;
    return update;
}

}  // namespace ringback::test
