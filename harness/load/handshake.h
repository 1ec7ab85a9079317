#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "harness/load/consent.h"
#include "simulator/core/result.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/target.h"

namespace ringback {

/// What we call ourselves to who is asked.
inline constexpr std::string_view consent_origin{"ringback.invalid"};

/// Asks a receiver whether it takes that load: one OPTIONS with WebHook-Request-Origin and
/// WebHook-Request-Rate, over the connections, certificates and rules of callbacks. Why it does
/// not, or did not say; none: it does. Blocking, for as long as `patience`.
[[nodiscard]] std::optional<std::string> ask_consent(const std::string& url,
                                                     const LoadDemand& demand,
                                                     const DeliverySettings& delivery,
                                                     const TargetPolicy& targets,
                                                     std::chrono::milliseconds patience);

}  // namespace ringback
