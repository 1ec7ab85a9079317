#include "harness/record/sealed_line.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace ringback {
namespace {

constexpr std::size_t at_once = 8;
constexpr std::size_t byte_values = 256;
using Table = std::array<std::array<std::uint32_t, byte_values>, at_once>;

/// tables[n][b]: what byte b does to the checksum when n more bytes follow it in the same step.
constexpr Table tables = [] {
    constexpr std::uint32_t reversed_polynomial = 0xEDB88320U;
    Table made{};
    for (std::uint32_t value = 0; value < byte_values; ++value) {
        std::uint32_t sum = value;
        for (int bit = 0; bit < 8; ++bit) {
            sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? reversed_polynomial : 0U);
        }
        made[0][value] = sum;
    }
    for (std::size_t after = 1; after < at_once; ++after) {
        for (std::size_t value = 0; value < byte_values; ++value) {
            const std::uint32_t before = made[after - 1][value];
            made[after][value] = (before >> 8U) ^ made[0][before & 0xFFU];
        }
    }
    return made;
}();
static_assert(std::endian::native == std::endian::little, "crc32() reads eight bytes as a number");

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
    std::uint32_t sum = 0xFFFFFFFFU;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= at_once; left -= at_once, at += at_once) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at, at_once);
        eight ^= sum;
        sum = 0;
        for (std::size_t byte = 0; byte < at_once; ++byte) {
            sum ^= tables[at_once - 1 - byte][(eight >> (8 * byte)) & 0xFFU];
        }
    }
    for (; left > 0; --left, ++at) {
        sum = (sum >> 8U) ^ tables[0][(sum ^ static_cast<unsigned char>(*at)) & 0xFFU];
    }
    return ~sum;
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
