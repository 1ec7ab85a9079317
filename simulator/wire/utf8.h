#pragma once

#include <cstddef>
#include <string_view>

namespace ringback {

/// How many bytes the well-formed UTF-8 sequence at the start of `text` has (1-4); 0 if there is
/// none. Refuses overlong forms, surrogates and what is beyond U+10FFFF (RFC 3629).
[[nodiscard]] constexpr std::size_t utf8_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
    const unsigned lead = byte(0);
    if (text.empty()) {
        return 0;
    }
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return continues(1) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool second_fits =
            (lead != 0xe0 || byte(1) >= 0xa0) && (lead != 0xed || byte(1) <= 0x9f);
        return continues(1) && continues(2) && second_fits ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool second_fits =
            (lead != 0xf0 || byte(1) >= 0x90) && (lead != 0xf4 || byte(1) <= 0x8f);
        return continues(1) && continues(2) && continues(3) && second_fits ? 4 : 0;
    }
    return 0;
}

[[nodiscard]] constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

/// Characters (code points) of well-formed UTF-8.
[[nodiscard]] constexpr std::size_t utf8_length(std::string_view text) {
    std::size_t count{0};
    for (const char c : text) {
        count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return count;
}

/// The first `most` characters of well-formed UTF-8, never half of one.
[[nodiscard]] constexpr std::string_view utf8_crop(std::string_view text, std::size_t most) {
    std::size_t count{0};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool starts = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U;
        if (starts && count++ == most) {
            return text.substr(0, i);
        }
    }
    return text;
}

}  // namespace ringback
