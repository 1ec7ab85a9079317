#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.2.
[[nodiscard]] ApiReply list_bridges(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_bridge(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_bridge(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_bridge(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply post_bridge_audio(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply list_bridge_calls(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
