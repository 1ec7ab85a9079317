#include "simulator/wire/printable.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/wire/utf8.h"

namespace ringback {
std::string printable(std::string_view text, std::size_t most) {
    std::string out;
    while (!text.empty() && out.size() < most) {
        const std::size_t length = utf8_sequence(text);
        const auto byte = static_cast<unsigned char>(text.front());
        // C1 controls (U+0080..U+009F) move cursors too.
        const bool control =
            length == 1 ? byte < 0x20 || byte == 0x7f
                        : length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
        const std::size_t taken = std::max<std::size_t>(length, 1);
        // U+FFFE and U+FFFF are no characters; XML has no place for them.
        const bool none = text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf");
        if (length == 0 || control || none) {
            for (const char c : text.substr(0, taken)) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            }
        } else {
            out += text.substr(0, taken);
        }
        text.remove_prefix(taken);
    }
    if (!text.empty()) {
        out += "...";
    }
    return out;
}

}  // namespace ringback
