#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.4.
[[nodiscard]] ApiReply list_messages(const ApiRequest& request, ApiContext& context);
/// One (an object) or at most 50 (an array).
[[nodiscard]] ApiReply create_messages(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_message(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply redact_message(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
