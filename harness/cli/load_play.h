#pragma once

#include <variant>
#include <vector>

#include "harness/cli/load_options.h"
#include "harness/cli/load_receiver.h"
#include "harness/load/load_run.h"

namespace ringback {

/// One run of a plan against a receiver, which is started if it is not there yet; progress and the
/// rules of --abort-on are looked after. What kept it from being played is told, and is the
/// command's end. Thresholds are not evaluated yet.
[[nodiscard]] std::variant<LoadResult, Exit> play_plan(const LoadOptions& options,
                                                       LoadRunSettings settings,
                                                       LoadReceiver& receiver);

/// --find-max: plays the plan's stage at one rate after another. The result is that of the last
/// probe at the rate that was found, with the search in it.
[[nodiscard]] std::variant<LoadResult, Exit> find_max(const LoadOptions& options,
                                                      const LoadRunSettings& settings,
                                                      const std::vector<Threshold>& claims,
                                                      LoadReceiver& receiver);

}  // namespace ringback
