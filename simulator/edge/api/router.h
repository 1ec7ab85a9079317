#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/auth.h"
#include "simulator/edge/api/context.h"

namespace ringback {

/// A raw path in its decoded segments; one trailing slash does not count.
///
/// Refuses (none): bad percent codes, control bytes and invalid UTF-8 after decoding (400 for the
/// caller). Dot segments, empty ones and encoded slashes stay as they are and match no route.
[[nodiscard]] std::optional<std::vector<std::string>> split_path(std::string_view path);

/// The {userId} of /v1/users/{userId}/..., decoded; none if the path has none.
[[nodiscard]] std::optional<std::string> user_in(std::string_view path);

/// A target that begins with /v1/users/{userId}/, with another user in its place; any other as it
/// is.
[[nodiscard]] std::string with_user(std::string_view target, std::string_view user);

/// Whether the path is one of those that have no user in them: only the credentials say whose
/// account is asked for (spec v1 1.1).
[[nodiscard]] bool is_without_user(std::string_view path);

/// Answers everything under /v1. Needs: admit_api let the request pass.
[[nodiscard]] ApiReply answer_api(const Request& request, ApiContext& context);

/// A route as it is written down: "GET", "/v1/users/{}/calls/{}".
struct RouteName {
    std::string_view method;
    std::string path;
};
/// All that answer_api knows.
[[nodiscard]] std::vector<RouteName> all_routes();

}  // namespace ringback
