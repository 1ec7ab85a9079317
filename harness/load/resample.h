#pragma once

// Inside of compare(): draws of what a run might have come to. Not for use elsewhere.

#include <functional>
#include <string>
#include <variant>

#include "harness/load/result.h"
#include "harness/scenario/threshold_text.h"
#include "simulator/core/random.h"

namespace ringback {

/// What a figure comes to in a run drawn anew. Keeps nothing of the result.
using Resample = std::function<double(Rng&)>;

/// The draws of a figure, or why there are none.
[[nodiscard]] std::variant<Resample, std::string> resample_of(const Measure& measure,
                                                              const LoadResult& result);

/// As independent draws of a stream; ours, because the standard's differ between libraries.
[[nodiscard]] double draw_normal(Rng& rng);
[[nodiscard]] double draw_gamma(Rng& rng, double shape);       // of scale 1; shape > 0
[[nodiscard]] double draw_beta(Rng& rng, double a, double b);  // a, b > 0
[[nodiscard]] double draw_poisson(Rng& rng, double mean);

}  // namespace ringback
