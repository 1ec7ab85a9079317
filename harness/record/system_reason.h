#pragma once

#include <string>
#include <system_error>

namespace ringback {

/// The system's own words for an errno: "No space left on device".
[[nodiscard]] inline std::string system_reason(int error) {
    return std::generic_category().message(error);
}

}  // namespace ringback
