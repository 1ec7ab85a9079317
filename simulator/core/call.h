#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/core/boxed.h"
#include "simulator/core/bxml_run.h"
#include "simulator/core/event.h"
#include "simulator/core/far_end.h"
#include "simulator/core/ids.h"
#include "simulator/core/recording_format.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"
#include "simulator/core/transfer_diversion.h"

namespace ringback {

/// Speech or a file, as POST audio, a gather's prompt or a whisper ask for it.
struct Audio {
    enum class Kind : std::uint8_t { speech, file };
    Kind kind{Kind::speech};
    std::string text;  // the sentence, or the file's URL; never empty
    std::string tag;
    bool loop{false};

    friend bool operator==(const Audio&, const Audio&) = default;
};

/// One of several that are heard one after the other.
struct Sound {
    Audio audio;
    std::uint8_t times{1};  // still to be heard
    Duration gap{0};        // before each time but the first
    bool repeats{false};    // has been heard once

    friend bool operator==(const Sound&, const Sound&) = default;
};

/// What is being heard on a call now.
struct Playing {
    enum class Phase : std::uint8_t { pending, audible, stopping };
    enum class Purpose : std::uint8_t { audio, prompt, whisper, verb };
    Audio audio;
    Phase phase{Phase::pending};
    Purpose purpose{Purpose::audio};

    friend bool operator==(const Playing&, const Playing&) = default;
};

struct Gather {
    std::uint32_t max_digits{30};
    Duration inter_digit_timeout{std::chrono::seconds{5}};
    std::string terminating_digits{"#"};
    bool suppress_dtmf{false};
    std::string tag;
    std::string digits;
    Instant created_at{};
    Instant completed_at{never};
    std::optional<GatherReason> reason{};  // set: completed
    bool event_owed{false};  // stopped on request, its event is due after Delays::stop

    friend bool operator==(const Gather&, const Gather&) = default;
};

struct Recording {
    enum class State : std::uint8_t { recording, saving, complete, error };
    State state{State::recording};
    RecordingFormat format{RecordingFormat::wav};
    bool transcribe{false};  // transcriptionEnabled when it ended
    Instant started_at{};
    Instant ended_at{never};
    std::string heard;        // what the person on the phone said meanwhile
    bool of_document{false};  // by a Record verb; its events go elsewhere than the call's:
    RouteRef events{};
    RouteRef transcripts{};

    friend bool operator==(const Recording&, const Recording&) = default;
};

struct Transcription {
    enum class State : std::uint8_t { transcribing, completed, error };
    State state{State::transcribing};
    std::uint32_t recording{};  // from 1
    Instant created_at{};
    std::string text;
    bool of_document{false};  // asked for by the Record verb

    friend bool operator==(const Transcription&, const Transcription&) = default;
};

/// One line of GET calls/{id}/events (spec v1 2.1.9); see log_entry.
struct LogEntry {
    enum class Name : std::uint8_t { create, answer, speak, playback, dtmf, gather, hangup, error };
    Instant at{};
    Name name{Name::create};
    std::uint8_t data{};  // speak, playback: 0 start 1 done; dtmf: the character; gather:
                          // GatherReason; hangup, error: Cause

    friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

/// How a transferred call and the leg it caused know each other.
struct Peer {
    enum class Role : std::uint8_t { none, leg_a, leg_b };
    CallId id{};
    Role role{Role::none};
    bool joined{false};
    bool answered{false};  // leg B was; known to leg A

    friend bool operator==(const Peer&, const Peer&) = default;
};

/// So many gathers, recordings and transcriptions of each kind REST may make of one call. Ours: a
/// call is kept long after its end, and a Timer names them in sixteen bits.
inline constexpr std::size_t most_parts_of_a_call = 1000;
static_assert(most_parts_of_a_call + bxml::most_verbs <= UINT16_MAX, "see Timer::arg");

/// What most calls in flight do not have.
struct CallDetails {
    std::optional<Playing> playing{};
    std::vector<Sound> sounds;  // heard after it, for the same purpose
    std::vector<Gather> gathers;
    std::vector<Recording> recordings;
    std::vector<Transcription> transcriptions;
    std::optional<Audio> whisper{};  // leg B: heard before the legs are joined
    Peer peer{};
    CallId bridge{};  // none: in no bridge
    Boxed<AskedTransfer> transfer{};
    std::string application_id;   // inbound
    Boxed<Caller> caller;         // inbound
    std::string fallback_number;  // inbound
    std::string tones;            // dtmfOut still to be heard by the far end
    CallId conference{};          // it is tied to, be it a member or not
    bool conferring{false};       // an active member of that conference
    bool keys_are_taken{false};   // and the keys it presses are the conference's
    bool by_rest{false};          // REST has commanded it; kept of calls that may get a document
    Boxed<bxml::Run> document{};  // there: the call is under control of BXML, now and ever after
    std::vector<std::pair<std::string, std::string>> sip_headers;

