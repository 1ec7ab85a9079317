#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Applications of a user: spec v1 2.6.
[[nodiscard]] ApiReply list_applications(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_application(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_application(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply update_application(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_application(const ApiRequest& request, ApiContext& context);

/// The number of the user's application of that text id; 0 if there is none.
[[nodiscard]] std::uint64_t find_application(const ApiRequest& request, const ApiContext& context,
                                             std::string_view id);

/// The user's applications and phone numbers; null if there were never any.
[[nodiscard]] const Directory* directory_of(const ApiRequest& request, const ApiContext& context);

/// 404, or 403 where it is another account's: spec v1 1.2.
[[nodiscard]] ApiReply no_application(const ApiRequest& request, const ApiContext& context,
                                      std::string_view id);

/// How the provider says that a directory does not allow it. `id`: as it was asked for.
[[nodiscard]] ApiReply refuse(DirectoryRefusal refusal, const ApiRequest& request,
                              std::string_view id);

/// 201 with the address of what is not about a call.
[[nodiscard]] ApiReply created_item(std::string location);

/// A 200, with that JSON or without anything.
[[nodiscard]] ApiReply shown_item(std::string body);
[[nodiscard]] ApiReply done_item();

}  // namespace ringback
