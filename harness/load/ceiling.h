#pragma once

#include "simulator/core/result.h"

namespace ringback {

/// What this machine can do at most, measured against a receiver that does nothing.
struct Ceiling {
    double callbacks_per_second{0};  // of one loop with a core of its own
};

/// Plays some thousand short calls at once against the null receiver and takes the processor time
/// that its own loop has spent on each thing it did: placing a call counts as one, a callback as
/// one. Takes less than a second. Blocking. Errors: no port, no descriptors.
[[nodiscard]] Result<Ceiling> measure_ceiling();

}  // namespace ringback
