#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/core/delivery.h"
#include "simulator/core/event.h"
#include "simulator/core/input.h"

namespace ringback {

/// Rendered once, then shared by the delivery and the journal.
using Text = std::shared_ptr<const std::string>;

/// One request to the API (or the admin plane) and its answer; recorded before the answer is sent.
struct ApiExchange {
    std::string method;
    std::string target;        // path and query as received
    std::string request_body;  // at most 4 kB
    int status{};
    std::string location;       // of what was created
    std::string response_body;  // at most 4 kB
    std::string remote;         // "127.0.0.1:51234"
    Duration handled_in{};      // wall time from the whole request to the answer
};

/// An event came to be owed to a receiver.
struct EventRaised {
    DeliveryId delivery{};
    EventType type{};
    RouteRef route{};
    Text payload;  // the JSON body (POST) or the query text (GET)
};

/// One HTTP try and how it ended.
struct AttemptMade {
    DeliveryId delivery{};
    EventType type{};
    std::uint32_t attempt{};  // from 1 over all tries of this delivery
    bool fallback{false};
    RouteRef route{};
    std::string redirected_to;  // set when this try followed a redirect
    AttemptResult result;
    DeliveryState after{};  // what the delivery became with it
};

struct StateChanged {
    CallState before{};
    CallState after{};
    Cause cause{};
};

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
    CallId call{};  // none: not about one call
    std::variant<ApiExchange, EventRaised, AttemptMade, StateChanged, OnThePhone, UserError,
                 ClockMoved>
        what;
};

/// Where history goes. The simulator only tells; what is kept is the harness's affair.
class History {
public:
    History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    virtual ~History() = default;

    /// Tells of `what`, one of Entry's kinds. It is made where it is kept: entries are large, and
    /// moving one costs more than all the rest of recording it.
    template <class What>
    void record(CallId call, Instant at, WallInstant wall, Text user, What&& what) {
        Entry& entry = open();
        entry.at = at;
        entry.wall = wall;
        entry.user = std::move(user);
        entry.call = call;
        entry.what.template emplace<std::decay_t<What>>(std::forward<What>(what));
        close(entry);
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

protected:
    /// The place of the next entry, with its number; stays where it is until it is closed.
    virtual Entry& open() = 0;
    /// It is filled in.
    virtual void close(Entry& entry) = 0;
};

}  // namespace ringback
