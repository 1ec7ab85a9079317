#include "simulator/wire/json_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ringback {
namespace {

using nlohmann::json;

constexpr int deepest = 64;

/// What a look over the text without parsing tells.
struct Shape {
    int depth{0};
    std::size_t top_level_colons{
        0};  // in valid JSON: how many members the top-level object was given
    bool control_bytes{false};
};

Shape shape_of(std::string_view text) {
    Shape shape;
    int depth{0};
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
            --depth;
        } else if (c == ':') {
            shape.top_level_colons += depth == 1 ? 1U : 0U;
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            // The parser takes a NUL for the end and would not look at what follows.
            shape.control_bytes = true;
        }
    }
    return shape;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Result<json> parse_json(std::string_view text) {
    const Shape shape = shape_of(text);
    if (shape.depth > deepest) {
        return Error{"body", fmt::format("nested deeper than {} levels", deepest)};
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

Result<json> parse_body(std::string_view text) {
    if (std::ranges::all_of(text, is_space)) {
        return json::object();
    }
    auto parsed = parse_json(text);
    if (!parsed || parsed.value().is_object()) {
        return parsed;
    }
    if (parsed.value().is_array() && parsed.value().empty()) {
        return json::object();
    }
    return Error{"body", "not a JSON object"};
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
        if (lower(a[i++]) != lower(b[j++])) {
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

const json* Members::find(const char* name) const {
    const auto at = object_.find(name);
    return at == object_.end() || at->is_null() ? nullptr : &*at;
}

void Members::wrong_type(const char* name, std::string_view expected) const {
    note(bad_parameters(
        fmt::format("the '{}' resource property '{}' must be {}", resource_, name, expected)));
}

std::optional<std::string> Members::text(const char* name) const {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_string()) {
        wrong_type(name, "a string");
        return std::nullopt;
    }
    return value->get_ref<const std::string&>();
}

std::optional<bool> Members::boolean(const char* name) const {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_boolean()) {
        return value->get<bool>();
    }
    if (value->is_string()) {
        const auto& said = value->get_ref<const std::string&>();
        const auto is = [&](std::string_view wanted) {
            return std::ranges::equal(said, wanted, [](char x, char y) { return lower(x) == y; });
        };
        if (is("true") || is("false")) {
            return is("true");
        }
    }
    wrong_type(name, "true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Members::integer(const char* name) const {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (value->is_number_unsigned()) {
        const auto wide = value->get<std::uint64_t>();
        return wide > static_cast<std::uint64_t>(most) ? most : static_cast<std::int64_t>(wide);
    }
    if (value->is_number_integer()) {
        return value->get<std::int64_t>();
    }
    if (value->is_number_float()) {
        const auto wide = value->get<double>();
        if (wide == std::floor(wide)) {
            constexpr double limit = 9e18;
            return static_cast<std::int64_t>(std::clamp(wide, -limit, limit));
        }
    }
    if (value->is_string()) {
        if (const auto whole = whole_number(value->get_ref<const std::string&>())) {
            return whole;
        }
    }
    wrong_type(name, "a whole number");
    return std::nullopt;
}

std::optional<std::int64_t> Members::integer(const char* name, std::int64_t least,
                                             std::int64_t most) const {
    const auto value = integer(name);
    if (value && *value < least) {
        note(not_above(resource_, name, fmt::to_string(least - 1)));
        return std::nullopt;
    }
    if (value && *value > most) {
        note(exceeds(resource_, name, fmt::to_string(most)));
        return std::nullopt;
    }
    return value;
}

std::optional<double> Members::number(const char* name) const {
    const json* const value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_number()) {
        return value->get<double>();
    }
    if (value->is_string()) {
        // A JSON number in quotes, nothing more: strtod would also take "inf", hex and other
        // locales.
        const auto& said = value->get_ref<const std::string&>();
        if (said.find_first_not_of("0123456789+-.eE") == std::string::npos) {
            const json inner = json::parse(said, nullptr, false);
            if (inner.is_number()) {
                return inner.get<double>();
            }
        }
    }
    wrong_type(name, "a number");
    return std::nullopt;
}

const json* Members::object(const char* name) const {
    const json* const value = find(name);
    if (value != nullptr && !value->is_object()) {
        wrong_type(name, "an object");
        return nullptr;
    }
    return value;
}

}  // namespace ringback
