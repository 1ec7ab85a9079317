#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "simulator/core/boxed.h"
#include "simulator/core/event.h"
#include "simulator/core/faults.h"
#include "simulator/core/random.h"
#include "simulator/core/text.h"

namespace ringback {

/// What is wrong with how a delivery is sent for the first time.
struct SentBadly {
    std::optional<fault::BadSend> send{};
    SigningFault signing{SigningFault::none};
    friend bool operator==(const SentBadly&, const SentBadly&) = default;
};

/// A callback that meets faults, on its way to whoever sends it.
struct Parcel {
    DeliveryId id{};  // in the order they were raised
    Callback callback;
    Text payload;
    Text user;
    Boxed<SentBadly> badly{};
    bool extra{false};             // the call model did not raise it
    DeliveryId again{};            // which delivery it is over again; none: no other
    bool beside{false};            // and does not wait for the answer to that
    std::vector<FaultMet> news{};  // for the journal, when it leaves
};

/// What is to become of a parcel before it leaves: first it is late, then it is shuffled, then
/// others go first.
struct Stay {
    /// One that comes after it, by itself: its own strand does not wait for it.
    struct Follower {
        Duration after{};  // since the parcel has left
        Parcel parcel;
    };
    Duration late{};
    std::optional<Duration> shuffled_for{};
    Rng order{0};              // of what is shuffled
    FaultMet shuffle{};        // what the journal is told then, but for the text
    std::uint32_t behind{0};   // so many later ones of its strand go first
    Duration behind_within{};  // and if they do not come
    std::vector<Follower> followers{};
};

/// Callbacks that faults hold back. Pure: told the time, it says which leave now. Whatever is held
/// has a time at which it leaves in any case, so nothing is held for ever.
///
/// What is late holds up what is behind it in its strand, so the order stays; only what is
/// shuffled, or let go behind others, changes places.
class HeldBack {
public:
    /// A strand that holds nothing back lets what is to have no stay through at once.
    void take(Parcel parcel, Stay stay, Instant now);
    void time_is(Instant now);
    /// When time_is() is to be told next; none: nothing is held.
    [[nodiscard]] std::optional<Instant> next() const;
    /// Those that leave, in order; empties the list.
    [[nodiscard]] std::vector<Parcel> take_leaving() { return std::exchange(leaving_, {}); }
    /// All that is held leaves, in the order in which it would have.
    void let_all_go() { time_is(Instant::max()); }
    /// Forgets what is held for calls that `gone` says yes to.
    template <class Gone>
    void forget_if(Gone gone);
    [[nodiscard]] std::size_t held() const { return held_; }
    /// Of them, those that are no followers: the receiver may have to be told of them to go on.
    [[nodiscard]] std::size_t awaited() const { return held_ - followers_.size(); }

private:
    struct Waiting {
        Parcel parcel;
        Stay stay;
        Instant until{};          // late: leaves then; let go behind others: at the latest
        std::uint32_t passed{0};  // so many have gone first
    };
    struct Basket {
        Instant until{};
        Rng order{0};
        FaultMet shuffle;
        std::vector<Waiting> all;
    };
    struct Lane {
        std::deque<Waiting> late;
        std::optional<Basket> basket{};
        std::vector<Waiting> aside;
        [[nodiscard]] bool empty() const { return late.empty() && !basket && aside.empty(); }
    };
    using Lanes = std::map<CallId, Lane>;

    void look_at(CallId strand, Lane& lane, Instant now);
    void is_no_longer_late(Lane& lane, Waiting waiting, Instant now);
    void empty_basket(Lane& lane, Instant now);
    void is_shuffled(Lane& lane, Waiting waiting, Instant now);
    void leaves(Lane& lane, Waiting waiting, Instant now);
    void wake_at(Instant at, CallId strand) { agenda_.emplace(at, strand); }
    void forget_agenda_of_nothing();

    Lanes lanes_;
    std::set<std::pair<Instant, CallId>> agenda_;  // when a lane is to be looked at
    std::multimap<Instant, Parcel> followers_;
    std::vector<Parcel> leaving_;
    std::size_t held_{0};
};

template <class Gone>
void HeldBack::forget_if(Gone gone) {
    const auto is_gone = [&](const Parcel& parcel) { return gone(parcel.callback.event.call); };
    const auto drop = [&](auto& from) {
        held_ -=
            std::erase_if(from, [&](const Waiting& waiting) { return is_gone(waiting.parcel); });
    };
    for (auto& [strand, lane] : lanes_) {
        drop(lane.late);
        drop(lane.aside);
        if (lane.basket) {
            drop(lane.basket->all);
        }
    }
    held_ -= std::erase_if(followers_, [&](const auto& one) { return is_gone(one.second); });
    if (held_ == 0) {
        lanes_.clear();
        agenda_.clear();
    }
}

}  // namespace ringback
