#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/core/faults.h"

namespace ringback {

/// A fault that was to happen, and how often it did.
struct FaultPlayed {
    std::uint32_t rule{0};  // its place in the plan, from 1, as in the journal
    std::string name;       // "drop"
    std::string written;    // all of it, JSON
    std::string set;        // the built-in faults that it is one of; "" = none
    bool own{false};        // the scenario's, not the command line's
    FaultTally::Rule tally;
    friend bool operator==(const FaultPlayed&, const FaultPlayed&) = default;
};

/// `plan`: null is none; `own`: so many rules, the first, are the scenario's.
[[nodiscard]] std::vector<FaultPlayed> faults_played(const FaultPlan* plan, const FaultTally& tally,
                                                     std::size_t own);

}  // namespace ringback
