#pragma once

#include <nlohmann/json.hpp>

#include "simulator/edge/http.h"

namespace ringback {

/// A request's headers as scripts see them: by names in small letters.
[[nodiscard]] nlohmann::json headers_of(const Request& request);

}  // namespace ringback
