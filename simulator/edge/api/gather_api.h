#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.1.8.
[[nodiscard]] ApiReply create_gather(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_gather(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply stop_gather(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
