#pragma once

#include <string>
#include <vector>

#include "harness/load/rate_search.h"
#include "harness/load/result.h"

namespace ringback {

// A search for the highest rate as people read it, the same in every report; and what a run says
// about the rate at which it was played.

/// What came of a probe: it has held if everything planned was done and every claim held; where
/// none of them is about `calls.failed`, no call may have failed either.
[[nodiscard]] SearchProbe probe_of(const WantedProbe& wanted, const LoadResult& result);

/// "96/s held response:p(99)<250ms", "at least 96/s: ringback was the limit at 192/s".
[[nodiscard]] std::string highest_rate_text(const SearchResult& search);
/// "it held 3 of 3 times more; 100/s failed, 4.2 % above it"; "" where nothing held.
[[nodiscard]] std::string confidence_text(const SearchResult& search);

/// The table of the probes: its heads, and a row of cells each. Of an invalid one no latency.
[[nodiscard]] std::vector<std::string> probe_heads();
[[nodiscard]] std::vector<std::string> probe_cells(const SearchProbe& probe);

}  // namespace ringback
