#pragma once

#include <string>
#include <vector>

#include "harness/script/faults_played.h"
#include "harness/script/verdict.h"

namespace ringback {

/// What faults came to, in words: a line each for those that a person has written, one for all of a
/// built-in set.
struct FaultWords {
    std::vector<std::string> struck;  // "fault 1 {\"drop\":true,\"on\":\"dtmf\"} struck 2 of 6"
    std::vector<std::string> idle;    // of what nothing was for: "fault 2 {...} met nothing: ..."
};
[[nodiscard]] FaultWords fault_words(const std::vector<FaultPlayed>& faults);

/// The same of all runs: what stands on the command line counts over all of them, what stands in a
/// scenario over its own.
[[nodiscard]] FaultWords fault_words(const std::vector<RunRecord>& runs);

}  // namespace ringback
