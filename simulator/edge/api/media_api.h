#pragma once

#include <string_view>

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Media files of a user: what was put, finished recordings, the texts of transcriptions and the
// parts of received messages. Source: spec v1 2.5, 1.8.
[[nodiscard]] ApiReply list_media(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply put_media(const ApiRequest& request, ApiContext& context);
/// Also HEAD: the server leaves the body out.
[[nodiscard]] ApiReply get_media(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_media(const ApiRequest& request, ApiContext& context);

/// Whether the request is one that may have a body as large as a media file.
[[nodiscard]] bool may_be_large(const Request& head);
/// 403 media-size-overflow.
[[nodiscard]] Response media_overflow(const Request& head);

}  // namespace ringback
