#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/core/faults.h"
#include "simulator/core/random.h"

namespace ringback {

/// Says which faults of a plan an event or a request meets. What a call meets depends on the seed,
/// its user, its number and what it was itself told before, never on what other calls do.
class FaultDice {
public:
    /// A rule that is met, what was drawn for that, and where its own draws come from.
    struct Met {
        const FaultRule* rule{nullptr};
        std::uint32_t number{0};  // of the rule in its plan, from 1
        std::uint64_t draw{0};
        Rng rng{0};
    };

    /// What the rules that are for an event or a request come to: each is in one of the two.
    struct Roll {
        std::vector<Met> met;
        std::vector<DrawMissed> missed;
    };

    /// `seed`: where the plan has none of its own. Of events that are not signed no signature can
    /// be bad: a rule for that is for none of them.
    FaultDice(FaultPlan plan, Seed seed, bool events_are_signed = true);
    FaultDice(const FaultDice&) = delete;
    FaultDice& operator=(const FaultDice&) = delete;
    ~FaultDice() = default;

    [[nodiscard]] const FaultPlan& plan() const { return plan_; }
    [[nodiscard]] const RuleNames& names() const { return names_; }
    /// What has come of each rule so far.
    [[nodiscard]] const std::vector<FaultTally::Rule>& totals() const { return totals_; }

    /// The next event of a call, message or conference, in the order of the plan. `since`: the plan
    /// holds.
    [[nodiscard]] Roll on_event(const Event& event, std::uint64_t user_hash, Duration since);
    /// The next request of a user.
    [[nodiscard]] Roll on_request(std::string_view method, std::string_view path,
                                  std::uint64_t user_hash, Duration since);

private:
    /// What one call, or one user's requests, have come to.
    struct Tally {
        std::uint64_t told{0};             // events or requests, each a place in the streams
        std::vector<std::uint32_t> meant;  // by rule: how many it was for
        std::vector<std::uint32_t> met;    // by rule
    };
    template <class Means>
    Roll roll(Tally& tally, std::uint64_t stream, Duration since, Means means);
    [[nodiscard]] Tally& tally_of(std::uint64_t key);

    FaultPlan plan_;
    RuleNames names_;
    std::vector<FaultTally::Rule> totals_;
    std::uint64_t seed_;
    bool events_are_signed_;
    std::unordered_map<std::uint64_t, Tally> tallies_;
    std::deque<std::uint64_t> keys_;  // the oldest is forgotten where there are too many
};

}  // namespace ringback
