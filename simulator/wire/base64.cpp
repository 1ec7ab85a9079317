#include "simulator/wire/base64.h"

#include <array>
#include <cstdint>

namespace ringback {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a character stands for; -1: it is none.
constexpr auto values = [] {
    std::array<std::int8_t, 256> all{};
    all.fill(-1);
    for (std::size_t value = 0; value < digits.size(); ++value) {
        all.at(static_cast<unsigned char>(digits[value])) = static_cast<std::int8_t>(value);
    }
    return all;
}();

}  // namespace

std::string base64_encoded(std::string_view bytes) {
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t k) -> std::uint32_t {
            return i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U;
        };
        const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
        for (unsigned k = 0; k < 4; ++k) {
            const bool padding = k > bytes.size() - i;
            result += padding ? '=' : digits[(group >> (18U - 6U * k)) & 63U];
        }
    }
    return result;
}

/// On the way of every request with credentials: no search for a character, one check a group.
std::optional<std::string> base64_bytes(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
    const std::size_t before_padding = text.size() - padding;
    std::string bytes(text.size() / 4 * 3, '\0');
    char* to = bytes.data();
    for (std::size_t group = 0; group < text.size(); group += 4) {
        std::uint32_t bits{0};
        int wrong{0};
        for (std::size_t i = group; i < group + 4; ++i) {
            const int value = i < before_padding ? values[static_cast<unsigned char>(text[i])] : 0;
            wrong |= value;
            bits = (bits << 6U) | (static_cast<std::uint32_t>(value) & 63U);
        }
        if (wrong < 0) {
            return std::nullopt;
        }
        for (const unsigned shift : {16U, 8U, 0U}) {
            *to++ = static_cast<char>(static_cast<unsigned char>(bits >> shift));
        }
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

}  // namespace ringback
