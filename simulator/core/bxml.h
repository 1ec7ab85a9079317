#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/recording_format.h"
#include "simulator/core/time.h"
#include "simulator/core/transfer_diversion.h"

/// A document that says what a call is to do, as values. Source: spec v1 6.
namespace ringback::bxml {

/// Where something stands in the text of a document, both from 1; a column is one character.
struct Place {
    std::uint32_t line{1};
    std::uint32_t column{1};

    friend bool operator==(const Place&, const Place&) = default;
    friend auto operator<=>(const Place&, const Place&) = default;  // NOLINT(modernize-use-nullptr)
};

/// Where a verb sends its event. The URL is as written: it may be relative to the document's.
struct RequestUrl {
    std::string url;  // "": nowhere
    Duration timeout{std::chrono::seconds{30}};

    friend bool operator==(const RequestUrl&, const RequestUrl&) = default;
};

enum class Gender : std::uint8_t { female, male };
enum class Locale : std::uint8_t {
    en_us,
    en_uk,
    de,
    de_de,
    es,
    es_mx,
    fr,
    fr_fr,
    it,
    it_it,
};
enum class Voice : std::uint8_t {
    susan,
    julie,
    kate,
    bridget,
    katrin,
    esperanza,
    violeta,
    jolie,
    paola,
    paul,
    dave,
    simon,
    stefan,
    jorge,
    bernard,
    luca,
};

struct SpeakSentence {
    std::string text;  // never empty, at most 1,000 characters
    Gender gender{Gender::female};
    Locale locale{Locale::en_us};
    Voice voice{Voice::susan};  // one that has this gender and locale
    std::int8_t volume{0};      // -4..4

    friend bool operator==(const SpeakSentence&, const SpeakSentence&) = default;
};

struct PlayAudio {
    std::string url;                  // of a WAV or MP3, as written; never empty
    std::int8_t volume{0};            // -4..4
    std::uint8_t repeat_count{1};     // 1..30
    Duration delay_before_repeat{0};  // 0 outside Gather

    friend bool operator==(const PlayAudio&, const PlayAudio&) = default;
};

/// What is heard while digits are gathered: nothing, sentences one after the other, or one file.
using Prompt = std::variant<std::monostate, std::vector<SpeakSentence>, PlayAudio>;

struct Gather {
    RequestUrl request{};
    std::string terminating_digits{"#"};
    std::uint32_t max_digits{128};
    Duration inter_digit_timeout{std::chrono::seconds{5}};
    std::string tag;
    Prompt prompt{};

    friend bool operator==(const Gather&, const Gather&) = default;
};

struct Hangup {
    friend bool operator==(const Hangup&, const Hangup&) = default;
};

struct Pause {
    Duration length{std::chrono::seconds{1}};

    friend bool operator==(const Pause&, const Pause&) = default;
};

/// What both kinds of Record have.
struct RecordSettings {
    RequestUrl request{};
    RecordingFormat format{RecordingFormat::wav};
    bool transcribe{false};  // then the format is wav and there is a URL
    std::string transcribe_callback_url;
    Duration silence_timeout{std::chrono::seconds{3}};
    std::uint32_t silence_threshold{100};

    friend bool operator==(const RecordSettings&, const RecordSettings&) = default;
};

/// Records the one party of the call, as voicemail does.
struct Record {
    RecordSettings settings{};
    Duration max_duration{std::chrono::seconds{60}};
    std::string terminating_digits;  // one of 0-9*#, or none

    friend bool operator==(const Record&, const Record&) = default;
};

/// Records both parties of a transferred call until one of them leaves.
struct TransferRecord {
    RecordSettings settings{};
    bool multi_channel{false};

    friend bool operator==(const TransferRecord&, const TransferRecord&) = default;
};

struct Redirect {
    RequestUrl request{};  // its URL is never empty

    friend bool operator==(const Redirect&, const Redirect&) = default;
};

/// Of older documents: ends a call that was not answered yet.
struct Reject {
    friend bool operator==(const Reject&, const Reject&) = default;
};

struct SendDtmf {
    std::string tones;  // 1 to 92 of 0-9 * # , w W

    friend bool operator==(const SendDtmf&, const SendDtmf&) = default;
};

/// Heard by the callee before the legs are joined, in this order.
using Whisper = std::variant<SpeakSentence, PlayAudio>;

struct Transfer {
    std::vector<std::string> targets;  // 1 to 7, rung together; transferTo first if it is there
    std::string caller_id;             // "": the original caller's number; or "private"
    Duration call_timeout{std::chrono::seconds{60}};
    RequestUrl request{};
    std::string tag;
    TransferDiversion diversion{};
    std::vector<Whisper> whispers;
    std::vector<TransferRecord> records;  // none or one

    friend bool operator==(const Transfer&, const Transfer&) = default;
};

using Verb = std::variant<Gather, Hangup, Pause, PlayAudio, Record, Redirect, Reject, SendDtmf,
                          SpeakSentence, Transfer>;

/// One verb to carry out, and where the document has it.
struct Step {
    Verb verb;
    Place place{};

    friend bool operator==(const Step&, const Step&) = default;
};

/// What the document has and nobody obeys.
struct Notice {
    enum class Kind : std::uint8_t {
        unknown_verb,       // skipped: a user error bxml-unknown-verb
        unknown_attribute,  // ignored
        idle_attribute,     // ignored: it has a meaning, but not there
        stray_text,         // ignored: text where only verbs have a meaning
    };
    Kind kind{Kind::unknown_verb};
    std::string name;  // of the verb or attribute; of the element that has the text
    std::string in;    // the element it stands in
    Place place{};
    std::size_t step{};  // of Document::steps: the one it stands in or before

    friend bool operator==(const Notice&, const Notice&) = default;
};

struct Document {
    std::vector<Step> steps;
    std::vector<Notice> notices;  // in the order of the text

    friend bool operator==(const Document&, const Document&) = default;
};

}  // namespace ringback::bxml
