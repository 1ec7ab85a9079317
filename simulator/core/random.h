#pragma once

#include <cstdint>
#include <string_view>

namespace ringback {

/// The number a whole run is reproduced from; printed by every command that draws.
enum class Seed : std::uint64_t {};

/// One step of SplitMix64 (Steele, Lea, Flood 2014): a bijection with full avalanche, so that
/// neighbouring indices give unrelated streams.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
}

/// FNV-1a, 64 bits. Only names streams and spreads keys; never a defence against an attacker.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

/// A counter-based generator: the n-th draw of a stream is arithmetic on (stream, n). Our own
/// because the standard distributions differ between libraries, and a seed must mean the same
/// everywhere.
class Rng {
public:
    /// The stream, positioned after its first `drawn` draws.
    explicit constexpr Rng(std::uint64_t stream, std::uint64_t drawn = 0)
        : stream_{stream}, drawn_{drawn} {}

    /// Names the stream of one call: never shifted by what other calls or users do.
    [[nodiscard]] static constexpr std::uint64_t stream_of(Seed seed, std::uint64_t user_hash,
                                                           std::uint64_t call_number) {
        return mix(mix(static_cast<std::uint64_t>(seed) ^ user_hash) ^ call_number);
    }

    [[nodiscard]] constexpr std::uint64_t drawn() const { return drawn_; }

    [[nodiscard]] constexpr std::uint64_t next() { return mix(stream_ ^ mix(++drawn_)); }

    /// Uniform in 0..bound-1; bound > 0. The remainder's bias is below 2^-20 for any bound we use.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t bound) { return next() % bound; }

private:
    std::uint64_t stream_;
    std::uint64_t drawn_;
};

}  // namespace ringback
