#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// A load result as one page that needs nothing else and opens from disk: charts over time and of
/// the distribution (Chart.js, which stands in it), tables, thresholds, causes, ladders of failing
/// calls. An invalid run says so first, and has no latencies.
///
/// Shape  HTML; everything that came from a receiver or a file is escaped, and the page forbids
///        itself requests and every script but its own two, by their hashes.
[[nodiscard]] std::string load_html(const LoadResult& result);

}  // namespace ringback
