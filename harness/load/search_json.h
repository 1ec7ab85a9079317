#pragma once

#include <nlohmann/json.hpp>

#include "harness/load/json_at.h"
#include "harness/load/search_result.h"

namespace ringback {

/// The member "search" of a load result, in fixtures/load.schema.json; and the strict way back.
[[nodiscard]] nlohmann::ordered_json search_json(const SearchResult& search);
[[nodiscard]] SearchResult search_of(const JsonAt& at);

}  // namespace ringback
