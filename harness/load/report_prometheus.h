#pragma once

#include <cstdint>
#include <string>

#include "harness/load/result.h"

namespace ringback {

enum class Running : std::uint8_t { no, yes };

/// A load result in Prometheus' text format (0.0.4); `running`: as of now, of a run that goes on.
///
/// Shape  harness/load/README.md lists the names. Histograms in seconds with cumulative buckets,
///        counters end in _total; buckets are exact to the histograms' three digits. Rates of a run
///        that turned out invalid: ringback_load_valid is 0, and a query should ask for it.
[[nodiscard]] std::string load_prometheus(const LoadResult& result, Running running = Running::no);

}  // namespace ringback
