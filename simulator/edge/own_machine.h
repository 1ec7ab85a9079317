#pragma once

#include "simulator/edge/ip_address.h"

namespace ringback {

/// One of this machine's interfaces has that address now. Asks the system, which takes a while: for
/// what is rarely asked. Where the system does not say, every address counts as ours.
[[nodiscard]] bool is_of_this_machine(const IpAddress& address);

}  // namespace ringback
