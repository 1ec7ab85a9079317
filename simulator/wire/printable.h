#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringback {

/// Text from elsewhere made harmless for a terminal, a log line and XML: control bytes (line ends
/// too) and broken UTF-8 as \xNN; "..." at the end when it is longer than `most` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 256);

}  // namespace ringback
