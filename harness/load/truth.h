#pragma once

#include "harness/load/result.h"

namespace ringback {

/// Can the result be believed? Pure. `ceiling`: things a second that a loop of its own can do on
/// this machine (harness/load/ceiling.h); 0 = it was not measured.
///
/// Invalid  start lag p99 above max(1 ms, 1 % of the median response); the loop busier than 90 % in
///          more than a twentieth of the measured seconds; calls dropped because too many were in
///          flight here.
[[nodiscard]] LoadTruth truth_of(const LoadResult& result, double ceiling);

}  // namespace ringback
