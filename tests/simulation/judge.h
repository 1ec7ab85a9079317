#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/record/journal.h"
#include "simulator/core/history.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/simulator.h"

namespace ringback::test {

/// A promise that a run has broken; says which.
struct BrokenPromise : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Watches one run from three sides (what is raised, what the network sees, what the journal says)
/// and throws BrokenPromise at the first thing that should not be.
///
///   1   every owed event ends delivered, delivered by fallback, failed, or forgotten by a reset
///   2   never sent again once it was over; one try at a time; tries numbered from 1
///   3   in the order of its strand, but for what replyPatience lets go
///   9   at most as many tries as the policy has, each when the policy has it
///  10   the fallback only after the last try of callbackUrl, and then once
///  11   each try the network made stands in the journal, once, as it ended; so does a sending that
///       was lost with a kept connection and made again, which no policy counts
///
/// and of calls: hung up at most once, afterwards only recordings are told of; times and states
/// never go back; no event leaves before the answer that causes it.
///
/// Every event carries its number on the wire: it edits them for that.
class Judge : public JournalListener, public EventEditor {
public:
    explicit Judge(const SimulatorSettings& settings) : settings_{settings} {}

    // The network's side
    /// The number that the payload carries; 0: none.
    [[nodiscard]] static std::uint64_t number_in(std::string_view payload);
    void try_begins(std::uint64_t number, std::string_view url, WallInstant now);
    void try_is_sent(std::uint64_t number, WallInstant now);
    /// Around the simulator's learning how it ended.
    void try_ends(std::uint64_t number, const AttemptResult& result);
    /// Likewise: lost, and made again.
    void sending_is_lost(std::uint64_t number, const AttemptResult& result);
    void try_was_noted(std::uint64_t number);

    // The client's side
    void answer_begins() { answering_ = true; }
    /// The events that may not leave before the answer has: for answer_is_sent().
    [[nodiscard]] std::vector<std::uint64_t> answer_is_given();
    void answer_is_sent(const std::vector<std::uint64_t>& held);
    /// What the request had brought into being was taken back, as `is_gone` says: nobody may hear
    /// of it.
    void was_taken_back(const std::vector<std::uint64_t>& held,
                        const std::function<bool(CallId)>& is_gone);
    /// Of whom `whose` says yes to, by a reset.
    void forgotten(const std::function<bool(CallId)>& whose);

    /// No event may be owed any more.
    void all_is_over() const;
    /// What a call, when everything is over, has told.
    void check_call(const Call& call) const;

    struct Happened {
        CallId call{};
        EventType type{};
        bool asks_document{false};
    };
    [[nodiscard]] const Happened* event(std::uint64_t number) const;

    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] std::uint64_t tries() const { return tries_; }
    [[nodiscard]] std::uint64_t lost_sendings() const { return lost_sendings_; }
    /// Of one event, the sendings that were lost not counted.
    [[nodiscard]] std::uint64_t most_tried() const { return most_tried_; }
    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    [[nodiscard]] std::uint64_t count(DeliveryState end) const {
        return ends_[static_cast<std::size_t>(end)];
    }
    /// Of every line of the journal, wall times and all.
    [[nodiscard]] std::uint64_t digest() const { return digest_; }
    /// The last lines of the journal, for whoever has to find out.
    [[nodiscard]] std::string last_lines() const;

    // EventEditor
    void edit(const Callback& callback, std::string& payload) override;

    // JournalListener
    void recorded(const RecordedEntry& recorded) override;

private:
    struct Owed {
        Happened what;
        CallId strand{};
        bool raised{false};  // the journal has it
        bool has_fallback{false};
        bool under_way{false};
        bool on_fallback{false};
        bool redirected{false};  // the present try leads where a receiver said
        bool held{false};        // by an answer that is not sent yet
        std::uint32_t tries{0};
        std::uint32_t primary{0};  // of them to callbackUrl
        std::uint32_t lost{0};     // sendings besides
        std::uint32_t hops{0};     // redirects followed in the present try
        WallInstant sent{WallInstant::min()};
        WallInstant due{WallInstant::min()};     // of the next try, at the earliest
        WallInstant due_by{WallInstant::max()};  // at the latest
        DeliveryState state{DeliveryState::owed};
        std::string fallback;
    };
    struct OfCall {
        bool hung_up{false};
        bool timed_out{false};
        bool has_state{false};
        CallState state{};
        Instant last{Instant::min()};
    };

    void take(const EventRaised& raised, CallId call);
    void take(const AttemptMade& made);
    void take(const StateChanged& changed, CallId call);
    void check_order(const Owed& owed, std::uint64_t number, WallInstant now);
    void plan_next(Owed& owed, const AttemptResult& result);
    void check_end(const Owed& owed, const AttemptResult& result) const;
    void is_over(std::uint64_t number);
    Owed& open_one(std::uint64_t number, std::string_view what);

    const SimulatorSettings& settings_;
    std::uint64_t entries_{0};
    std::uint64_t digest_{0};
    std::deque<std::string> lines_;
    std::uint64_t events_{0};
    std::uint64_t tries_{0};
    std::uint64_t lost_sendings_{0};
    std::uint64_t most_tried_{0};
    std::uint64_t ends_[4]{};
    std::unordered_map<std::uint64_t, Owed> owed_;
    std::unordered_map<CallId, std::deque<std::uint64_t>> strands_;  // what is owed, in order
    std::unordered_map<CallId, OfCall> calls_;
    std::vector<std::uint64_t> held_;
    bool answering_{false};
    bool exchange_noted_{false};
    std::uint64_t expected_number_{0};  // whose end is being told
    AttemptFigures expected_;
    bool noted_{false};
};

}  // namespace ringback::test
