#pragma once

#include <optional>

#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// The clock and the delays a scenario asks for, over those that are there. Errors name the member.
[[nodiscard]] std::optional<Error> model_of(const Scenario& scenario, SimulatorSettings& settings);

}  // namespace ringback
