#include "simulator/core/drawn_time.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "simulator/core/settings.h"

namespace ringback {
namespace {

/// As long as a duration in a file may be; a rare draw from a long tail stays below it too.
constexpr Duration longest = std::chrono::hours{10'000};

/// In (0, 1], never 0: its logarithm is asked for.
double fraction(Rng& rng) { return static_cast<double>((rng.next() >> 11U) + 1) * 0x1.0p-53; }

/// Of mean 0 and deviation 1. Box and Muller's transform; always two numbers of the stream, so
/// that what is drawn later does not depend on what was drawn here.
double standard_normal(Rng& rng) {
    const double radius = std::sqrt(-2 * std::log(fraction(rng)));
    return radius * std::cos(2 * std::numbers::pi * fraction(rng));
}

double count(Duration duration) { return static_cast<double>(duration.count()); }

/// Whole microseconds: the last bits of a logarithm are not the same everywhere.
Duration rounded(double nanoseconds) {
    const double bounded = std::clamp(nanoseconds, 0.0, count(longest));
    return std::chrono::microseconds{std::llround(bounded / 1000)};
}

}  // namespace

Duration draw(const DrawnTime& time, Rng& rng) {
    switch (time.shape) {
        case DrawnTime::Shape::fixed:
            return std::max(time.a, Duration{0});
        case DrawnTime::Shape::uniform:
            return std::max(DelayRange{time.a, time.b}.draw(rng), Duration{0});
        case DrawnTime::Shape::normal:
            return rounded(count(time.a) + count(time.b) * standard_normal(rng));
        case DrawnTime::Shape::lognormal:
            return rounded(count(time.a) * std::exp(time.sigma * standard_normal(rng)));
        case DrawnTime::Shape::exponential:
            return rounded(-count(time.a) * std::log(fraction(rng)));
        case DrawnTime::Shape::one_of:
            return time.choices.empty()
                       ? Duration{0}
                       : std::max(time.choices[rng.below(time.choices.size())], Duration{0});
    }
    return Duration{0};
}

}  // namespace ringback
