#pragma once

#include <string>

#include "simulator/edge/http.h"
#include "simulator/edge/simulator.h"

namespace ringback {

/// A request of ringback's own to the API, answered at once, like any other but not the receiver's.
/// What the answer sets off is released before this returns. `path` may have a query; `api` is the
/// base URL that Location begins with.
[[nodiscard]] Response ask(Simulator& simulator, const std::string& api, const std::string& method,
                           const std::string& path, std::string body);

}  // namespace ringback
