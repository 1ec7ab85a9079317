#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/core/drawn_time.h"
#include "simulator/core/event.h"
#include "simulator/core/signing_fault.h"
#include "simulator/core/time.h"

namespace ringback {

/// How the bytes of one message leave, a callback's request or an API answer, when not all at once
/// and whole. Times are wall time: sockets know no other.
struct WireFault {
    enum class End : std::uint8_t {
        normal,
        close,    // the connection, in order
        reset,    // the connection: RST
        silence,  // nothing more, for `silence`; then closed
    };
    DrawnTime latency{};                   // before the first byte
    std::uint32_t slice{0};                // bytes a write; 0: all at once
    Duration pause{};                      // between two slices
    std::optional<std::uint64_t> limit{};  // so many bytes leave, the head's counted
    bool half_body{false};                 // the limit is the head and half the body
    std::int32_t length_error{0};          // added to the Content-Length
    bool garbage{false};                   // bytes that are no HTTP in place of all
    bool only_kept{false};                 // callbacks: where a kept connection is used again
    End end{End::normal};                  // when all that leaves has left
    Duration silence{};

    friend bool operator==(const WireFault&, const WireFault&) = default;
};

/// What can go wrong with a callback, or with a request to the API; one of them a rule.
namespace fault {

/// The event comes again, with the same ids.
struct Duplicate {
    std::uint32_t copies{1};
    DrawnTime gap{};       // modelled, from one to the next
    bool together{false};  // no copy waits for the answer to what it is a copy of
    friend bool operator==(const Duplicate&, const Duplicate&) = default;
};
/// It never comes.
struct Drop {
    friend bool operator==(const Drop&, const Drop&) = default;
};
/// It comes later, and what is behind it in its strand with it: the order stays.
struct Delay {
    DrawnTime by{};  // modelled
    friend bool operator==(const Delay&, const Delay&) = default;
};
/// The next events of its strand go first; it does not wait for them longer than that.
struct Reorder {
    std::uint32_t behind{1};
    Duration within{std::chrono::seconds{2}};  // modelled
    friend bool operator==(const Reorder&, const Reorder&) = default;
};
/// The events of that long go in any order.
struct Shuffle {
    Duration window{std::chrono::milliseconds{500}};  // modelled
    friend bool operator==(const Shuffle&, const Shuffle&) = default;
};
/// After the hangup of a call comes what the call model would never raise there.
struct Impossible {
    enum class What : std::uint8_t { speak_done, second_hangup, unknown_gather };
    What what{};
    DrawnTime after{};  // modelled
    friend bool operator==(const Impossible&, const Impossible&) = default;
};
/// It says what no documentation says.
struct Odd {
    enum class What : std::uint8_t {
        unknown_type,   // an eventType that nobody knows
        extra_members,  // members that nobody knows
        nulls,          // null in place of a text
        utf8_names,     // names and tag beyond ASCII
        large_tag,      // a tag of 100 kB
        wrong_types,    // numbers for texts, texts for numbers
    };
    What what{};
    friend bool operator==(const Odd&, const Odd&) = default;
};
/// It is sent badly, or slowly. `again`: and then once as it should be, where that was not an
/// answer.
struct BadSend {
    WireFault wire{};
    bool again{true};
    friend bool operator==(const BadSend&, const BadSend&) = default;
};
struct BadSignature {
    SigningFault what{};
    friend bool operator==(const BadSignature&, const BadSignature&) = default;
};

/// The first event that a request causes comes before its answer, together with it, or at once
/// behind it, however long the call model would take.
struct Early {
    enum class When : std::uint8_t { before, during, after };
    When when{};
    friend bool operator==(const Early&, const Early&) = default;
};
/// The answer leaves badly, or slowly.
struct BadAnswer {
    WireFault wire{};
    friend bool operator==(const BadAnswer&, const BadAnswer&) = default;
};
/// The API fails in the provider's words.
struct Fail {
    int status{500};
    std::string category{"unavailable"};
    std::string code{"internal-server-error"};
    std::string message{"An unexpected error occurred"};
    std::optional<std::uint32_t> retry_after_s{};
    bool acted{false};  // and yet does what was asked
    friend bool operator==(const Fail&, const Fail&) = default;
};

/// With that status, in the words that the provider has for it.
[[nodiscard]] Fail failing_with(int status);

}  // namespace fault

/// Which events.
struct EventFilter {
    enum class Phase : std::uint8_t { any, started, done, error };
    std::optional<EventType> type{};  // none: any
    Phase phase{Phase::any};          // of those that have any; `done` is also `complete`

    [[nodiscard]] bool means(const Event& event) const;
    friend bool operator==(const EventFilter&, const EventFilter&) = default;
};

/// Which requests to the API.
struct RequestFilter {
    std::string method;  // "" = any
    std::string path;    // as means_path() has it; "" = any

