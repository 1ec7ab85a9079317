#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

[[nodiscard]] ApiReply update_call(const ApiRequest& request, ApiContext& context);  // 2.1.5
[[nodiscard]] ApiReply post_audio(const ApiRequest& request, ApiContext& context);   // 2.1.6
[[nodiscard]] ApiReply post_dtmf(const ApiRequest& request, ApiContext& context);    // 2.1.7

}  // namespace ringback
