#include "harness/script/faults_played.h"

namespace ringback {

std::vector<FaultPlayed> faults_played(const FaultPlan* plan, const FaultTally& tally,
                                       std::size_t own) {
    std::vector<FaultPlayed> all;
    if (plan == nullptr) {
        return all;
    }
    for (std::size_t at = 0; at < plan->rules.size(); ++at) {
        const FaultRule& rule = plan->rules[at];
        FaultPlayed& played = all.emplace_back();
        played.rule = static_cast<std::uint32_t>(at + 1);
        played.name = rule.name;
        played.written = rule.written;
        played.set = rule.set;
        played.own = at < own;
        played.tally = at < tally.rules.size() ? tally.rules[at] : FaultTally::Rule{};
    }
    return all;
}

}  // namespace ringback
