#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ringback {

/// `url` with `to` in place of `from` when it lies there: same scheme, host and port, and under its
/// path. Names of this machine (localhost, 127.0.0.1, [::1]) are one host. User information stays
/// in front of the host. None when it lies elsewhere. `from` and `to` end without a slash.
[[nodiscard]] std::optional<std::string> moved_url(std::string_view url, std::string_view from,
                                                   std::string_view to);

/// "http://127.0.0.1:3000" of "http://127.0.0.1:3000/cb?x".
[[nodiscard]] std::string origin_of(std::string_view url);

/// The JSON that a text is, members in their order; discarded when it is none, or nested deeper
/// than any API's (64): those who walk through it go by recursion.
[[nodiscard]] nlohmann::ordered_json shallow_json(std::string_view text);

/// A JSON body with callbackUrl and fallbackUrl moved from the receiver to the recorder. None when
/// there is nothing to move, or when it is no JSON object: then it is to be passed as it came.
[[nodiscard]] std::optional<std::string> moved_body(const std::string& body,
                                                    std::string_view receiver,
                                                    std::string_view recorder);

}  // namespace ringback
