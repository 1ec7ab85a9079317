#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/core/ids.h"
#include "simulator/core/random.h"

namespace ringback {

/// What a text id names. The prefix follows from it; the values are part of every id ever shown.
enum class IdKind : std::uint8_t {
    call = 1,
    call_event = 2,
    gather = 3,
    recording = 4,
    transcription = 5,
    user_error = 6,
    user_error_detail = 7,
    application = 8,
    message = 9,
    phone_number = 10,
    bridge = 11,
    conference = 12,
    conference_member = 13,
    domain = 14,
    endpoint = 15,
    transaction = 16,
    endpoint_token = 17,  // without a prefix
};

/// Of what has a life of its own.
[[nodiscard]] constexpr IdKind id_kind(Resource what) {
    switch (what) {
        case Resource::call:
            return IdKind::call;
        case Resource::message:
            return IdKind::message;
        case Resource::bridge:
            return IdKind::bridge;
        case Resource::conference:
            return IdKind::conference;
    }
    return IdKind::call;
}

/// A text id on the stack: at most a seven-letter prefix and 23 characters.
struct IdText {
    std::array<char, 32> chars{};
    std::uint8_t size{0};

    [[nodiscard]] std::string_view view() const { return {chars.data(), size}; }
};

/// Turns (user, call number, sub number; of a message or conference its own number and 0) into the
/// API's opaque ids and back, without any table.
///
/// Shape   prefix + 23 characters of a-z2-7: base32 of 14 bytes, so the last one is a, i, q or y.
///         The 14 bytes are a permutation, keyed by the seed, of 40 bits of the user's hash, 8 bits
///         kind, 40 bits call number and 24 bits sub number (a four-round Feistel network).
/// Source  spec v1 1.8. Same seed, user and numbers: the same id, in every process.
class IdCodec {
public:
    explicit IdCodec(Seed seed);

    struct Decoded {
        std::uint64_t call_number{};
        std::uint32_t sub{};
        friend bool operator==(const Decoded&, const Decoded&) = default;
    };

    /// call_number below 2^40, sub below 2^24; what is beyond is cut off.
    [[nodiscard]] IdText make(IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                              std::uint32_t sub = 0) const;
    void append(std::string& out, IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                std::uint32_t sub = 0) const;
    [[nodiscard]] std::string text(IdKind kind, std::uint64_t user_hash, std::uint64_t call_number,
                                   std::uint32_t sub = 0) const;

    /// The numbers behind `text`; none if it is not an id of this kind, user and seed.
    [[nodiscard]] std::optional<Decoded> decode(IdKind kind, std::string_view text,
                                                std::uint64_t user_hash) const;

private:
    std::array<std::uint64_t, 4> keys_{};
};

}  // namespace ringback
