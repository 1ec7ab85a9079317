#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/bxml.h"
#include "simulator/core/event.h"
#include "simulator/core/shared.h"

namespace ringback {

/// What a call does by its receiver's XML, for the journal (spec v1 6).
struct BxmlNews {
    enum class What : std::uint8_t {
        document,       // was read, with `verbs`; from `url`
        verb,           // `text` begins
        ignored,        // `text`: what nobody obeys, but for verbs
        unknown_verb,   // `text` is skipped: user error bxml-unknown-verb
        invalid,        // `text` is against XML or the limits: user error bxml-invalid-document
        invalid_verb,   // `text` is against a rule of a verb: user error bxml-invalid-verb
        no_document,    // the answer from `url` had none; the call ends later
        not_delivered,  // what asked for a document failed; the call ends
        hangs_up,       // the document ends the call: `text` says by what
    };
    What what{};
    bxml::Place place{};     // in the document; of some kinds only
    std::uint32_t verbs{0};  // `document`
    std::string text;
    std::string url;  // user information included

    friend bool operator==(const BxmlNews&, const BxmlNews&) = default;
};

namespace bxml {

/// As a document writes it: "SpeakSentence".
[[nodiscard]] std::string_view name_of(const Verb& verb);

inline constexpr Duration longest_answer{std::chrono::seconds{30}};  // spec v1 6.4
inline constexpr Duration before_hanging_up{std::chrono::seconds{30}};
// Ours: a receiver cannot lead a call in circles for ever, nor make it grow without bound.
inline constexpr std::uint32_t most_documents_at_once = 20;  // none of which takes any time
inline constexpr std::uint32_t most_documents = 1000;
inline constexpr std::uint32_t most_verbs = 10'000;
inline constexpr std::size_t most_notices_told = 20;  // of one document

/// What a call under control of a document waits for.
enum class Waits : std::uint8_t {
    nothing,
    sound,
    pause,
    tones,
    gather,
    record,
    transfer,
    document,  // the answer to `asked_by`
    the_end,   // all is done; the call ends when `before_hanging_up` is over
    no_more,   // the call is over
};

/// A number that a Transfer rings.
struct RungLeg {
    CallId id{};
    std::string to;

    friend bool operator==(const RungLeg&, const RungLeg&) = default;
};

/// How far a call under control of its receiver's documents has come.
struct Run {
    Shared<Document> document{};
    std::string url;      // where it is from: what relative URLs are put on
    std::size_t next{0};  // of its steps, the one to begin next
    std::size_t notices_told{0};
    Waits waits{Waits::nothing};
    EventType asked_by{};                // `document`
    std::uint16_t timer{0};              // the serial of the one that counts
    std::uint32_t documents{0};          // so far
    std::uint32_t documents_at_once{0};  // since something took time
    std::uint32_t verbs{0};              // begun so far
    std::vector<RungLeg> legs;           // `transfer`: still ringing, or the one that answered
    bool leg_answered{false};
    bool reachable{false};  // some number of those that did not answer is one

    friend bool operator==(const Run&, const Run&) = default;
};

}  // namespace bxml
}  // namespace ringback
