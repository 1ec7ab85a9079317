#pragma once

#include <string>
#include <vector>

#include "harness/load/result.h"
#include "simulator/core/result.h"

namespace ringback {

/// One part of a sum, and the file it is from.
struct LoadPart {
    std::string file;
    LoadResult result;
};

/// What several processes measured of one load, each its segment of the arrivals, as if it had been
/// one. Sums can be summed up again.
///
/// Exact   counts, causes, histograms, and so every percentile of the whole.
/// Not     quantiles of a second (the largest of the parts), peaks of lag and CPU (likewise);
///         ceilings are added, as those of machines of their own.
/// Stages are taken by index, steps by name, seconds by their number since each part's own start;
/// of failing calls the first 20 stay. Parts that are missing, or that did not start together, are
/// remarked on. A part that is invalid makes the sum so.
///
/// Thresholds stay with neither value nor verdict: the caller evaluates them anew.
/// Errors  "FILE: ..." where scenario, plan or timers are not those of the first file, or a share
///         of the arrivals is in it twice.
[[nodiscard]] Result<LoadResult> merged(std::vector<LoadPart> parts);

}  // namespace ringback
