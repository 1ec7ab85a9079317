#pragma once

#include <string>
#include <string_view>

#include "simulator/core/url_join.h"

namespace ringback {

/// Where a Location header leads from `base`.
[[nodiscard]] inline std::string redirect_target(std::string_view base, std::string_view location) {
    return joined_url(base, location);
}

}  // namespace ringback
