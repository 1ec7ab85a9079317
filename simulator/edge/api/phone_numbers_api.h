#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Phone numbers of a user: spec v1 2.7. One is named by its id or by itself ("%2B19195550123").
[[nodiscard]] ApiReply list_numbers(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_number(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_number(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_number(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_number(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
