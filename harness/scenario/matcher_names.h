#pragma once

// Inside of Matcher and FieldMatches: the words a matcher is written with. Not for use elsewhere.

#include <algorithm>
#include <array>
#include <string_view>

namespace ringback {

/// In the order in which they are told to a person; the last three are modifiers.
inline constexpr std::array<std::string_view, 15> matcher_words{
    "equalTo",         "equalToJson", "numeric",    "matches", "doesNotMatch", "contains",
    "doesNotContain",  "absent",      "xpath",      "oneOf",   "allOf",        "not",
    "caseInsensitive", "ignoreExtra", "ignoreOrder"};

/// The matcher that this word only changes; "" when it is no such word.
[[nodiscard]] constexpr std::string_view whose_modifier(std::string_view word) {
    if (word == "caseInsensitive") {
        return "equalTo";
    }
    return word == "ignoreExtra" || word == "ignoreOrder" ? "equalToJson" : "";
}

[[nodiscard]] constexpr bool is_matcher_word(std::string_view word) {
    return std::ranges::find(matcher_words, word) != matcher_words.end();
}

[[nodiscard]] constexpr bool is_matcher_name(std::string_view word) {
    return is_matcher_word(word) && whose_modifier(word).empty();
}

}  // namespace ringback
