#include "simulator/wire/json_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

using nlohmann::json;

/// What a look over the text without parsing tells.
struct Shape {
    std::size_t depth{0};
    std::size_t top_level_colons{
        0};  // in valid JSON: how many members the top-level object was given
    bool control_bytes{false};
};

Shape shape_of(std::string_view text) {
    Shape shape;
    std::size_t depth{0};
    bool in_string{false};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
            continue;
        }
        if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            shape.depth = std::max(shape.depth, ++depth);
        } else if (c == '}' || c == ']') {
            depth -= depth > 0 ? 1U : 0U;
        } else if (c == ':') {
            shape.top_level_colons += depth == 1 ? 1U : 0U;
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            // The parser takes a NUL for the end and would not look at what follows.
            shape.control_bytes = true;
        }
    }
    return shape;
}

}  // namespace

Result<json> parse_json(std::string_view text) {
    const Shape shape = shape_of(text);
    if (shape.depth > deepest_json) {
        return Error{"body", fmt::format("nested deeper than {} levels", deepest_json)};
    }
    if (shape.control_bytes) {
        return Error{"body", "not valid JSON: a control byte between the tokens"};
    }
    try {
        json value = json::parse(text);
        if (value.is_object() && value.size() != shape.top_level_colons) {
            return Error{"body", "a member is there twice"};
        }
        return value;
    } catch (const json::parse_error& e) {
        return Error{"body", fmt::format("not valid JSON, byte {}", e.byte)};
    } catch (const json::exception&) {
        return Error{"body", "not valid JSON: a number out of range"};
    }
}

bool same_word(std::string_view a, std::string_view b) {
    const auto skip = [](std::string_view text, std::size_t& i) {
        while (i < text.size() && (text[i] == '-' || text[i] == '_')) {
            ++i;
        }
        return i < text.size();
    };
    std::size_t i{0};
    std::size_t j{0};
    while (true) {
        const bool more_a = skip(a, i);
        const bool more_b = skip(b, j);
        if (!more_a || !more_b) {
            return more_a == more_b;
        }
        if (ascii_lower(a[i++]) != ascii_lower(b[j++])) {
            return false;
        }
    }
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::int64_t value{0};
    for (const char c : text) {
        const std::int64_t digit = c - '0';
        value = value > (most - digit) / 10 ? most : value * 10 + digit;
    }
    return negative ? -value : value;
}

}  // namespace ringback
