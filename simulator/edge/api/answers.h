#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/time.h"
#include "simulator/edge/http.h"
#include "simulator/wire/error_json.h"

namespace ringback {

/// An error in the provider's shape; `message` must be safe to show.
[[nodiscard]] Response provider_error(int status, std::string_view category, std::string_view code,
                                      std::string_view message, ErrorDetails details = {});
[[nodiscard]] Response provider_error(const ApiError& error);

/// The same with requestMethod, remoteAddress and requestPath behind the error's own details.
/// Source: spec v1 1.6. What is not printable or too long of the request is left out.
[[nodiscard]] Response provider_error(ApiError error, const Request& request);

/// To what is no request that the routes may see (HttpHandler::refuse), in the provider's shape:
/// too much is a 400 (spec v1 7.2), and a 503 says when to come again.
[[nodiscard]] Response refused_before_routes(int status, std::string_view what,
                                             std::string_view remote_ip);

/// Retry-After: in so many seconds.
void say_when_to_come_again(Response& response, std::uint32_t seconds = 1);

/// An error to what comes too fast, with the header and the detail that say when the next is free.
/// Source: spec v1 7.1.
[[nodiscard]] Response too_fast(ApiError error, const Request& request, Instant free_at);

/// 503 in the provider's shape: there is no room for `what` now. Source: spec v1 1.6.
[[nodiscard]] Response no_room_now(std::string_view code, std::string what, const Request& request);

/// Its code where it is memory that there is none of.
inline constexpr std::string_view memory_unavailable{"memory-unavailable"};

/// 200 with a body.
[[nodiscard]] Response json_answer(std::string body);
/// 201 without a body and without its type: spec v1 1.4.
[[nodiscard]] Response created_answer(std::string location);
/// 200 without a body.
[[nodiscard]] Response done_answer();

}  // namespace ringback
