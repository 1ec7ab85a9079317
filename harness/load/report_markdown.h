#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// A load result for people who read it in a browser beside their change: what was done, latencies,
/// thresholds, causes; stories of failing calls behind folds. GitHub's Markdown; text from
/// receivers cannot leave its cell or block. Of an invalid run: why, and no latency.
[[nodiscard]] std::string load_markdown(const LoadResult& result);

}  // namespace ringback
