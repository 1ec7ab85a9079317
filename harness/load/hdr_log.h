#pragma once

#include <string>
#include <string_view>

#include "harness/load/histogram.h"
#include "simulator/core/time.h"

namespace ringback {

/// The interval log of HdrHistogram, version 1.3 (`.hlog`), for values in microseconds: lines that
/// a writer appends as the run goes, so that a log that is cut off is a log of what was until then.

/// Its begin: when the run started, and the names of the columns. Ends in a line end.
[[nodiscard]] std::string hdr_log_head(Instant started_at);

/// One interval of one metric, with its line end.
///
/// Units   `begin` since the start of the run; the column Interval_Max is in milliseconds, as other
///         writers have it, the values in the histogram in microseconds, as everywhere.
/// Needs   `metric` is any text: what would end a tag (commas, spaces, control characters) becomes
///         "_".
[[nodiscard]] std::string hdr_log_line(std::string_view metric, Duration begin, Duration length,
                                       const Histogram& histogram);

}  // namespace ringback
