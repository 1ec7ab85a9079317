#pragma once

#include <string_view>

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Spec v1 2.3.
[[nodiscard]] ApiReply list_conferences(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_conference(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_conference(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_conference(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply post_conference_audio(const ApiRequest& request, ApiContext& context);

/// 503: spec v1 1.6 has no code for conferences of their own.
inline constexpr std::string_view no_room_for_conferences{"gateway-unavailable"};

[[nodiscard]] ApiReply conference_not_found(const ApiRequest& request);
/// 403 conference-error: its state does not allow it.
[[nodiscard]] ApiError conference_error(const Conference& conference, std::string_view id);
/// How the provider says that the conference, or what is asked of it, does not allow it. Source:
/// spec v1 1.6 codes, 2.3.
[[nodiscard]] ApiError conference_refusal(Refusal refusal, const Conference& conference,
                                          std::string_view id);

}  // namespace ringback
