#pragma once

#include <vector>

#include "harness/scenario/document.h"
#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "simulator/edge/target.h"

namespace ringback {

/// Those of the scenario's URLs (Scenario::urls) that may not be called, with their places. What
/// cannot be expanded yet is left to the run, which says why.
[[nodiscard]] std::vector<Mistake> refused_targets(const Scenario& scenario, const Bindings& bound,
                                                   const TargetPolicy& policy);

}  // namespace ringback
