#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/core/ids.h"
#include "simulator/core/random.h"
#include "simulator/core/text.h"
#include "simulator/core/time.h"

namespace ringback {

/// How one HTTP try ended.
enum class AttemptEnd : std::uint8_t {
    answered,   // a complete response head came in time; `status` says what
    timed_out,  // callbackTimeout passed first
    could_not_connect,
    broken,  // connection lost before the response head was complete
    tls_failed,
    malformed,       // what came back is not HTTP, or over the limits
    target_refused,  // the address is not one ringback may call
    abandoned,       // ringback itself stopped
};

/// One try as the transport saw it. Wall time; an instant that was not reached is
/// WallInstant::min().
struct AttemptFigures {
    AttemptEnd end{AttemptEnd::abandoned};
    bool reused_connection{false};
    bool sent_again{false};  // lost with the kept connection, unheard: the same request went out
                             // over a fresh one at once, and only that sending counts
    int status{0};
    std::uint32_t retry_after_s{0};       // seconds that the response asked to wait; 0: none
    std::uint64_t body_bytes{0};          // how many came (reading stops at 64 kB)
    WallInstant due{WallInstant::min()};  // when it could first have been sent
    WallInstant connected{WallInstant::min()};
    WallInstant sent{WallInstant::min()};
    WallInstant first_byte{WallInstant::min()};
    WallInstant last_byte{WallInstant::min()};
    WallInstant ended{WallInstant::min()};
};
struct AttemptResult : AttemptFigures {
    Text reason;    // the response's, at most 256 bytes
    Text location;  // the response's Location, when it was a redirect
    Text body;      // at most 4 kB are kept
    Text error;     // why it did not get an answer, for people
    Text headers;   // name and value by turns, a line each; only where they are wanted, 8 kB
};

/// Spec v1 5.2, 5.3.
[[nodiscard]] inline bool is_success(const AttemptResult& result) {
    return result.end == AttemptEnd::answered && result.status >= 200 && result.status < 300;
}

enum class DeliveryState : std::uint8_t { owed, delivered, delivered_by_fallback, failed };

/// Spec v1 5.4-5.8 and reliability promises 9, 10.
struct DeliveryPolicy {
    std::uint32_t retries{0};  // further tries of callbackUrl before the fallback
    bool fallback{true};
    bool follow_redirects{false};
};

/// How far one owed event has come.
struct Delivery {
    DeliveryId id{};
    std::uint32_t attempts{0};          // made so far, over both URLs, and `unheard` among them
    std::uint32_t primary_attempts{0};  // of them to callbackUrl
    std::uint32_t hops{0};              // redirects followed in the present try
    std::uint8_t unheard{0};            // of `attempts`: lost sendings that were made again at once
    bool on_fallback{false};
    DeliveryState state{DeliveryState::owed};
};

/// What to do after a try.
struct NextTry {
    enum class What : std::uint8_t { nothing, again, redirect, fall_back };
    What what{What::nothing};
    Duration wait{};  // wall time before the next try
};

/// Takes note of a sending that was lost with its kept connection: it has a number, and the policy
/// knows nothing of it.
inline void after_unheard(Delivery& delivery) {
    ++delivery.attempts;
    ++delivery.unheard;
}

/// Takes note of how a try ended and says what follows; `has_fallback`: the route has a
/// fallbackUrl.
NextTry after_attempt(Delivery& delivery, const AttemptResult& result, const DeliveryPolicy& policy,
                      bool has_fallback, Rng& jitter);

enum class Ordering : std::uint8_t { patient, strict, concurrent };

/// What the keeper of a strand knows one of its deliveries by.
enum class Ticket : std::uint32_t { none = UINT32_MAX };

/// The order of one strand's deliveries. Pure: it is told what happened and says what may be sent.
///
/// patient     the next one goes when the one before has settled or replyPatience is over (spec v1
///             5.9)
/// strict      only when it has settled
/// concurrent  at once
class Strand {
public:
    /// One more: true if it may start at once, else it waits for next(). `beside`: it waits until
    /// the one before has started, not for its end, and nobody waits for it.
    [[nodiscard]] bool start(Ticket ticket, Ordering ordering, bool beside = false) {
        const bool alone = !beside && ordering != Ordering::concurrent;
        if (held() || waiting() > 0 || (alone && blocked())) {
            waiting_.push_back({ticket, beside});
            return false;
        }
        if (alone) {
            blocker_ = ticket;
        }
        return true;
    }
    /// While held nothing is released: the API answer that causes it is not on the wire yet.
    void hold() { ++holds_; }
    void release() { --holds_; }
    [[nodiscard]] bool held() const { return holds_ > 0; }

    /// The next one that may start now, taken off the queue.
    [[nodiscard]] std::optional<Ticket> next(Ordering ordering) {
        if (held() || waiting() == 0) {
            return std::nullopt;
        }
        const Waiting next = waiting_[first_];
        const bool alone = !next.beside && ordering != Ordering::concurrent;
        if (alone && blocked()) {
            return std::nullopt;
        }
        if (++first_ == waiting_.size()) {
            waiting_.clear();
            first_ = 0;
        }
        if (alone) {
            blocker_ = next.ticket;
        }
        return next.ticket;
    }
    /// A started delivery is over, or its patience is; idempotent.
    void unblock(Ticket ticket) {
        if (blocker_ == ticket) {
            blocker_ = Ticket::none;
        }
    }

    [[nodiscard]] bool blocked() const { return blocker_ != Ticket::none; }
    [[nodiscard]] bool idle() const { return waiting() == 0 && holds_ == 0 && !blocked(); }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size() - first_; }

private:
    struct Waiting {
        Ticket ticket{Ticket::none};
        bool beside{false};
    };
    std::vector<Waiting> waiting_;  // from first_ on; a deque would cost every strand 600 bytes
    std::size_t first_{0};
    Ticket blocker_{Ticket::none};
    std::uint32_t holds_{0};
};

}  // namespace ringback
