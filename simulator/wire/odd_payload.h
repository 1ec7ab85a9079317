#pragma once

#include <string>
#include <string_view>

#include "simulator/core/faults.h"
#include "simulator/core/route.h"

namespace ringback {

/// Bytes of the tag of fault::Odd::What::large_tag.
inline constexpr std::size_t large_tag_bytes = 100'000;

/// What an event says, changed so that it says what no documentation does. The ids of what it is
/// about stay, so that a receiver can tell which call it is.
///
/// Shape  `payload`: a JSON object (post) or a query without '?' (get), as append_callback() writes
///        it; the result is as well formed. In a query all values are texts: null is "" there.
[[nodiscard]] std::string odd_payload(std::string_view payload, Method method,
                                      fault::Odd::What what);

/// "an eventType that nobody knows".
[[nodiscard]] std::string_view odd_text(fault::Odd::What what);

}  // namespace ringback
