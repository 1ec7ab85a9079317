#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "harness/probe/probe.h"
#include "simulator/core/result.h"

namespace ringback {

/// A scenario's file with these faults in it: what `ringback run` plays in that order. The text
/// stays as it is, comments and all, where it has no `faults` of its own. Errors: no JSON object.
[[nodiscard]] Result<std::string> order_scenario(std::string_view scenario,
                                                 const Disturbance& disturbance);

/// Where it is kept: "calls/menu.reorder.json" of "calls/menu.json", "menu.reorder.json" of
/// "builtin:menu"; the second of them "calls/menu.reorder-2.json".
[[nodiscard]] std::string order_file(const std::string& file, std::size_t number = 1);

}  // namespace ringback
