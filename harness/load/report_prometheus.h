#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// A load result in Prometheus' text format (0.0.4), as of now where it is still running.
///
/// Shape  harness/load/README.md lists the names. Histograms in seconds with cumulative buckets,
///        counters end in _total; buckets are exact to the histograms' three digits. Rates of a run
///        that turned out invalid: ringback_load_valid is 0, and a query should ask for it.
[[nodiscard]] std::string load_prometheus(const LoadResult& result);

}  // namespace ringback
