#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

[[nodiscard]] ApiReply list_calls(const ApiRequest& request, ApiContext& context);        // 2.1.4
[[nodiscard]] ApiReply create_call(const ApiRequest& request, ApiContext& context);       // 2.1.3
[[nodiscard]] ApiReply get_call(const ApiRequest& request, ApiContext& context);          // 2.1.2
[[nodiscard]] ApiReply list_call_events(const ApiRequest& request, ApiContext& context);  // 2.1.9
[[nodiscard]] ApiReply get_call_event(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
