#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "simulator/core/faults.h"
#include "simulator/core/history.h"
#include "simulator/core/path_pattern.h"
#include "simulator/core/time.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// One journal entry as a script sees it. Copies share what they know; its JSON is made where
/// somebody asks for it, because most steps look at nothing but what came. On one loop.
class Happening {
public:
    enum class Kind : std::uint8_t {
        request,  // the receiver asked the API for something, and was answered
        event,    // an event came to be owed to the receiver
        answer,   // one try to deliver it has ended; a sending that was lost and made again is none
        lost,     // it will never be sent: a fault
        extra,    // a fault adds a delivery that no event of the call model is behind
        other,
    };

    Happening() = default;
    /// As harness/record/README.md describes an entry. `own`: a request of ringback's, not the
    /// receiver's; may also stand in the entry.
    Happening(nlohmann::json entry, Instant modelled, WallInstant recorded);
    /// As it was recorded; `ids` outlives all copies.
    Happening(const Entry& entry, const IdCodec& ids, bool is_own = false);

    Kind kind{Kind::other};
    bool own{false};
    std::uint64_t seq{0};
    Instant at{};               // modelled
    WallInstant wall{};         // when it was recorded; of an answer: when it came
    std::string event;          // "speak.started"; of events; of the others its first word
    std::uint64_t delivery{0};  // of events, answers and faults
    bool altered{false};        // a fault of that delivery: the receiver may refuse it (4xx)
    bool spoilt{false};         // an answer to a try that was sent badly on purpose, and is made
                                // again: it says nothing

    /// As harness/record/README.md describes it, with `own` where it is.
    [[nodiscard]] const nlohmann::json& entry() const;
    /// Requests: {"body", "query"} and, where they were given, "headers"; events: the payload.
    [[nodiscard]] const nlohmann::json& message() const;
    /// A request's own, by names in small letters.
    void give_headers(nlohmann::json headers);

    [[nodiscard]] std::string method() const;
    [[nodiscard]] std::string path() const;           // without query
    [[nodiscard]] std::string location() const;       // of what a request has made; "" = nothing
    [[nodiscard]] std::string call() const;           // text id; "" = not about one call
    [[nodiscard]] int status() const;                 // of a request or an answer; 0 = none
    [[nodiscard]] AnswerFate fate() const;            // of the answer to a request
    [[nodiscard]] bool is_answered_by_fault() const;  // in place of the API
    [[nodiscard]] std::string fault() const;  // by which fault it is other than meant; "" = none
    [[nodiscard]] bool is_fault_of_event() const;  // one that an event has met
    [[nodiscard]] std::string outcome() const;     // of an answer: "owed", "delivered", ...
    /// Of an answer: when all of the try had left; where the entry was given as JSON, when it came.
    /// WallInstant::min(): it never left.
    [[nodiscard]] WallInstant sent() const;
    /// Of an answer: the try as it was made; null where the entry was given as JSON.
    [[nodiscard]] const AttemptMade* attempt() const;
    /// Of a request: itself and its answer; null likewise.
    [[nodiscard]] const ApiExchange* exchange() const;

private:
    struct Told;

    void read_fault(const FaultMet& met);

    std::shared_ptr<Told> told_;
};

/// "speak.started" of an event's name and payload; the name alone where it has no phases.
[[nodiscard]] std::string event_name(std::string_view event, const nlohmann::json& payload);

/// Does the name of a send ("speak", "speak.started") mean that event?
[[nodiscard]] bool means_event(std::string_view wanted, std::string_view event);

}  // namespace ringback