    /// `path`: without a query.
    [[nodiscard]] bool means(std::string_view method, std::string_view path) const;
    friend bool operator==(const RequestFilter&, const RequestFilter&) = default;
};

/// One thing that goes wrong, and when.
struct FaultRule {
    using CallbackFault =
        std::variant<fault::Duplicate, fault::Drop, fault::Delay, fault::Reorder, fault::Shuffle,
                     fault::Impossible, fault::Odd, fault::BadSend, fault::BadSignature>;
    using AnswerFault = std::variant<fault::Early, fault::BadAnswer, fault::Fail>;
    struct OfCallbacks {
        EventFilter on;
        CallbackFault what;
        friend bool operator==(const OfCallbacks&, const OfCallbacks&) = default;
    };
    struct OfAnswers {
        RequestFilter on;
        AnswerFault what;
        friend bool operator==(const OfAnswers&, const OfAnswers&) = default;
    };

    std::string name;                   // as it is written: "drop", "reset_peer"
    std::string set;                    // the built-in faults that it is one of; "" = none
    std::string written;                // all of it, JSON
    std::uint32_t toxicity{1'000'000};  // so many of a million of those that it is for meet it
    std::uint32_t nth{0};    // only the n-th that it is for, from 1: of a call, or of a user's
                             // requests; 0: any
    std::uint32_t times{0};  // at most so many, of the same; 0: as many as come
    Duration from{};         // modelled, since the plan holds
    std::optional<Duration> until{};
    std::variant<OfCallbacks, OfAnswers> what;

    friend bool operator==(const FaultRule&, const FaultRule&) = default;
};

/// Everything that is to go wrong.
struct FaultPlan {
    std::vector<FaultRule> rules;
    std::optional<Seed> seed{};  // of its draws; none: the network's own

    friend bool operator==(const FaultPlan&, const FaultPlan&) = default;
};

/// What has come of what was to go wrong.
struct FaultTally {
    struct Rule {
        std::uint64_t matched{0};  // events or requests that it was for, whatever the dice said
        std::uint64_t struck{0};   // of them
        friend bool operator==(const Rule&, const Rule&) = default;
    };
    std::vector<Rule> rules;               // of the present plan, in its order
    std::uint64_t lost{0};                 // events that were dropped, by any plan
    std::optional<Duration> first_lost{};  // modelled, since the begin
    friend bool operator==(const FaultTally&, const FaultTally&) = default;
};

/// What faults have made of an answer of the API's.
enum class AnswerFate : std::uint8_t {
    meant,    // nothing: it is the API's own
    spoilt,   // the API's own, but its bytes leave late or badly
    refused,  // the fault's: nothing was done
    acted,    // the fault's, and yet what was asked for was done
};

/// A fault that something met; goes into the journal.
struct FaultMet {
    std::string name;       // the rule's
    std::string text;       // what it came to, for people: "300 ms late"
    std::uint32_t rule{0};  // its place in the plan, from 1
    std::uint64_t draw{0};  // what was drawn for whether it is met, below 1,000,000
    DeliveryId delivery{};  // of a callback; none: of a request
    EventType event{};      // of that callback
    bool extra{false};      // the delivery is one that the call model did not raise
    std::string payload;    // what it says, where that is not what the model says
    bool lost{false};       // the event never comes: nothing will be heard of the delivery
    bool altered{false};    // what comes is not as documented: a receiver may refuse it (4xx)
    friend bool operator==(const FaultMet&, const FaultMet&) = default;
};

/// A rule that was for an event or a request and did nothing to it.
struct DrawMissed {
    enum class Why : std::uint8_t {
        chance,   // its toxicity is not above the draw
        nth,      // it is for another than this
        window,   // it is not its time
        times,    // it has struck as often as it may
        lost,     // it would have, but the event is lost by another
        another,  // it would have, but one before it in the plan has done what only one can
    };
    std::uint32_t rule{0};  // its place in the plan, from 1
    std::uint32_t draw{0};  // below 1,000,000
    Why why{};
    friend bool operator==(const DrawMissed&, const DrawMissed&) = default;
};

/// The names of a plan's rules, in its order; shared by all that is told of it.
using RuleNames = std::shared_ptr<const std::vector<std::string>>;

/// All that did nothing to one event or request; goes into the journal.
struct DrawsMissed {
    RuleNames names;
    std::vector<DrawMissed> all;  // in the order of the plan
    DeliveryId delivery{};        // of a callback; none: of a request
    EventType event{};            // of that callback
    friend bool operator==(const DrawsMissed&, const DrawsMissed&) = default;
};

}  // namespace ringback
