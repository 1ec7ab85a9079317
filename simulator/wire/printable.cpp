#include "simulator/wire/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// In ascending order.
constexpr std::array unshown{
    Range{0x00, 0x1f},     Range{0x7f, 0x9f},      // C1 controls move cursors too
    Range{0x061c, 0x061c},                         // Arabic letter mark: a direction
    Range{0x200b, 0x200f},                         // no width; marks of direction
    Range{0x2028, 0x202e},                         // line ends; embeddings and overrides
    Range{0x2060, 0x2060}, Range{0x2066, 0x2069},  // word joiner; isolates
    Range{0xfeff, 0xfeff},                         // byte order mark
    Range{0xfffe, 0xffff},                         // no characters; XML has no place for them
};

/// Needs: well-formed UTF-8, one sequence.
char32_t code_point(std::string_view sequence) {
    constexpr std::array<unsigned, 5> lead_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t point = static_cast<unsigned char>(sequence.front()) & lead_bits.at(sequence.size());
    for (const char c : sequence.substr(1)) {
        point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return point;
}

}  // namespace

bool is_shown_as_is(std::string_view sequence) {
    const char32_t point = code_point(sequence);
    const auto range = std::ranges::lower_bound(unshown, point, {}, &Range::last);
    return range == unshown.end() || point < range->first;
}

std::string printable(std::string_view text, std::size_t most) {
    std::string out;
    while (!text.empty() && out.size() < most) {
        const std::size_t length = utf8_sequence(text);
        const std::size_t taken = std::max<std::size_t>(length, 1);
        if (length == 0 || !is_shown_as_is(text.substr(0, length))) {
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
