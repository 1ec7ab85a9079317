#pragma once

#include <optional>

#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"

namespace ringback {

/// Why `ringback load` cannot play it; none if it can. Load speaks in calls, and counts and places
/// nothing else: no scenario that begins with a message, waits for one as its start, or in which
/// somebody sends one.
[[nodiscard]] std::optional<Error> refuse_under_load(const Scenario& scenario);

/// Whether a request that this step is for may name nothing that is known: POST /calls of another
/// leg, of a conference or a message, or what belongs to the account. Then it is to be found out
/// which call it belongs to.
[[nodiscard]] bool may_name_nothing(const Await& await);

/// The first step of a scenario that awaits such a request; null: none does.
[[nodiscard]] const Step* first_unnamed(const Block& block);

}  // namespace ringback
