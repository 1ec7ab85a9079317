#pragma once

#include <nlohmann/json.hpp>

#include "harness/script/verdict.h"

namespace ringback {

/// A run as JSON: what `--format json` prints and the json report holds.
///
/// Shape  scenario, about, file, row (only with data), seed, user, result, modelled_ms, wall_ms,
///        expectations [{name, result, file, line, column, expected, got, seq, candidates}], steps,
///        journal (the entries).
[[nodiscard]] nlohmann::ordered_json run_json(const RunRecord& run);

}  // namespace ringback
