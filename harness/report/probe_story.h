#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/probe/inquiry.h"
#include "harness/report/story.h"

namespace ringback {

/// "menu: probe restart", "menu [row 3]: probe restart".
[[nodiscard]] std::string probe_name(const ProbeResult& result);

/// One line: "ok   menu  survives duplicates: 1 of 1", "FAIL menu  does not survive lost: ...",
/// "??   menu  early: nothing to disturb: ...". With what was lost while the receiver was down.
[[nodiscard]] std::string probe_line(const ProbeResult& result, const StoryStyle& style);

/// "interrupted after 3 of 6 disturbed runs", "not played: why". Of one that was cut short.
[[nodiscard]] std::string not_played_text(const ProbeResult& result);

/// What a disturbed run brought to light: what was wrong in it, the first request too much or too
/// little, what else is different, the ladder with the place marked, and the command that plays it
/// again. `behind` as for failure_story().
[[nodiscard]] std::string probe_story(const ProbeTry& tried, const std::string& behind,
                                      const StoryStyle& style);

/// "a restart: extra request POST /v1/..., twice here, never in the clean run"; "" = survived.
[[nodiscard]] std::string probe_finding(const ProbeTry& tried);

/// What a run brought to light, in a line: probe_finding(), the events that were lost while the
/// receiver was down, and what else is no fault of its; "" = nothing.
[[nodiscard]] std::string probe_came_of(const ProbeTry& tried);

/// The command that plays a probe of a run again.
[[nodiscard]] std::string again(const RunRecord& run, ProbeKind kind, const std::string& behind);

/// What `--format json` prints of a disturbed run.
///
/// Shape  probe, scenario, file, row (only with data), what, expected, result (survived or failed),
///        findings and told [{kind, what, than, seq}], journal (only where it failed)
[[nodiscard]] nlohmann::ordered_json probe_try_json(const ProbeTry& tried, const RunRecord& clean);

/// What it prints when a probe is over, behind its disturbed runs.
///
/// Shape  probe, scenario, file, row, seed, result (survived, failed, not played or nothing to
///        disturb), why (of the last two), planned, possible (without a budget), minimised_in,
///        played, found_something
[[nodiscard]] nlohmann::ordered_json probe_sum_json(const ProbeResult& result);

/// An element of `probes` in fixtures/report.schema.json.
[[nodiscard]] nlohmann::ordered_json probe_json(const ProbeResult& result);

}  // namespace ringback
