#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "simulator/core/random.h"

namespace ringback::test {

/// The seeds 1..n, or only $RINGBACK_SEED to replay one that failed.
inline std::vector<Seed> seeds(std::uint64_t n) {
    if (const char* one = std::getenv("RINGBACK_SEED"); one != nullptr) {
        return {Seed{std::stoull(one)}};
    }
    std::vector<Seed> all;
    for (std::uint64_t seed = 1; seed <= n; ++seed) {
        all.push_back(Seed{seed});
    }
    return all;
}

/// One seed is replayed, which need not have met everything that many together have.
inline bool is_replay() { return std::getenv("RINGBACK_SEED") != nullptr; }

/// $RINGBACK_SEED, so that a failure can be had again; else the usual one.
inline std::uint64_t chosen_seed() {
    const char* const given = std::getenv("RINGBACK_SEED");
    return given != nullptr ? std::stoull(given) : 1;
}

inline std::uint64_t number_of(Seed seed) { return static_cast<std::uint64_t>(seed); }

}  // namespace ringback::test
