#pragma once

#include <cstdint>

namespace ringback {

/// Of a call or message, as the account sees it.
enum class Direction : std::uint8_t { in, out };

}  // namespace ringback
