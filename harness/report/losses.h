#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/script/verdict.h"
#include "simulator/core/faults.h"

namespace ringback {

/// Events of a run that faults have dropped: the receiver never heard of them.
struct Losses {
    std::size_t events{0};
    Duration first{};  // modelled time of the first, since the run began; only where there is one
};

[[nodiscard]] Losses losses_of(const std::vector<nlohmann::json>& entries);
/// Of a fake that goes on for longer than its journal goes back.
[[nodiscard]] Losses losses_of(const FaultTally& tally);

/// "2 events lost for good, first at 4.100 s"; "" = none was.
[[nodiscard]] std::string losses_text(const Losses& losses);

/// Of all runs: "2 events lost for good, in 1 of 3 runs"; "" = none was.
[[nodiscard]] std::string losses_text(const std::vector<RunRecord>& runs);

}  // namespace ringback
