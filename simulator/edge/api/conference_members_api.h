#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.3: what is below /conferences/{id}/members.
/// As they came, those that left included.
[[nodiscard]] ApiReply list_members(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_member(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_member(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_member(const ApiRequest& request, ApiContext& context);
/// Heard by the member's call, whose events go to the call's URL.
[[nodiscard]] ApiReply post_member_audio(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
