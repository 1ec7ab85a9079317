#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Eight characters of a text looked at together, the first in the lowest bits: most of what comes
/// in has nothing remarkable in it, and finding that out eight times as fast is worth these lines.
namespace ringback::eight_bytes {

inline constexpr std::uint64_t each = 0x0101010101010101;

[[nodiscard]] inline std::uint64_t load(const char* text) {
    std::uint64_t bytes{};
    std::memcpy(&bytes, text, sizeof bytes);
    if constexpr (std::endian::native == std::endian::big) {
        bytes = __builtin_bswap64(bytes);
    }
    return bytes;
}

/// Marks of bytes, to be joined with `|`. The lowest mark is where the first such byte is; those
/// above it may be wrong (a borrow has gone through them).
[[nodiscard]] constexpr std::uint64_t below(std::uint64_t bytes, std::uint8_t limit) {
    return (bytes - limit * each) & ~bytes & (0x80 * each);
}
[[nodiscard]] constexpr std::uint64_t equal(std::uint64_t bytes, std::uint8_t wanted) {
    return below(bytes ^ (wanted * each), 1);
}
/// How many bytes are before the first mark; there is one.
[[nodiscard]] constexpr std::size_t before_first(std::uint64_t marks) {
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

}  // namespace ringback::eight_bytes
