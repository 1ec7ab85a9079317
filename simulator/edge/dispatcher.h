#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "simulator/core/held_back.h"
#include "simulator/core/history.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/transport.h"

namespace ringback {

/// An event on its way to a receiver.
struct Owed {
    Delivery delivery;
    DeliveryId message{};  // the delivery, or the one that it is over again
    EventType type{};
    CallId call{};
    CallId strand{};
    RouteRef route{};
    Text payload;
    Text user;
    Text redirected_to;               // where the present try goes instead of the route's URL
    bool redirect_drops_body{false};  // 301, 302, 303: the next try is a bare GET
    WallInstant due{};                // when it could first have been sent
    bool outcome_decides{false};      // an incoming call waits for how it ends, for its fallback
                                      // number: whatever the patience
    bool follows_redirect{false};     // the try just made led elsewhere; it did not fail
    bool asks_document{false};        // the call may go on by what the answer brings
    bool extra{false};                // the call model knows nothing of it
    bool again_as_it_should{false};   // the try just made was sent badly on purpose: it counts for
                                      // nothing, and is made again
    Boxed<SentBadly> badly;           // its first try; empty: as it should be
};

/// Told what becomes of what is owed; on the loop.
class DispatchHost {
public:
    DispatchHost() = default;
    DispatchHost(const DispatchHost&) = delete;
    DispatchHost& operator=(const DispatchHost&) = delete;
    virtual ~DispatchHost() = default;

    /// One try has ended and is counted in `owed`; or, of `result.sent_again`, one sending of it.
    virtual void attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) = 0;
    /// The event was answered or waited out replyPatience (not failed), or has failed for good; a
    /// failure may follow a patience that was over.
    virtual void told(const Owed& owed, bool failed) = 0;
    /// The first try of it is on the wire, whole. Told only to who asked for it by
    /// tell_of_sending().
    virtual void on_the_wire(const Owed& /*owed*/) {}
    /// Something left or ended: what the virtual clock waits for may have changed.
    virtual void activity_changed(WallInstant now) = 0;
};

/// The bounded outbox: one strand of deliveries per call, tries made through a Transport, policy
/// asked of the pure Delivery. Everything on the loop; knows HTTP only as outcomes.
class Dispatcher : public AttemptListener {
public:
    Dispatcher(boost::asio::io_context& loop, Transport& transport,
               const DeliverySettings& settings, Seed seed, DispatchHost& host);

    /// An event is owed from now on. Its id counts up over the process.
    DeliveryId owe(const Callback& callback, Text payload, Text user);
    /// The same in two steps: the id that an event will have, and, later or never, the event.
    [[nodiscard]] DeliveryId next_id() { return DeliveryId{++last_delivery_}; }
    void owe(Parcel parcel);
    /// That of the event owed last; none before the first.
    [[nodiscard]] DeliveryId last_owed() const { return DeliveryId{last_delivery_}; }
    void tell_of_sending(bool wanted) { tells_of_sending_ = wanted; }

    /// While a strand is held nothing of it is sent: an API answer has to be on the wire first.
    void hold(CallId strand);
    void release(CallId strand);
    /// The same for all strands, those to come included; what is under way goes on.
    void pause();
    void resume();

    /// Forgets what is owed and not yet under way for calls that `gone` says yes to.
    template <class Gone>
    void forget_if(Gone gone);

    [[nodiscard]] std::size_t pending() const { return items_.size() - free_.size(); }
    /// What they say, in bytes.
    [[nodiscard]] std::size_t pending_bytes() const { return pending_bytes_; }
    /// Under way and younger than replyPatience, or ready to be sent.
    [[nodiscard]] bool busy() const { return holding_up_ > 0; }
    /// Deliveries that have begun and are not over.
    [[nodiscard]] std::size_t under_way() const;

    void attempt_sent(AttemptId id, WallInstant at) override;
    void attempt_unheard(AttemptId id, AttemptResult&& result) override;
    void attempt_ended(AttemptId id, AttemptResult&& result) override;

private:
    using Slot = std::uint32_t;  // of an item; also its ticket and the id of its tries
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;
    /// A strand with something of it owed, or held.
    struct Line {
        CallId id{};
        Strand strand;
        std::size_t items{0};
    };
    using Lines = std::unordered_map<CallId, Line>;
    struct Item {
        Owed owed;
        Line* line{nullptr};
        WallInstant began{};        // its first try; that which is made again does not count
        WallInstant sent{};         // the same; min(): nothing is on the wire yet
        bool started{false};        // has left the queue of its strand
        bool clock_let_go{false};   // the modelled clock no longer waits for it
        bool strand_let_go{false};  // nor do the events behind it
    };
    struct Patience {
        WallInstant until;
        WallInstant since;
        DeliveryId delivery;
        Slot slot;
        bool sent;  // counted from the sending: the strand is let go too
        /// The delivery is over, or nobody waits for it, or another try of it counts.
        [[nodiscard]] bool is_stale(const Item& item) const {
            return item.owed.delivery.id != delivery || item.strand_let_go ||
                   since != (sent ? item.sent : item.began);
        }
    };

    [[nodiscard]] Line& line_of(CallId strand);
    [[nodiscard]] Line& new_line(CallId strand);
    [[nodiscard]] DeliveryId first_waiting(const Line& line) const;
    void pump(Line& line);
    void fill(Item& item, const Callback& callback, DeliveryId id, Text&& payload, Text&& user);
    void line_up(Slot slot, Item& item, bool beside = false);
    void start(Slot slot, Item& item);
    void try_now(Slot slot, Item& item, WallInstant now);
    void try_after(Slot slot, Duration wait);
    void settle(Slot slot);
    void take_off(Slot slot);
    void begin_to_wait(Slot slot, Item& item, WallInstant now);
    void let_clock_go(Item& item);
    void let_strand_go(Slot slot, Item& item);
    void await_patience(WallInstant since, Slot slot, const Item& item, bool sent);
    void arm_patience();
    void on_patience();
    [[nodiscard]] Slot take_slot();

    boost::asio::io_context& loop_;
    Transport& transport_;
    const DeliverySettings& settings_;
    Rng jitter_;
    DispatchHost& host_;
    std::vector<std::unique_ptr<Item>> items_;  // stable while told() starts others
    std::vector<Slot> free_;
    Lines lines_;
    std::vector<Lines::node_type> spare_lines_;  // used again with their storage
    std::deque<Patience> patience_;              // in order of time
    Timer patience_timer_;
    bool patience_armed_{false};
    bool tells_of_sending_{false};
    bool paused_{false};
    std::unordered_map<Slot, std::unique_ptr<Timer>> retries_;
    std::uint64_t last_delivery_{0};
    std::size_t holding_up_{0};
    std::size_t pending_bytes_{0};
};

template <class Gone>
void Dispatcher::forget_if(Gone gone) {
    for (const auto& item : items_) {
        Owed& owed = item->owed;
        if (!item->started && owed.delivery.id != DeliveryId::none && gone(owed.call)) {
            owed.delivery.state = DeliveryState::failed;  // settled when its turn comes
        }
    }
}

}  // namespace ringback
