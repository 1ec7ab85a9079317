#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ringback {

/// A query text as an object of texts; broken escapes are kept as they are.
[[nodiscard]] nlohmann::json query_object(std::string_view query);

/// A query text with the members of `changes` over its own: in their place, new ones at the end;
/// null takes one away. What is no text is written as JSON.
[[nodiscard]] std::string edited_query(std::string_view query, const nlohmann::json& changes);

}  // namespace ringback
