#pragma once

#include <optional>

#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"

namespace ringback {

/// Why `ringback load` cannot play it; none if it can. Load speaks in calls, and counts and places
/// nothing else: no scenario that begins with a message, waits for one as its start, or in which
/// somebody sends one.
[[nodiscard]] std::optional<Error> refuse_under_load(const Scenario& scenario);

}  // namespace ringback
