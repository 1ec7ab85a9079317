#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace ringback {

/// AttemptResult::headers as an object: {"content-type": "text/plain"}. Names in small letters;
/// what comes twice is joined by ", ".
[[nodiscard]] nlohmann::ordered_json header_object(std::string_view lines);

}  // namespace ringback
