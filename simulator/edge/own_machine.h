#pragma once

#include <optional>
#include <vector>

#include "simulator/edge/ip_address.h"

namespace ringback {

/// The addresses that this machine's interfaces have now; none where the system does not say.
[[nodiscard]] std::optional<std::vector<IpAddress>> addresses_of_this_machine();

}  // namespace ringback
