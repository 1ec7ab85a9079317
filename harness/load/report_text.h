#pragma once

#include <string>

#include "harness/load/result.h"
#include "harness/report/story.h"

namespace ringback {

/// A load result for the terminal: what was planned and done, latencies with response and service
/// side by side, what went wrong by cause, thresholds, the story of the first failing call. Of an
/// invalid run: why, and no latency at all.
[[nodiscard]] std::string load_summary(const LoadResult& result, const StoryStyle& style);

}  // namespace ringback
