#include "simulator/wire/base64.h"

#include <algorithm>
#include <cstdint>

namespace ringback {
namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encoded(std::string_view bytes) {
    std::string result;
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

std::optional<std::string> base64_bytes(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
    std::string bytes;
    for (std::size_t group = 0; group < text.size(); group += 4) {
        std::uint32_t bits{0};
        for (std::size_t i = group; i < group + 4; ++i) {
            const bool is_padding = i >= text.size() - padding;
            const std::size_t value = is_padding ? 0 : digits.find(text[i]);
            if (value == std::string_view::npos) {
                return std::nullopt;
            }
            bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        }
        for (const unsigned shift : {16U, 8U, 0U}) {
            bytes += static_cast<char>(static_cast<unsigned char>(bits >> shift));
        }
    }
    bytes.erase(bytes.size() - std::min(padding, bytes.size()));
    return bytes;
}

}  // namespace ringback
