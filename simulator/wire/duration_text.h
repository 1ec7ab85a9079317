#pragma once

#include <string>
#include <string_view>

#include "simulator/core/result.h"
#include "simulator/core/settings.h"
#include "simulator/core/time.h"

namespace ringback {

/// Reads "250ms", "2s", "1m30s", "1h", "1.5s" or "0": whole numbers with a unit each (h, m, s, ms,
/// us, ns), the larger unit first; the last may have a fraction. Never negative, at most 10,000 h.
/// The error says what was expected and found; its `where` is left for the caller to fill in.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// Reads a fixed duration, or a range "2s..6s" whose first part is not above its second.
[[nodiscard]] Result<DelayRange> parse_delay_range(std::string_view text);

/// The shortest text that parse_duration reads back to the same value: "1m30s", "1.5s", "250ms".
[[nodiscard]] std::string duration_text(Duration duration);

/// "2s", or "2s..6s" for a range.
[[nodiscard]] std::string delay_range_text(const DelayRange& range);

}  // namespace ringback
