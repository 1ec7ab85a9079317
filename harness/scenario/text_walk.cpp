#include "harness/scenario/text_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

constexpr std::string_view byte_order_mark{"\xef\xbb\xbf"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
    return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-' || c == '+';
}
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// How long the escape at the start of `rest` is; 0 when there is no such escape.
std::size_t escape_length(std::string_view rest) {
    if (rest.size() < 2) {
        return 0;
    }
    if (rest[1] != 'u') {
        return std::string_view{"\"\\/bfnrt"}.find(rest[1]) == std::string_view::npos ? 0 : 2;
    }
    const std::string_view digits = rest.substr(2, 4);
    return digits.size() == 4 && std::ranges::all_of(digits, is_hex) ? 6 : 0;
}

}  // namespace

TextWalk::TextWalk(std::string_view text)
    : text_{text}, at_{text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0} {}

void TextWalk::step(std::size_t bytes) {
    for (; bytes > 0 && !at_end(); --bytes, ++at_) {
        const char c = text_[at_];
        if (c == '\n') {
            ++place_.line;
            place_.column = 1;
        } else if (at_ + 1 == text_.size() ||
                   (static_cast<unsigned char>(text_[at_ + 1]) & 0xc0U) != 0x80U) {
            ++place_.column;  // the last byte of a character
        }
    }
}

bool TextWalk::skip_comment() {
    const std::string_view here_on = rest();
    if (here_on.starts_with("//")) {
        step(std::min(here_on.find_first_of("\r\n"), here_on.size()));
        return true;
    }
    if (const auto end = here_on.find("*/", 2);
        here_on.starts_with("/*") && end != std::string_view::npos) {
        step(end + 2);
        return true;
    }
    return false;
}

void TextWalk::skip_blank() {
    while (is_blank(here()) || (here() == '/' && skip_comment())) {
        if (is_blank(here())) {
            step();
        }
    }
}

void TextWalk::skip_to_token() {
    skip_blank();
    if (here() == ',' || here() == ':') {
        step();
        skip_blank();
    }
}

void TextWalk::skip_token() {
    if (here() == '"') {
        skip_text();
    } else if (here() == '-' || is_digit(here())) {
        skip_number();
    } else if (is_letter(here())) {
        while (is_letter(here())) {
            step();
        }
    } else {
        step();
    }
}

void TextWalk::skip_text() {
    step();
    while (!at_end() && here() != '"') {
        step(here() == '\\' ? 2 : 1);
    }
    step();
}

void TextWalk::skip_digits() {
    while (is_digit(here())) {
        step();
    }
}

void TextWalk::skip_number() {
    if (here() == '-') {
        step();
    }
    if (here() == '0') {
        step();
    } else {
        skip_digits();
    }
    if (here() == '.') {
        step();
        skip_digits();
    }
    if (here() == 'e' || here() == 'E') {
        step();
        if (here() == '+' || here() == '-') {
            step();
        }
        skip_digits();
    }
}

std::string TextWalk::found() const {
    if (at_end()) {
        return "the end of the file";
    }
    const char c = here();
    if (c == '"') {
        return "a text";
    }
    if (is_word(c)) {
        constexpr std::size_t most = 12;
        const auto here_on = rest();
        const auto* const end = std::ranges::find_if_not(here_on, is_word);
        const auto length = static_cast<std::size_t>(end - here_on.begin());
        return fmt::format("\"{}{}\"", here_on.substr(0, std::min(length, most)),
                           length > most ? "..." : "");
    }
    if (c > ' ' && c <= '~') {
        return fmt::format("\"{}\"", c);
    }
    return static_cast<unsigned char>(c) < 0x80
               ? fmt::format("U+{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)))
               : "a character outside of any text";
}

std::string TextWalk::find_fault_in_text() {
    const TextWalk start = *this;
    step();
    while (!at_end() && here() != '"') {
        const char c = here();
        if (c == '\n' || c == '\r') {
            *this = start;
            return "expected the text that begins here to end on its line (a line break is "
                   "written \\n)";
        }
        if (static_cast<unsigned char>(c) < 0x20) {
            return fmt::format(
                "expected no control character in a text, found U+{0:04X} (it is "
                "written \\u{0:04x})",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
        const std::size_t length = c == '\\' ? escape_length(rest()) : 1;
        if (length == 0) {
            return R"(expected an escape as JSON has it, such as \" \\ \n or \u00e9)";
        }
        step(length);
    }
    const bool ends = !at_end();
    *this = start;
    return ends ? "" : "expected the text that begins here to end, found the end of the file";
}

}  // namespace ringback
