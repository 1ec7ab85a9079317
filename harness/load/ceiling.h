#pragma once

#include <cstddef>

#include "simulator/core/result.h"

namespace ringback {

/// What this machine can do at most, measured against a receiver that does nothing.
struct Ceiling {
    double callbacks_per_second{0};  // of all loops, each with a core of its own where there are
};

/// Plays some thousand short calls at once against null receivers, on as many threads as there are
/// loops, and takes the processor time that each loop has spent on each thing it did: placing a
/// call counts as one, a callback as one. What the loops come to adds up, for no more of them than
/// there are cores. Takes about a second. Blocking. Errors: no port, no descriptors.
[[nodiscard]] Result<Ceiling> measure_ceiling(std::size_t loops);

}  // namespace ringback
