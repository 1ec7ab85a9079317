#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ringback {

/// `text` with the user information of every URL in it replaced: "http://***@host/cb".
/// `cut`: the text may end in the middle of a URL, which then is hidden to its end.
[[nodiscard]] std::string redacted(std::string_view text, bool cut = false);

/// The same in every text of a value.
void redact_strings(nlohmann::ordered_json& value);

/// A body without the values of members called password, or that are a token, at any depth; what
/// cannot be looked through is not shown at all.
[[nodiscard]] std::string without_passwords(std::string_view body);

/// Whether a look over the text says that parsing and dumping it are harmless: not nested deeply,
/// not long, and without a control byte between the tokens (the parser takes NUL for the end).
[[nodiscard]] bool may_be_parsed(std::string_view text);

}  // namespace ringback
