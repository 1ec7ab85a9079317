#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.11.
[[nodiscard]] ApiReply get_account(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply list_transactions(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply list_errors(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_error(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
