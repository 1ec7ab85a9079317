// HdrHistogram's V2 encoding: big-endian figures, then the counts by slot as zig-zag LEB128 of at
// most nine bytes, a run of n empty slots as -n; deflated behind a head of two figures; base64.
#include <fmt/format.h>
#include <zlib.h>

#include <bit>
#include <optional>

#include "harness/load/histogram.h"
#include "simulator/wire/base64.h"

namespace ringback {
namespace {

// The low half byte of a cookie that is left out says how wide a count is; 1: LEB128.
constexpr std::uint32_t plain_cookie = 0x1c849313;
constexpr std::uint32_t deflated_cookie = 0x1c849314;
constexpr std::size_t plain_head = 40;
constexpr std::size_t deflated_head = 8;
constexpr std::size_t leb_most = 9;  // bytes of a number
constexpr std::uint64_t digits = 3;
constexpr std::uint64_t lowest = 1;
constexpr auto one = std::bit_cast<std::uint64_t>(1.0);

void put_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
    for (unsigned left = bytes; left > 0; --left) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * (left - 1))));
    }
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) {
        value = value << 8U | static_cast<unsigned char>(c);
    }
    return value;
}

void put_number(std::string& out, std::int64_t number) {
    std::uint64_t rest =
        (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63U);
    for (std::size_t at = 1; at < leb_most && rest > 0x7f; ++at) {
        out += static_cast<char>(static_cast<unsigned char>((rest & 0x7f) | 0x80));
        rest >>= 7U;
    }
    out += static_cast<char>(static_cast<unsigned char>(rest));
}

/// Takes a number off the front; none when it is cut off.
std::optional<std::int64_t> take_number(std::string_view& rest) {
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < leb_most; ++at) {
        if (at == rest.size()) {
            return std::nullopt;
        }
        const auto byte = static_cast<unsigned char>(rest[at]);
        const bool last = byte < 0x80 || at == leb_most - 1;
        value |= std::uint64_t{at == leb_most - 1 ? byte : byte & 0x7fU} << (7 * at);
        if (last) {
            rest.remove_prefix(at + 1);
            return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
        }
    }
    return std::nullopt;
}

std::string deflated(const std::string& bytes) {
    uLongf size = compressBound(bytes.size());
    std::string out(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(out.data()), &size,   // NOLINT(*reinterpret*)
                 reinterpret_cast<const Bytef*>(bytes.data()),  // NOLINT(*reinterpret*)
                 bytes.size()) != Z_OK) {
        bug("deflating into a buffer of compressBound() failed");
    }
    out.resize(size);
    return out;
}

/// At most `most` bytes; none when it is no whole deflate stream, or more comes out.
std::optional<std::string> inflated(std::string_view bytes, std::size_t most) {
    std::string out(most, '\0');
    uLongf size = out.size();
    uLong used = bytes.size();
    if (uncompress2(reinterpret_cast<Bytef*>(out.data()), &size,   // NOLINT(*reinterpret*)
                    reinterpret_cast<const Bytef*>(bytes.data()),  // NOLINT(*reinterpret*)
                    &used) != Z_OK ||
        used != bytes.size()) {
        return std::nullopt;
    }
    out.resize(size);
    return out;
}

Error unreadable(std::string what) { return Error{"", std::move(what)}; }

/// The 40 bytes before the counts; what is wrong with them.
std::optional<Error> head_mistake(std::string_view plain) {
    if (plain.size() < plain_head) {
        return unreadable("expected a histogram, found it cut off in its head");
    }
    if (const auto cookie = big_endian(plain.substr(0, 4)); cookie != plain_cookie) {
        return unreadable(
            fmt::format("expected a histogram in the V2 encoding (0x{:08x}), found 0x{:08x}",
                        plain_cookie, cookie));
    }
    if (const auto length = big_endian(plain.substr(4, 4)); length != plain.size() - plain_head) {
        return unreadable(fmt::format("expected {} bytes of counts, found {}", length,
                                      plain.size() - plain_head));
    }
    if (const auto found = big_endian(plain.substr(12, 4)); found != digits) {
        return unreadable(fmt::format("expected {} significant digits, found {}", digits, found));
    }
    if (const auto found = big_endian(plain.substr(16, 8)); found != lowest) {
        return unreadable(fmt::format("expected {} as the lowest value, found {}", lowest, found));
    }
    // By how many slots the counts are shifted and what a value is to be multiplied with: floating
    // point histograms use both. hdr-histogram-js (3.0.1) has none and writes whole ones instead.
    const auto shift = big_endian(plain.substr(8, 4));
    const auto ratio = big_endian(plain.substr(32, 8));
    if (!(shift == 0 && ratio == one) && !(shift == 1 && ratio == 1)) {
        return unreadable(
            fmt::format("expected a histogram of whole numbers, found one shifted by {} slots, "
                        "with a ratio of {}",
                        static_cast<std::int32_t>(shift), std::bit_cast<double>(ratio)));
    }
    return std::nullopt;
}

}  // namespace

