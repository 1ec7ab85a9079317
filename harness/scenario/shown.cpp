#include "harness/scenario/shown.h"

#include <fmt/format.h>

#include "simulator/wire/redaction.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

char32_t code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(sequence[i]));
    };
    constexpr char32_t rest = 0x3f;
    switch (sequence.size()) {
        case 1:
            return byte(0);
        case 2:
            return ((byte(0) & 0x1fU) << 6U) | (byte(1) & rest);
        case 3:
            return ((byte(0) & 0x0fU) << 12U) | ((byte(1) & rest) << 6U) | (byte(2) & rest);
        default:
            return ((byte(0) & 0x07U) << 18U) | ((byte(1) & rest) << 12U) |
                   ((byte(2) & rest) << 6U) | (byte(3) & rest);
    }
}

/// Controls (C0, DEL, C1), what has no width, what breaks lines and what turns the writing around.
bool must_be_escaped(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

std::string escape(char32_t c) {
    switch (c) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            return fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
}

std::string as_json(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string shown_text(std::string_view text, std::size_t most) {
    std::string out;
    std::size_t count{0};
    while (!text.empty()) {
        if (count++ == most) {
            return out + "…";
        }
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            out += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view sequence = text.substr(0, length);
        const char32_t c = code_point(sequence);
        if (must_be_escaped(c)) {
            out += escape(c);
        } else {
            out += sequence;
        }
        text.remove_prefix(length);
    }
    return out;
}

std::string shown(const nlohmann::json& value, std::size_t most) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) {
        return shown_text(redacted(as_json(value)), most);
    }
    if (utf8_length(*text) <= most) {
        return shown_text(as_json(redacted(*text)), most);
    }
    // Only what can be seen is looked at, however long it is.
    std::string quoted = as_json(redacted(utf8_crop(*text, most), true));
    quoted.pop_back();
    std::string seen = shown_text(quoted, most);
    return seen.ends_with("…") ? seen : seen + "…";  // without a password it may be short
}

std::string text_of(const nlohmann::json& value) {
    if (const auto* text = value.get_ptr<const std::string*>(); text != nullptr) {
        return *text;
    }
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ringback
