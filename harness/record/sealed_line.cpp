#include "harness/record/sealed_line.h"

#include <zlib.h>

#include <array>
#include <cstddef>

namespace ringback {
namespace {

constexpr std::string_view seal_begins{R"("crc":")"};
constexpr std::string_view entry_ends{"}}"};
constexpr std::size_t hex_digits = 8;
constexpr std::size_t sealed_tail = seal_begins.size() + hex_digits + 1 + entry_ends.size();
static_assert(sealed_tail + 2 == seal_bytes);  // with a comma and the newline

std::array<char, hex_digits> hex_of(std::uint32_t sum) {
    constexpr std::string_view digits{"0123456789abcdef"};
    std::array<char, hex_digits> text{};
    for (std::size_t i = hex_digits; i-- > 0; sum >>= 4U) {
        text.at(i) = digits[sum & 0xFU];
    }
    return text;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
    const auto* const begin =
        reinterpret_cast<const Bytef*>(bytes.data());  // NOLINT(*reinterpret*)
    return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), begin, bytes.size()));
}

void append_sealed(std::string& out, std::string_view line) {
    if (line.ends_with(entry_ends)) {
        const std::string_view body = line.substr(0, line.size() - entry_ends.size());
        const auto hex = hex_of(crc32(body));
        out += body;
        if (!body.ends_with('{')) {
            out += ',';
        }
        out += seal_begins;
        out.append(hex.data(), hex.size());
        out += '"';
        out += entry_ends;
    } else {
        out += line;
    }
    out += '\n';
}

Seal seal_of(std::string_view line) {
    if (line.size() <= sealed_tail || !line.ends_with("\"}}")) {
        return Seal::none;
    }
    const std::string_view tail = line.substr(line.size() - sealed_tail);
    if (!tail.starts_with(seal_begins)) {
        return Seal::none;
    }
    std::string_view body = line.substr(0, line.size() - sealed_tail);
    if (body.ends_with(',')) {
        body.remove_suffix(1);
    } else if (!body.ends_with('{')) {
        return Seal::none;
    }
    const auto hex = hex_of(crc32(body));
    return tail.substr(seal_begins.size(), hex_digits) == std::string_view{hex.data(), hex.size()}
               ? Seal::good
               : Seal::broken;
}

}  // namespace ringback
