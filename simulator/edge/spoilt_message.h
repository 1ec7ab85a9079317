#pragma once

#include <cstddef>
#include <string>

#include "simulator/core/faults.h"

namespace ringback {

/// Makes an HTTP message, head and body in one piece, what the fault wants it to be: with another
/// Content-Length, or no HTTP at all.
void spoil(std::string& message, const WireFault& fault);

/// How many of its bytes leave.
[[nodiscard]] std::size_t leaving(const std::string& message, const WireFault& fault);

}  // namespace ringback
