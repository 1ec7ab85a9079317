#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

/// "a=1&b=x%20y" -> names and values in order, decoded once; '+' stays '+', because people paste
/// telephone numbers. None for a bad percent sequence.
[[nodiscard]] std::optional<QueryPairs> query_pairs(std::string_view query);

}  // namespace ringback
