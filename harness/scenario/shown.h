#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ringback {

/// How much of a value a person is shown in one line.
inline constexpr std::size_t most_shown = 120;

/// The first `most` characters of a text in one line: what would move a cursor, hide or turn
/// around what follows is written as \n or \u202e; what is no UTF-8 as \ufffd; "…" for the rest.
[[nodiscard]] std::string shown_text(std::string_view text, std::size_t most = most_shown);

/// A value as JSON, the same way, without passwords of URLs: "\"Press 1\"", 5, {"a":1}.
[[nodiscard]] std::string shown(const nlohmann::json& value, std::size_t most = most_shown);

/// A value as text: a text is itself, anything else its JSON (1.0 is "1.0"). Never throws.
[[nodiscard]] std::string text_of(const nlohmann::json& value);

}  // namespace ringback
