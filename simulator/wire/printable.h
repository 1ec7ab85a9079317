#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringback {

/// Text from elsewhere made harmless for a terminal, a log line and XML: control bytes (line ends
/// too), characters that nobody sees but that end lines or turn their direction, and broken UTF-8
/// as \xNN; "..." at the end when it is longer than `most` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 256);

/// Whether one well-formed UTF-8 sequence may be shown to a person as it is: no control, no mark of
/// direction, no line end, nothing without width that hides a difference between two texts.
[[nodiscard]] bool is_shown_as_is(std::string_view sequence);

}  // namespace ringback
