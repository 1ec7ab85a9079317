#pragma once

#include <optional>
#include <vector>

#include "harness/cli/run_options.h"
#include "harness/scenario/scenario.h"

namespace ringback {

/// The scenarios that a load command names, with its variables, overrides and rows. None: every
/// mistake is told.
[[nodiscard]] std::optional<std::vector<Scenario>> scenarios_of(const RunOptions& options);

}  // namespace ringback
