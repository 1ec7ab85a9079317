#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ringback {

/// Every request that the API has a route for: "POST /v1/users/*/calls".
[[nodiscard]] const std::vector<std::string_view>& api_route_names();

/// Whether a request of that method ("": any) to a path like that (means_path) may ever find a
/// route of the API's.
[[nodiscard]] bool is_of_the_api(std::string_view method, std::string_view pattern);

/// ", did you mean \"POST /v1/users/*/calls\"?", or, where nothing is near, all that there are:
/// " (the API has GET /v1/users/*/calls, ...)".
[[nodiscard]] std::string nearest_route_text(std::string_view method, std::string_view pattern);

}  // namespace ringback
