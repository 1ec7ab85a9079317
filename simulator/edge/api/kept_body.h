#pragma once

#include <string>
#include <string_view>

#include "simulator/edge/api/context.h"
#include "simulator/edge/http.h"

namespace ringback {

/// What the journal may have of a request that no route has taken or that nothing has come of: it
/// may have been meant for one with a password, or with a file.
[[nodiscard]] KeepBody kept_of_unclaimed(const Request& request);

/// A body as it may be kept: itself, without its passwords, or how long it is.
[[nodiscard]] std::string kept_body(KeepBody keeps, std::string_view body);

}  // namespace ringback
