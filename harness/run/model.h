#pragma once

#include <optional>
#include <string_view>

#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// The clock and the delays a scenario asks for, over those that are there. Errors name the member.
[[nodiscard]] std::optional<Error> model_of(const Scenario& scenario, SimulatorSettings& settings);

/// Makes the model take that long until the event; false when it has no such delay.
bool set_delay(Delays& delays, std::string_view event, Duration delay);

}  // namespace ringback