std::string Histogram::encoded() const {
    std::string counts;
    std::int64_t empty_slots = 0;
    const auto put_empty = [&] {
        if (empty_slots != 0) {
            put_number(counts, empty_slots == 1 ? 0 : -empty_slots);
            empty_slots = 0;
        }
    };
    for (const std::uint64_t count : counts_) {
        if (count == 0) {
            ++empty_slots;
            continue;
        }
        put_empty();
        put_number(counts, static_cast<std::int64_t>(count));
    }

    std::string plain;
    put_big_endian(plain, plain_cookie, 4);
    put_big_endian(plain, counts.size(), 4);
    put_big_endian(plain, 0, 4);
    put_big_endian(plain, digits, 4);
    put_big_endian(plain, lowest, 8);
    put_big_endian(plain, largest, 8);
    put_big_endian(plain, one, 8);
    plain += counts;

    const std::string packed = deflated(plain);
    std::string whole;
    put_big_endian(whole, deflated_cookie, 4);
    put_big_endian(whole, packed.size(), 4);
    return base64_encoded(whole + packed);
}

Result<Histogram> Histogram::decoded(std::string_view text) {
    // No histogram of ours is longer: every slot up to the largest value with nine bytes.
    constexpr std::size_t slots = std::size_t{23} << 10U;
    constexpr std::size_t plain_most = plain_head + slots * leb_most;
    if (text.size() > plain_most * 2) {
        return unreadable(fmt::format("expected a histogram of at most {} characters, found {}",
                                      plain_most * 2, text.size()));
    }
    const auto whole = base64_bytes(text);
    if (text.empty() || !whole) {
        return unreadable("expected a histogram in base64, found other characters, or it cut off");
    }
    if (whole->size() < deflated_head) {
        return unreadable("expected a histogram, found it cut off in its head");
    }
    const std::string_view view{*whole};
    if (const auto cookie = big_endian(view.substr(0, 4)); cookie != deflated_cookie) {
        return unreadable(fmt::format(
            "expected a histogram in the deflated V2 encoding (0x{:08x}), found 0x{:08x}",
            deflated_cookie, cookie));
    }
    const std::string_view packed = view.substr(deflated_head);
    if (const auto length = big_endian(view.substr(4, 4)); length != packed.size()) {
        return unreadable(
            fmt::format("expected {} deflated bytes, found {}", length, packed.size()));
    }
    const auto plain = inflated(packed, plain_most);
    if (!plain) {
        return unreadable("expected a histogram, found what does not inflate to one");
    }
    if (const auto mistake = head_mistake(*plain)) {
        return *mistake;
    }
    return from_counts(std::string_view{*plain}.substr(plain_head));
}

Result<Histogram> Histogram::from_counts(std::string_view bytes) {
    const std::size_t slots = index_of(largest) + 1;
    Histogram histogram;
    std::size_t at = 0;
    while (!bytes.empty()) {
        const auto number = take_number(bytes);
        if (!number) {
            return unreadable("expected a count, found it cut off");
        }
        if (*number <= 0) {  // negated, so that the least of all does not overflow
            const std::uint64_t run = *number == 0 ? 1 : -static_cast<std::uint64_t>(*number);
            at += static_cast<std::size_t>(std::min<std::uint64_t>(run, slots + 1));
            continue;
        }
        if (at >= slots) {
            return unreadable(fmt::format("expected no value above {}, found one", largest));
        }
        const auto count = static_cast<std::uint64_t>(*number);
        if (count > most - histogram.total_) {
            return unreadable(fmt::format("expected at most {} values, found more", most));
        }
        histogram.record(lowest_of(at++), count);
    }
    return histogram;
}

}  // namespace ringback
