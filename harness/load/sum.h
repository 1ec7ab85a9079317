#pragma once

#include <vector>

#include "harness/load/result.h"

namespace ringback {

// What several loops or processes measured of one load, put together. Exact, but for what a second
// keeps of its histograms.

void add(LoadCounts& sum, const LoadCounts& part);
/// Of names that both have the histograms add up.
void add(Metrics& sum, const Metrics& part);
/// The same second of another part: counts and CPU add up, of quantiles the larger stays.
void add(LoadSecond& sum, const LoadSecond& part);
/// Calls, callbacks, metrics, causes, stages (by index), steps (by name) and kept
/// failures. Neither plan nor seconds, truth and thresholds.
void add_measured(LoadResult& sum, LoadResult&& part);
/// Of all failing calls that were added, a result keeps the first ones by their number.
void keep_first(std::vector<KeptFailure>& kept);

}  // namespace ringback
