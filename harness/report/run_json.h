#pragma once

#include <nlohmann/json.hpp>

#include "harness/report/suite_record.h"
#include "harness/script/faults_played.h"

namespace ringback {

/// A run as JSON: what `--format json` prints, and an element of suite_json().
///
/// Shape  scenario, about, file, row (only with data), seed, user, result, modelled_ms, wall_ms,
///        expectations [{name, result, file, line, column, expected, got, seq, candidates}], steps,
///        journal (the entries).
[[nodiscard]] nlohmann::ordered_json run_json(const RunRecord& run);

/// An element of the member `faults` of a run, and of a load.
[[nodiscard]] nlohmann::ordered_json fault_json(const FaultPlayed& fault);

/// All that a `ringback run` did as one document: what `--report json=PATH` writes.
///
/// Shape   fixtures/report.schema.json; a test holds it against that. Durations end in _ms.
[[nodiscard]] nlohmann::ordered_json suite_json(const SuiteRecord& suite);

}  // namespace ringback
