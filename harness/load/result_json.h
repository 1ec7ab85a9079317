#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/load/result.h"
#include "simulator/core/result.h"

namespace ringback {

/// A load result as JSON: what `ringback load --report json=PATH` writes and `ringback report`
/// reads.
///
/// Shape  fixtures/load.schema.json; a test holds it against that. Histograms stand in it whole
///        (`encoded`), beside what they come to; of an invalid run without the latter.
/// Units  at the end of names: _us, _ns, _s, _per_s; names without one are counts or shares.
[[nodiscard]] nlohmann::ordered_json load_json(const LoadResult& result);

/// The same, as it stands in a file.
[[nodiscard]] std::string load_json_text(const LoadResult& result);

/// Reads it back. Members that are missing, unknown or of another kind are errors; so are
/// histograms that do not hold as much as is said beside them.
///
/// Errors  "FILE: /counts/planned: expected ..., found ..."; a file of a newer version names it.
[[nodiscard]] Result<LoadResult> load_result_of(std::string_view text, const std::string& file);

}  // namespace ringback
