#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

/// How deep objects and arrays may be nested in what strangers send.
inline constexpr std::size_t deepest_json = 64;

/// Parses strict JSON: RFC 8259, valid UTF-8, at most 64 levels, no member twice at the top level,
/// no number beyond a double. No exception leaves it, and the error never repeats received bytes.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text);

/// Two words are the same to the API if they are, after lower-casing and without '-' and '_'.
/// Source: spec v1 1.3, enumeration values.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// Whole decimal numbers, optionally signed, of any length; what does not fit is pulled to the
/// nearest 64-bit number, where every limit catches it. None for anything else.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace ringback
