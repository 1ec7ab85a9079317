#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "simulator/core/boxed.h"
#include "simulator/core/direction.h"
#include "simulator/core/ids.h"
#include "simulator/core/message.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"

namespace ringback {

enum class CallState : std::uint8_t { started, active, transferring, completed, rejected, error };

/// Why a call ended. Source: spec v1 3.3 hangup.
enum class Cause : std::uint8_t {
    normal_clearing,
    originator_cancel,
    user_busy,
    call_rejected,
    unallocated_number,
    no_answer,
    normal_temporary_failure,
};

enum class EventType : std::uint8_t {
    incomingcall,
    answer,
    speak,
    playback,
    dtmf,
    gather,
    hangup,
    timeout,
    recording,
    transcription,
    error,
    redirect,           // BXML
    transfer_complete,  // BXML
    // From here on not of calls.
    sms,
    mms,
    conference,
    conference_member,
    conference_speak,
    conference_playback,
};

/// All of them, in their order.
inline constexpr std::array event_types{EventType::incomingcall,
                                        EventType::answer,
                                        EventType::speak,
                                        EventType::playback,
                                        EventType::dtmf,
                                        EventType::gather,
                                        EventType::hangup,
                                        EventType::timeout,
                                        EventType::recording,
                                        EventType::transcription,
                                        EventType::error,
                                        EventType::redirect,
                                        EventType::transfer_complete,
                                        EventType::sms,
                                        EventType::mms,
                                        EventType::conference,
                                        EventType::conference_member,
                                        EventType::conference_speak,
                                        EventType::conference_playback};

[[nodiscard]] constexpr bool is_of_message(EventType type) {
    return type == EventType::sms || type == EventType::mms;
}
[[nodiscard]] constexpr bool is_of_conference(EventType type) {
    return type >= EventType::conference && type <= EventType::conference_playback;
}

enum class GatherReason : std::uint8_t {
    max_digits,
    terminating_digit,
    inter_digit_timeout,
    hung_up,
    cancelled,
};

/// What an event says beyond the call it is about.
struct NoDetail {
    friend bool operator==(const NoDetail&, const NoDetail&) = default;
};
/// Whom an inbound call was for before it was forwarded: the SIP header Diversion.
/// Source: spec v1 3.3, incomingcall.
struct Diversion {
    std::string orig_to;
    std::string reason{"unknown"};
    std::string privacy{"off"};
    std::string screen{"no"};
    std::uint32_t counter{1};
    std::uint32_t limit{1};
    friend bool operator==(const Diversion&, const Diversion&) = default;
};
/// What the caller's network said beyond the number.
struct Caller {
    std::string display_name;      // "": the number is shown
    Boxed<Diversion> diversion{};  // where the call was forwarded
    bool name_withheld{false};
    bool number_withheld{false};
    friend bool operator==(const Caller&, const Caller&) = default;
};
struct IncomingDetail {
    std::string application_id;
    Boxed<Caller> caller{};  // boxed like MessageDetail: few calls have any
    bool outcome_decides{
        false};  // a fallback number waits for it: the call goes on when it is known
    friend bool operator==(const IncomingDetail&, const IncomingDetail&) = default;
};
struct AnswerDetail {
    bool transfer_leg{
        false};  // leg B's answer has no caller fields in its GET form (v1-events.json)
    Boxed<Caller> caller{};
    friend bool operator==(const AnswerDetail&, const AnswerDetail&) = default;
};
struct AudioDetail {
    bool done{false};  // false: started
    friend bool operator==(const AudioDetail&, const AudioDetail&) = default;
};
struct DigitDetail {
    char digit{'0'};
    friend bool operator==(const DigitDetail&, const DigitDetail&) = default;
};
struct GatherDetail {
    std::uint32_t gather{};  // the how-manieth gather of the call, from 1
    GatherReason reason{};
    std::string digits;
    char terminating_digit{'\0'};  // BXML, with that reason
    bool of_document{false};       // told in the form of BXML
    friend bool operator==(const GatherDetail&, const GatherDetail&) = default;
};
struct HangupDetail {
    Cause cause{};
    friend bool operator==(const HangupDetail&, const HangupDetail&) = default;
};
struct RecordingDetail {
    std::uint32_t recording{};  // the how-manieth recording of the call, from 1
    bool failed{false};
    Instant started_at{};
    Instant ended_at{};
    bool of_document{false};
    friend bool operator==(const RecordingDetail&, const RecordingDetail&) = default;
};
struct TranscriptionDetail {
    std::uint32_t recording{};      // which recording of the call
    std::uint32_t transcription{};  // the how-manieth transcription of the call, from 1
    bool failed{false};
    std::string text;
    bool of_document{false};
    friend bool operator==(const TranscriptionDetail&, const TranscriptionDetail&) = default;
};
/// Boxed, because an event of a call must not grow by what only messages say.
struct MessageDetail {
    Boxed<Message> message{};  // as it was then; never empty in an event
    friend bool operator==(const MessageDetail&, const MessageDetail&) = default;
};
/// What became of a conference, or of one of its members, at one moment.
struct ConferenceNotice {
    std::uint32_t member{0};          // the how-manieth of the conference, from 1; 0: about itself
    std::uint32_t active_members{0};  // after the change
    CallId call{};                    // the member's
    bool left{false};                 // the member is none any more
    bool hold{false};                 // the member's own, not the conference's
    bool mute{false};
    Instant created_at{};         // of the conference
    Instant completed_at{never};  // of the conference
    friend bool operator==(const ConferenceNotice&, const ConferenceNotice&) = default;
};
/// Boxed for the same reason.
struct ConferenceDetail {
    Boxed<ConferenceNotice> notice{};  // never empty in an event
    friend bool operator==(const ConferenceDetail&, const ConferenceDetail&) = default;
};
using EventDetail = std::variant<NoDetail, IncomingDetail, AnswerDetail, AudioDetail, DigitDetail,
                                 GatherDetail, HangupDetail, RecordingDetail, TranscriptionDetail,
                                 MessageDetail, ConferenceDetail>;

/// What happened, in the API's terms, complete in itself: what the call does later cannot change
/// it.
struct Event {
    EventType type{};
    bool asks_document{false};  // the body of the answer may be BXML (spec v1 6.1)
    CallId call{};              // or the message's, or the conference's
    Instant time{};             // of the event; of a message its creation (spec v1 3.2)
    std::string from;
    std::string to;
    std::string
        tag;  // already the right one of call, audio, gather or conference (spec v1 3.2); "" = none
    EventDetail detail{};

    friend bool operator==(const Event&, const Event&) = default;
};

/// Something only the person on the phone perceives or does; kept in the journal.
struct OnThePhone {
    enum class What : std::uint8_t {
        pressed,
        said,
        heard_tone,
        heard_speech,
        heard_file,
        hung_up,
        answered,
        declined
    };
    What what{};
    std::string text;
    friend bool operator==(const OnThePhone&, const OnThePhone&) = default;
};

/// An event owed to one URL.
struct Callback {
    Event event;
    RouteRef route;
    CallId strand{};  // events of one strand never overtake each other; both legs of a transfer
                      // share one

    friend bool operator==(const Callback&, const Callback&) = default;
};

}  // namespace ringback
