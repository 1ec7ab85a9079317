#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/block_pool.h"
#include "simulator/core/delivery.h"
#include "simulator/core/effects.h"
#include "simulator/core/event.h"
#include "simulator/core/input.h"
#include "simulator/core/text.h"

namespace ringback {

/// Bytes of a body that are kept. Source: reliability.md 3.
inline constexpr std::size_t kept_of_a_body = 4096;

/// One request to the API (or the admin plane) and its answer; recorded before the answer is sent.
struct ApiExchange {
    ApiExchange() = default;
    // NOLINTBEGIN(modernize-pass-by-value): copied to where they are kept, without a stop
    ApiExchange(const std::string& with_method, const std::string& to_target,
                std::string_view request, int answer_status, std::string&& created_at,
                std::string_view response, const std::string& from, Duration took,
                AnswerFate fate_of_answer = AnswerFate::meant, std::string&& met = {})
        : method{with_method},
          target{to_target},
          request_body{request},
          status{answer_status},
          location{std::move(created_at)},
          response_body{response},
          remote{from},
          handled_in{took},
          fate{fate_of_answer},
          fault{std::move(met)} {}
    // NOLINTEND(modernize-pass-by-value)

    std::string method;
    std::string target;        // path and query as received
    std::string request_body;  // at most kept_of_a_body
    int status{};
    std::string location;       // of what was created
    std::string response_body;  // likewise
    std::string remote;         // "127.0.0.1:51234"
    Duration handled_in{};      // wall time from the whole request to the answer
    AnswerFate fate{};
    std::string fault;  // the rule that decided it; "" = it is as it was meant
};

/// An event came to be owed to a receiver.
struct EventRaised {
    DeliveryId delivery{};
    EventType type{};
    RouteRef route{};
    Text payload;  // the JSON body (POST) or the query text (GET); the delivery shares it
};

/// One HTTP try and how it ended.
struct AttemptMade {
    AttemptMade() = default;
    AttemptMade(const Delivery& of, EventType event, std::uint32_t number, bool to_fallback,
                RouteRef along, Text elsewhere, AttemptResult&& ended)
        : delivery{of.id},
          type{event},
          unheard{of.unheard},
          attempt{number},
          fallback{to_fallback},
          route{std::move(along)},
          redirected_to{std::move(elsewhere)},
          result{std::move(ended)},
          after{of.state} {}

    DeliveryId delivery{};
    EventType type{};
    std::uint8_t unheard{};   // of the attempts so far: lost with a kept connection, and sent again
    std::uint32_t attempt{};  // from 1 over all tries of this delivery; 0: sent badly by a fault,
                              // and made again
    bool fallback{false};
    RouteRef route{};
    Text redirected_to;  // set when this try followed a redirect
    AttemptResult result;
    DeliveryState after{};  // what the delivery became with it

    /// The first one that its policy counts.
    [[nodiscard]] bool is_first_try() const { return attempt == unheard + 1U; }
};

struct StateChanged {
    CallState before{};
    CallState after{};
    Cause cause{};
};

/// A message's state, or that of its receipt, is another than before.
using MessageChanged = MessageBecame;
/// A bridge's state, its audio or who is in it is another than before.
using BridgeChanged = BridgeBecame;

/// What became of a conference or one of its members.
using ConferenceChanged = ConferenceBecame;

/// A record of GET /errors (spec v1 5.6).
struct UserError {
    std::uint64_t number{};  // from 1 per user
    Instant at{};
    std::string category;
    std::string code;
    std::string message;
    std::vector<std::pair<std::string, std::string>> details;
};

/// The modelled clock was paused, resumed or moved by hand.
struct ClockMoved {
    std::string how;  // "paused", "resumed", "advanced"
    Instant before{};
};

/// One line of the journal: both directions and what happened on the phone, in one global order.
struct Entry {
    std::uint64_t seq{};  // from 1, set by whoever keeps it
    Instant at{};         // modelled
    WallInstant wall{};
    Text user;      // null: not about one user
    CallId call{};  // or message, bridge, conference; none: not about one
    std::variant<ApiExchange, EventRaised, AttemptMade, StateChanged, OnThePhone, UserError,
                 ClockMoved, MessageChanged, OtherNews>
        what;
};

/// Where history goes. The simulator only tells; what is kept is the harness's affair.
class History {
public:
    History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    virtual ~History() = default;

    /// Tells of one of Entry's kinds, made from `parts` where it is kept: entries are large, and
    /// moving one costs more than all the rest of recording it.
    template <class What, class... Parts>
    void record_new(CallId call, Instant at, WallInstant wall, Text user, Parts&&... parts) {
        Entry& entry = open();
        entry.at = at;
        entry.wall = wall;
        entry.user = std::move(user);
        entry.call = call;
        put_news<What>(entry.what, std::forward<Parts>(parts)...);
        close(entry);
    }
    template <class What>
    void record(CallId call, Instant at, WallInstant wall, Text user, What&& what) {
        record_new<std::decay_t<What>>(call, at, wall, std::move(user), std::forward<What>(what));
    }
    void record(Entry told) {
        Entry& entry = open();
        const std::uint64_t seq = entry.seq;
        entry = std::move(told);
        entry.seq = seq;
        close(entry);
    }
    /// False while what is recorded cannot be kept as promised: no call is accepted then.
    [[nodiscard]] virtual bool healthy() const { return true; }
    /// Where the texts are made that entries share: as long-lived as the entries, and fast, because
    /// in the steady state one goes for each that comes.
    [[nodiscard]] Text::Memory& texts() { return texts_; }

protected:
    /// The place of the next entry, with its number; stays where it is until it is closed.
    virtual Entry& open() = 0;
    /// It is filled in.
    virtual void close(Entry& entry) = 0;

private:
    BlockPool texts_;
};

}  // namespace ringback
