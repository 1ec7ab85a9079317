#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/wire/ascii.h"

namespace ringback {

/// Why a "Name: value" line cannot be sent with every callback; nullopt = it can. The names refused
/// are those that frame the message or that ringback writes itself.
[[nodiscard]] inline std::optional<std::string> problem_of_header_line(std::string_view line) {
    constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";
    constexpr std::array<std::string_view, 6> ours{
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Expect"};
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const bool is_token = !name.empty() && std::ranges::all_of(name, [&](char c) {
        const char small = ascii_lower(c);
        return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') ||
               token_marks.find(c) != std::string_view::npos;
    });
    if (colon == std::string_view::npos || !is_token) {
        return "expected \"Name: value\", found no header name before a colon";
    }
    if (std::ranges::any_of(line,
                            [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; })) {
        return "expected a header without control characters";
    }
    if (std::ranges::any_of(ours, [&](auto known) { return equal_ignoring_case(known, name); })) {
        return "expected a header that ringback does not write itself, found " + std::string{name};
    }
    return std::nullopt;
}

}  // namespace ringback
