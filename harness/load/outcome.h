#pragma once

#include <optional>
#include <string_view>

#include "harness/load/result.h"

namespace ringback {

/// "passed", "failed", "threshold crossed", "invalid" or "interrupted": exit_status() in words.
[[nodiscard]] std::string_view outcome_word(const LoadResult& result);

/// Calls per second, over the time in which measured calls were to start.
struct LoadRates {
    double planned{0};
    double started{0};
    double finished{0};  // over the whole duration, the last ends included
    double peak{0};      // the highest that was planned of any second
    std::optional<double> ceiling{};

    /// How much of what this machine can do was asked of it, 0..1 and more; none: not calibrated.
    [[nodiscard]] std::optional<double> ceiling_share() const {
        return ceiling && *ceiling > 0 ? std::optional{peak / *ceiling} : std::nullopt;
    }
};
[[nodiscard]] LoadRates rates_of(const LoadResult& result);

}  // namespace ringback
