#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/load/plan.h"
#include "simulator/core/result.h"
#include "simulator/core/time.h"

namespace ringback {

/// The parts of a plan as a person writes them. Every error says what was expected and found; but
/// for a trace's its `where` is left for the caller to fill in.

/// "200/1s", "200/s", "0.5/1m", or "200" for 200 a second: calls per second.
[[nodiscard]] Result<double> parse_rate(std::string_view text);

/// "30s:50", "30s:50/1m"; "30s:50..200" goes from one rate to the other, "30s:..200" from `before`,
/// that at the end of the stage before: 0 at the begin of a run.
[[nodiscard]] Result<LoadStage> parse_stage(std::string_view text, double before);
[[nodiscard]] Result<std::vector<LoadStage>> parse_stages(std::span<const std::string> texts);

/// "2/8": the second of eight.
[[nodiscard]] Result<Segment> parse_segment(std::string_view text);

/// The starts of a trace file, one a line since the begin of the run, ascending: "12.25" seconds or
/// a duration such as "250ms". Empty lines and what follows "#" are passed over; digits behind the
/// nanoseconds are cut off. An error's `where` is `file`:line:column.
[[nodiscard]] Result<std::vector<Duration>> parse_trace(std::string_view text,
                                                        std::string_view file);

}  // namespace ringback
