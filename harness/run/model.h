#pragma once

#include <optional>

#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// The clock, the delays and the faults a scenario asks for; the first two over those that are
/// there, the faults before them. Errors name the member.
[[nodiscard]] std::optional<Error> model_of(const Scenario& scenario, SimulatorSettings& settings);

}  // namespace ringback
