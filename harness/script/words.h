#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/script/happening.h"

namespace ringback {

/// "POST /v1/users/u-1/calls/c-1/audio": references replaced as far as they can be.
[[nodiscard]] std::string api_text(const ApiPattern& api, const Bindings& bindings);

/// Whether a request is one of those that are meant; an empty path means every path.
[[nodiscard]] bool is_meant(const ApiPattern& api, const Happening& request,
                            const Bindings& bindings);

/// "POST /v1/users/u-1/calls/c-1/audio -> 201" of a request, with "by the fault unavailable" where
/// one has made that answer; "speak.started" of an event.
[[nodiscard]] std::string happening_text(const Happening& happening);

[[nodiscard]] bool in_ranges(const std::vector<std::pair<int, int>>& ranges, int status);
[[nodiscard]] std::string ranges_text(const std::vector<std::pair<int, int>>& ranges);

/// "<", "<=", ...
[[nodiscard]] std::string comparison_text(const Comparison& comparison, std::string_view unit);

}  // namespace ringback
