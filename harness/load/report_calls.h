#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// The failing calls that were kept, as sections of a page: story and ladder of each, the rows of
/// which open what was said. What stands in their runs came from files: nothing in it throws or
/// breaks out.
void append_failing_calls(std::string& out, const LoadResult& result);

}  // namespace ringback
