#include "simulator/wire/json_out.h"

#include <array>
#include <charconv>

#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

void append_escape(std::string& out, char c) {
    constexpr std::string_view hex{"0123456789abcdef"};
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default: {
            const auto byte = static_cast<unsigned char>(c);
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        }
    }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t start{0};
    std::size_t i{0};
    while (i < text.size()) {
        if (is_plain_json(text[i])) {
            ++i;
            continue;
        }
        out.append(text, start, i - start);
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            append_escape(out, text[i]);
            ++i;
        } else if (const std::size_t length = utf8_sequence(text.substr(i)); length > 0) {
            out.append(text, i, length);
            i += length;
        } else {
            out += "\xef\xbf\xbd";  // U+FFFD
            ++i;
        }
        start = i;
    }
    out.append(text, start, i - start);
    out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    static_cast<void>(error);  // 24 characters hold every 64-bit number
    out.append(digits.data(), end);
}

}  // namespace ringback
