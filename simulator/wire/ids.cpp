#include "simulator/wire/ids.h"

#include <algorithm>
#include <cstring>

namespace ringback {
namespace {

constexpr std::string_view alphabet{"abcdefghijklmnopqrstuvwxyz234567"};

/// Ten bits as two characters.
constexpr auto pairs = [] {
    std::array<std::array<char, 2>, 1024> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = {alphabet[i >> 5U], alphabet[i & 31U]};
    }
    return all;
}();

constexpr std::size_t body_length = 23;
constexpr std::size_t head_length = 11;  // characters that hold the upper 55 of 112 bits

constexpr std::uint64_t low_bits(unsigned count) { return (std::uint64_t{1} << count) - 1; }
constexpr std::uint64_t half_mask = low_bits(56);

/// The two 56-bit halves of 14 bytes.
struct Halves {
    std::uint64_t left{};
    std::uint64_t right{};
};

constexpr std::string_view prefix_of(IdKind kind) {
    switch (kind) {
        case IdKind::call:
            return "c-";
        case IdKind::call_event:
            return "ce-";
        case IdKind::gather:
            return "gtr-";
        case IdKind::recording:
            return "rec-";
        case IdKind::transcription:
            return "tr-";
        case IdKind::user_error:
            return "ue-";
        case IdKind::user_error_detail:
            return "ued-";
        case IdKind::application:
            return "a-";
        case IdKind::message:
            return "m-";
        case IdKind::phone_number:
            return "n-";
        case IdKind::domain:
            return "rd-";
        case IdKind::endpoint:
            return "re-";
        case IdKind::transaction:
            return "pptx-";
        case IdKind::endpoint_token:
            return "";
        case IdKind::bridge:
            return "brg-";
        case IdKind::conference:
            return "conf-";
        case IdKind::conference_member:
            return "member-";
    }
    return "";
}

/// A prefix as eight bytes, of which `size` count: copied faster than what has any length.
struct Prefix {
    std::array<char, 8> chars{};
    std::uint8_t size{0};
};

/// By the values of IdKind.
constexpr auto prefixes = [] {
    std::array<Prefix, 18> all{};
    for (std::size_t kind = 1; kind < all.size(); ++kind) {
        const std::string_view text = prefix_of(static_cast<IdKind>(kind));
        std::ranges::copy(text, all[kind].chars.begin());
        all[kind].size = static_cast<std::uint8_t>(text.size());
    }
    return all;
}();

constexpr std::uint64_t user_part(std::uint64_t user_hash) { return user_hash >> 24U; }

constexpr Halves pack(IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                      std::uint32_t sub) {
    return {(user_part(user_hash) << 16U) | (std::uint64_t{static_cast<std::uint8_t>(kind)} << 8U) |
                ((sub >> 16U) & 0xffU),
            ((call_number & low_bits(40)) << 16U) | (sub & 0xffffU)};
}

/// -1 for a character that is not in the alphabet.
constexpr int digit_of(char c) {
    if (c >= 'a' && c <= 'z') {
        return c - 'a';
    }
    if (c >= '2' && c <= '7') {
        return c - '2' + 26;
    }
    return -1;
}

/// 55 bits in the first 11 characters, 57 bits and three zero bits in the other 12.
std::optional<Halves> read_base32(std::string_view text) {
    std::uint64_t head{0};
    std::uint64_t tail{0};
    for (std::size_t i = 0; i < body_length; ++i) {
        const int digit = digit_of(text[i]);
        if (digit < 0) {
            return std::nullopt;
        }
        std::uint64_t& part = i < head_length ? head : tail;
        part = (part << 5U) | static_cast<std::uint64_t>(digit);
    }
    if ((tail & 7U) != 0) {
        return std::nullopt;
    }
    return Halves{(head << 1U) | (tail >> 59U), (tail >> 3U) & half_mask};
}

}  // namespace

IdCodec::IdCodec(Seed seed) {
    std::uint64_t key = mix(static_cast<std::uint64_t>(seed) ^ hash_of("ids"));
    for (std::uint64_t& round_key : keys_) {
        key = mix(key);
        round_key = key;
    }
}

IdText IdCodec::make(IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                     std::uint32_t sub) const {
    Halves halves = pack(kind, user_hash, call_number, sub);
    for (const std::uint64_t key : keys_) {
        halves = {halves.right, (halves.left ^ mix(halves.right ^ key)) & half_mask};
    }

    const std::uint64_t head = halves.left >> 1U;
    const std::uint64_t tail = ((halves.left & 1U) << 59U) | (halves.right << 3U);
    const Prefix& prefix = prefixes[static_cast<std::size_t>(kind)];
    IdText id;
    id.size = static_cast<std::uint8_t>(prefix.size + body_length);
    std::memcpy(id.chars.data(), prefix.chars.data(), prefix.chars.size());
    char* const body = id.chars.data() + prefix.size;
    const auto put_pairs = [](char* at, std::uint64_t bits, unsigned count) {
        while (count-- > 0) {
            std::memcpy(at, pairs[(bits >> (10 * count)) & 1023U].data(), 2);
            at += 2;
        }
    };
    body[0] = alphabet[head >> 50U];
    put_pairs(body + 1, head, 5);
    put_pairs(body + head_length, tail, 6);
    return id;
}

void IdCodec::append(std::string& out, IdKind kind, std::uint64_t user_hash,
                     std::uint64_t call_number, std::uint32_t sub) const {
    out += make(kind, user_hash, call_number, sub).view();
}

std::string IdCodec::text(IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                          std::uint32_t sub) const {
    return std::string{make(kind, user_hash, call_number, sub).view()};
}

std::optional<IdCodec::Decoded> IdCodec::decode(IdKind kind, std::string_view text,
                                                std::uint64_t user_hash) const {
    const std::string_view prefix = prefix_of(kind);
    if (text.size() != prefix.size() + body_length || !text.starts_with(prefix)) {
        return std::nullopt;
    }
    auto halves = read_base32(text.substr(prefix.size()));
    if (!halves) {
        return std::nullopt;
    }
    for (std::size_t i = keys_.size(); i-- > 0;) {
        halves = {{(halves->right ^ mix(halves->left ^ keys_[i])) & half_mask, halves->left}};
    }
    const bool ours = (halves->left >> 16U) == user_part(user_hash) &&
                      ((halves->left >> 8U) & 0xffU) == static_cast<std::uint8_t>(kind);
    if (!ours) {
        return std::nullopt;
    }
    return Decoded{
        halves->right >> 16U,
        static_cast<std::uint32_t>(((halves->left & 0xffU) << 16U) | (halves->right & 0xffffU))};
}

}  // namespace ringback
