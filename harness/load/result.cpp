#include "harness/load/result.h"

#include <algorithm>

namespace ringback {

int exit_status(const LoadResult& result) {
    constexpr int failed{1};
    constexpr int invalid{98};
    constexpr int crossed{99};
    constexpr int interrupted{130};
    if (!result.truth.valid()) {
        return invalid;
    }
    // Who interrupts a run knows that not all of it was done.
    if (result.counts.failed > 0 || !result.aborted.empty() ||
        (!result.interrupted && !result.complete())) {
        return failed;
    }
    if (!std::ranges::all_of(result.thresholds, &ThresholdResult::held)) {
        return crossed;
    }
    return result.interrupted ? interrupted : 0;
}

}  // namespace ringback
