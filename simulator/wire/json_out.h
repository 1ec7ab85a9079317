#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace ringback {

/// Appends `text` as a quoted JSON string. UTF-8 passes through; what is not UTF-8 becomes U+FFFD,
/// so that no text from anywhere can make an invalid document.
void append_json_string(std::string& out, std::string_view text);

/// Whether a character is the same inside a JSON string: printable ASCII but quote and backslash.
[[nodiscard]] constexpr bool is_plain_json(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f &&
           c != '"' && c != '\\';
}

/// Has a byte's top bit set somewhere if one of eight characters is not plain. Exact: a character
/// from 0x80 on has it, 0x7f + 1 has it, and subtraction sets it for what is too small alone, that
/// is for control characters and the quote (the only one to become less than 0x21 by ^ 2) and for
/// the backslash.
[[nodiscard]] inline std::uint64_t special_bits(const char* at) {
    constexpr std::uint64_t each = 0x0101010101010101;
    std::uint64_t eight{};
    std::memcpy(&eight, at, sizeof eight);
    return eight | (eight + each) | ((eight ^ (each * 2)) - each * 0x21) |
           ((eight ^ (each * '\\')) - each);
}

/// Whether all characters are, eight at a time.
[[nodiscard]] inline bool is_plain_json(std::string_view text) {
    if (text.size() < 8) {
        return std::all_of(text.begin(), text.end(), [](char c) { return is_plain_json(c); });
    }
    const char* const last = text.data() + text.size() - 8;
    std::uint64_t bits = special_bits(last);
    for (const char* at = text.data(); at < last; at += 8) {
        bits |= special_bits(at);
    }
    return (bits & 0x8080808080808080) == 0;
}

void append_integer(std::string& out, std::int64_t value);

/// Writes one JSON object into a string, member by member. Text members that are empty can be left
/// out in one word: the API never sends null and hardly ever "".
class JsonObject {
public:
    explicit JsonObject(std::string& out) : out_{out} { out_ += '{'; }

    /// Begins a member and hands out the string to append its value to.
    std::string& member(std::string_view name) {
        if (!first_) {
            out_ += ',';
        }
        first_ = false;
        out_ += '"';
        out_ += name;  // ours, never needs escapes
        out_ += "\":";
        return out_;
    }
    void text(std::string_view name, std::string_view value) {
        append_json_string(member(name), value);
    }
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text(name, value);
        }
    }
    void integer(std::string_view name, std::int64_t value) { append_integer(member(name), value); }
    void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
    void end() { out_ += '}'; }

private:
    std::string& out_;
    bool first_{true};
};

}  // namespace ringback
