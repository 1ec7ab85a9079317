#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Endpoints of a domain and their tokens: spec v1 2.11.
[[nodiscard]] ApiReply list_endpoints(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_endpoint(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_endpoint(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_endpoint(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_endpoint(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_endpoint_token(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_endpoint_token(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