    friend bool operator==(const CallDetails&, const CallDetails&) = default;
};

/// What can come due on a call.
enum class TimerKind : std::uint8_t {
    far_end,          // the far end acts: answers, is busy, ...
    ring_over,        // callTimeout, or the caller of an inbound call gives up
    answer_event,     // the answer event of a manual answer
    ending,           // the hangup event (after a timeout event: with NO_ANSWER)
    far_hangup,       // the modelled person hangs up
    audio,            // the next step of what is playing
    gather,           // interDigitTimeout
    gather_stopped,   // the event of a gather stopped on request
    key,              // the modelled person presses the next key
    tone,             // the far end hears the next digit of dtmfOut
    recording_max,    // recordingMaxDuration
    recording_saved,  // arg: recording number, from 1
    transcribed,      // arg: transcription number, from 1
    // Without a serial in Call::serials, which would make every call larger:
    document,  // the next thing of a BXML document; bxml::Run::timer
};
inline constexpr std::size_t timer_kinds = 13;

/// One thing a call has asked to be woken for. Never cancelled, only found stale: its serial is
/// then not the call's any more.
struct Timer {
    TimerKind kind{};
    std::uint16_t serial{};
    std::uint16_t arg{};

    friend bool operator==(const Timer&, const Timer&) = default;
};

/// Which keys of its script the modelled person is pressing.
enum class KeysOf : std::uint8_t { answer, gather };

/// One call leg as the carrier sees it. A value: copy it, compare it, print it.
struct Call {
    CallId id{};
    CallId strand{};  // whose order of events this leg keeps; leg B keeps leg A's
    RouteRef route{};
    std::string from;
    std::string to;
    std::string tag;
    Instant started_at{};
    Instant active_at{never};  // set once, at the answer
    Instant ended_at{never};
    std::vector<LogEntry> log;  // what came after the creation: many calls only ever ring
    FarEnd far_end{};
    Boxed<CallDetails> details{};
    std::uint32_t draws{0};         // how often its random stream was used
    std::uint32_t keys_pressed{0};  // of those that `keys_of` names

    CallState state{CallState::started};
    Direction direction{Direction::out};
    Cause cause{Cause::normal_clearing};  // meaningful once ended
    RecordingFormat recording_format{RecordingFormat::wav};
    bool recording_enabled{false};
    bool transcription_enabled{false};
    bool auto_answer{false};
    bool answer_owed{false};  // answered, its answer event is still to be raised
    bool hangup_owed{false};  // ended, its hangup event is still to be raised
    KeysOf keys_of{KeysOf::answer};
    std::uint16_t call_timeout_s{0};   // 0: not given, 60 counts
    std::uint16_t recording_max_s{0};  // 0: not given, 3600 counts
    std::array<std::uint16_t, timer_kinds> serials{};

    friend bool operator==(const Call&, const Call&) = default;
};

[[nodiscard]] constexpr bool is_over(CallState state) {
    return state == CallState::completed || state == CallState::rejected ||
           state == CallState::error;
}

[[nodiscard]] inline std::size_t log_length(const Call& call) { return 1 + call.log.size(); }

/// The `number`-th line of GET calls/{id}/events, from 1; the first is the call's creation.
[[nodiscard]] inline LogEntry log_entry(const Call& call, std::size_t number) {
    return number == 1 ? LogEntry{call.started_at, LogEntry::Name::create, 0}
                       : call.log.at(number - 2);
}

/// Its receiver's XML says what it does; commands of REST are refused (spec v1 6.1).
[[nodiscard]] inline bool is_under_document(const Call& call) {
    return call.details && call.details->document;
}

/// Answered and not over: audio, dtmf, gather and recording act on it.
[[nodiscard]] constexpr bool is_up(CallState state) {
    return state == CallState::active || state == CallState::transferring;
}

}  // namespace ringback
