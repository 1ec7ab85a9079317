#pragma once

#include <chrono>

#include "simulator/core/result.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/target.h"

namespace ringback {

/// Resolves a target's name, for good: a load stays at the machines that it was allowed for,
/// whatever the name leads to later. Blocking, for about as long as `patience`.
///
/// Needs   a target whose host is a name.
/// Errors  it is not known; an address among its is refused: where "--callback-url", and the name
///         with the address.
[[nodiscard]] Result<KnownName> resolve_once(const Target& target, const TargetPolicy& policy,
                                             std::chrono::milliseconds patience);

}  // namespace ringback
