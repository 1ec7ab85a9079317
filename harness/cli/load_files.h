#pragma once

#include <string>

#include "harness/load/result.h"
#include "simulator/core/result.h"

namespace ringback {

/// What `ringback load --report json=PATH` has written.
///
/// Errors  the file's name and the system's reason; else as load_result_of().
[[nodiscard]] Result<LoadResult> read_load_result(const std::string& file);

}  // namespace ringback
