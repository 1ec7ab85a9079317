#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Below a call, oldest first and not paged: spec v1 2.1.10.
[[nodiscard]] ApiReply list_call_recordings(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply list_call_transcriptions(const ApiRequest& request, ApiContext& context);

// On their own path, newest first and paged: 2.9, 2.10.
[[nodiscard]] ApiReply list_recordings(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_recording(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply list_transcriptions(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_transcription(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_transcription(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
