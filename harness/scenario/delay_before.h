#pragma once

#include <optional>
#include <string_view>

#include "simulator/core/settings.h"

namespace ringback {

/// Whether the call model takes a time of its own before that event, one that a scenario may set.
/// Of the others, something else says when they come: keys, the length of a ring, a caller.
[[nodiscard]] bool has_delay_before(std::string_view event);

/// Makes the model take `delay` until the event; none: as long as it does by `model`. Nothing
/// happens where has_delay_before() is false.
void set_delay_before(std::string_view event, std::optional<Duration> delay, const Delays& model,
                      Delays& delays);

}  // namespace ringback
