#pragma once

#include <cstdint>
#include <vector>

#include "simulator/core/random.h"
#include "simulator/core/time.h"

namespace ringback {

/// How long something takes, fixed or drawn.
struct DrawnTime {
    enum class Shape : std::uint8_t { fixed, uniform, normal, lognormal, exponential, one_of };
    Shape shape{Shape::fixed};
    Duration a{};  // fixed; least; mean; median
    Duration b{};  // most; deviation
    double sigma{0};
    std::vector<Duration> choices{};

    friend bool operator==(const DrawnTime&, const DrawnTime&) = default;
};

/// Draws one; never negative, at most 10,000 h.
[[nodiscard]] Duration draw(const DrawnTime& time, Rng& rng);

}  // namespace ringback
