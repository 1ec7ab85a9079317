#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/call.h"

namespace ringback {

/// What a call starts with: POST /calls, an inbound call, or leg B of a transfer.
struct NewCall {
    Direction direction{Direction::out};
    std::string from;
    std::string to;
    std::string tag;
    RouteRef route{};
    std::optional<FarEnd> far_end{};  // default: far_end_for(to)
    std::uint16_t call_timeout_s{0};
    bool recording_enabled{false};
    bool transcription_enabled{false};
    RecordingFormat recording_format{RecordingFormat::wav};
    std::uint16_t recording_max_s{0};
    std::vector<std::pair<std::string, std::string>> sip_headers;
    CallId conference{};  // conferenceId
    // inbound only
    std::optional<bool> auto_answer{};  // as its application says, else yes
    std::string application_id;
    Boxed<Caller> caller{};
    std::string fallback_number;

    friend bool operator==(const NewCall&, const NewCall&) = default;
};

/// The call comes into being: rings at the far end, or reaches the application.
struct Begin {};

/// A timer the call set has come due.
struct TimerFired {
    Timer timer{};
};

enum class WantedState : std::uint8_t { active, rejected, completed, transferring };

/// POST calls/{id}, validated against the tables of 2.1.5; absent members are not to be changed.
struct Update {
    std::optional<WantedState> state{};
    std::optional<bool> recording_enabled{};
    std::optional<RecordingFormat> recording_format{};
    std::optional<std::uint16_t> recording_max_s{};
    std::optional<bool> transcription_enabled{};
    std::optional<RouteRef> route{};  // the call's own, or with `transferring` leg B's
    std::optional<std::string> tag{};
    std::string transfer_to;  // with `transferring`
    std::string transfer_caller_id;
    TransferDiversion diversion{};
    std::optional<Audio> whisper{};
};

/// POST audio with something to hear.
struct Play {
    Audio audio;
};
/// POST audio with "" only.
struct StopPlaying {};

/// POST dtmf.
struct SendTones {
    std::string tones;
};

/// POST gather. `gather` carries the asked-for settings; its progress members are ignored.
struct StartGather {
    Gather gather;
    std::optional<Audio> prompt{};
};
/// POST gather/{id} with state completed.
struct StopGather {
    std::uint32_t gather{};
};

/// POST recordings/{id}/transcriptions.
struct Transcribe {
    std::uint32_t recording{};
};

/// What the person on the phone does.
struct PressKeys {
    std::string keys;  // 0-9 * # A-D
};
struct Say {
    std::string text;  // heard by a running recording
};
struct FarEndHangsUp {};
struct FarEndAnswers {};
struct FarEndDeclines {};

/// The incomingcall event of an inbound call was answered, failed, or waited out replyPatience.
struct IncomingTold {
    bool failed{false};
};

/// What the other leg of a transfer reports.
enum class LegNews : std::uint8_t { answered, ready_to_join, ended };
struct PeerNews {
    LegNews news{};
    CallId peer{};             // who reports
    Instant hangup_at{never};  // `ended`: when its hangup event comes; ours must not overtake it
    Cause cause{};             // `ended`
};

/// The answer to an event that asked for a document has brought one.
struct DocumentCame {
    EventType asked_by{};
    std::string url;  // which answered
    Shared<bxml::Document> document{};
};
/// It has not, and will not.
struct NoDocument {
    enum class Why : std::uint8_t {
        none_in_answer,  // a success, but nothing that begins as XML
        invalid,         // no document: `reason`, at `place`
        invalid_verb,    // one with a verb that is against a rule: `reason`, at `place`
        not_delivered,
    };
    EventType asked_by{};
    Why why{};
    std::string url;
    bxml::Place place{};
    std::string reason;
};

using Input = std::variant<Begin, TimerFired, Update, Play, StopPlaying, SendTones, StartGather,
                           StopGather, Transcribe, PressKeys, Say, FarEndHangsUp, FarEndAnswers,
                           FarEndDeclines, IncomingTold, PeerNews, DocumentCame, NoDocument>;

/// Why an input was refused. Nothing was changed then.
enum class Refusal : std::uint8_t {
    none,
    invalid_state,          // 403 call-invalid-state
    already_ended,          // 403 call-invalid-state, second message
    nothing_playing,        // 403 call-audio-invalid-state
    duplicate_gather,       // 409 call-duplicate-gather-error
    recording_in_progress,  // 409 conflicted-recording-values-request
    recording_not_ready,    // 403 invalid-recording-state
    no_such_item,           // unknown gather or recording number
    too_many_calls,         // 403 bridge-callIds-overflow
    in_another_bridge,      // 400 bridge-bridged-callId
    call_not_active,        // 400 bridge-invalid-operation
    no_active_calls,        // 400 bridge-invalid-operation, of audio
    bridge_is_over,         // 400 bridge-invalid-state
    no_room,                // 503: there are as many as there may be; of a call's parts 400
    conference_over,        // 403 conference-error
    conference_full,        // 403 conference-max-members
    other_conference,       // 403 invalid-call-conference-id
    already_member,         // of this conference or another
    member_left,            // what was asked of it cannot be done any more
};

/// What came of an input, for the answer to whoever sent it.
struct Outcome {
    Refusal refusal{Refusal::none};
    std::uint32_t number{};  // of the gather, transcription or member that was made, from 1
    CallId leg{};  // leg B or the bridge, when one was made; of a refusal the call at fault

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace ringback
