#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringback {

/// RFC 4648, section 4, with padding.
[[nodiscard]] std::string base64_encoded(std::string_view bytes);

/// Strict: whole groups of four, padding only at the end. Nothing: it is no base64.
[[nodiscard]] std::optional<std::string> base64_bytes(std::string_view text);

}  // namespace ringback
