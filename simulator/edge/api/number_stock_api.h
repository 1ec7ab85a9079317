#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Numbers that can be had, and who has a number: spec v1 2.8. Their paths have no user; the account
// is that of the token (account_of.h).
[[nodiscard]] ApiReply search_numbers(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply order_numbers(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_number_info(const ApiRequest& request, ApiContext& context);

}  // namespace ringback
