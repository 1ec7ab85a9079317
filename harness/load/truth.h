#pragma once

#include <cstdint>

#include "harness/load/result.h"

namespace ringback {

/// Can the result be believed? Pure. `ceiling`: things a second that its loops can do at most
/// on this machine (harness/load/ceiling.h); 0 = it was not measured. `waited_for_room`: callbacks
/// and kicks that were kept waiting by this machine, whose limit of descriptors is the generator's.
///
/// Invalid  start lag p99 above max(1 ms, 1 % of the median response); the busiest loop above 90 %
///          in more than a twentieth of the measured seconds; calls dropped because too many were
///          in flight here; callbacks or kicks that had to wait for room here, if they are more
///          than a thousandth of both: fewer are remarked.
[[nodiscard]] LoadTruth truth_of(const LoadResult& result, double ceiling,
                                 std::uint64_t waited_for_room = 0);

}  // namespace ringback
