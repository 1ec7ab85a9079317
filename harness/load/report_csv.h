#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// The seconds of a run as CSV (RFC 4180): a header line, then a row a second.
///
/// Shape  columns as the members of "seconds" in the JSON, in their order. Latencies of an invalid
///        run are left empty; those of the sending stay, as they tell why.
[[nodiscard]] std::string load_csv(const LoadResult& result);

}  // namespace ringback
