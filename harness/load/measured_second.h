#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "harness/load/histogram.h"
#include "harness/load/result.h"

namespace ringback {

/// One second of a run with all that was measured in it, in microseconds.
struct MeasuredSecond {
    LoadSecond row;
    Histogram response;
    Histogram service;
    Histogram send_lag;
};

/// What the row keeps of the histograms.
void fill_quantiles(MeasuredSecond& second);

/// Puts together the seconds that the loops of one process measure, each for itself. A value.
class LoopSeconds {
public:
    explicit LoopSeconds(std::size_t loops) : loops_{loops} {}

    /// What one loop measured in the second of that row; each loop gives every second once, in
    /// order. The whole second where it was the last to do so, exactly as if there were one loop:
    /// quantiles are those of all that was measured.
    [[nodiscard]] std::optional<MeasuredSecond> take(MeasuredSecond part);

private:
    struct Open {
        MeasuredSecond sum;
        std::size_t parts{0};
    };

    std::size_t loops_;
    std::map<std::uint32_t, Open> open_;  // that some loops have told of, and not all
};

}  // namespace ringback
