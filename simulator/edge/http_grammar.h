#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "simulator/edge/eight_bytes.h"

/// The byte classes and the line rule that head, chunk sizes and trailers have in common.
/// Source: RFC 9110 5.5, 5.6.2; RFC 9112 2.2 (where it lets a server be lenient, we are not).
namespace ringback::grammar {

/// Why a request is not served: the status to answer and a phrase of ours, safe to show.
struct Refusal {
    int status{0};  // 0: none
    std::string_view what;
};

inline constexpr std::array<bool, 256> token_bytes = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~0123456789"
                                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

/// True for the bytes that end or spoil a line: controls other than the tab, and DEL.
inline constexpr std::array<bool, 256> control_bytes = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 32; ++i) {
        table[i] = i != '\t';
    }
    table[127] = true;
    return table;
}();

/// Where the first of control_bytes is from `at` on, or the end.
[[nodiscard]] inline std::size_t find_control(std::string_view text, std::size_t at) {
    while (text.size() - at >= sizeof(std::uint64_t)) {
        const std::uint64_t bytes = eight_bytes::load(text.data() + at);
        const std::uint64_t marks =
            eight_bytes::below(bytes, 0x20) | eight_bytes::equal(bytes, 0x7f);
        if (marks == 0) {
            at += sizeof bytes;
            continue;
        }
        at += eight_bytes::before_first(marks);
        if (text[at] != '\t') {
            return at;
        }
        ++at;
    }
    while (at < text.size() && !control_bytes[static_cast<unsigned char>(text[at])]) {
        ++at;
    }
    return at;
}

[[nodiscard]] constexpr bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return token_bytes[static_cast<unsigned char>(c)];
    });
}

[[nodiscard]] constexpr bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

enum class LineEnd : std::uint8_t { not_yet, found, broken };

/// Looks for CR LF from `at` on; `at` ends on the CR, on the byte that breaks the line (a control
/// byte, a bare CR or LF), or where to go on looking when more has arrived.
[[nodiscard]] inline LineEnd find_line_end(std::string_view text, std::size_t& at) {
    at = find_control(text, at);
    if (at == text.size() || (text[at] == '\r' && at + 1 == text.size())) {
        return LineEnd::not_yet;
    }
    return text[at] == '\r' && text[at + 1] == '\n' ? LineEnd::found : LineEnd::broken;
}

/// One `name: value`, split; an empty name says that the line is none. Folded lines have none
/// either.
struct FieldLine {
    std::string_view name;
    std::string_view value;
};
[[nodiscard]] inline FieldLine split_field(std::string_view line) {
    std::size_t colon{0};
    while (colon < line.size() && token_bytes[static_cast<unsigned char>(line[colon])]) {
        ++colon;
    }
    if (colon == 0 || colon == line.size() || line[colon] != ':') {
        return {};
    }
    return {line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

}  // namespace ringback::grammar
