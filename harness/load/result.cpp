#include "harness/load/result.h"

#include <algorithm>

namespace ringback {
namespace {

constexpr int all_well = 0;
constexpr int incomplete = 1;
constexpr int invalid = 98;
constexpr int crossed = 99;
constexpr int interrupted = 130;

int status_of_run(const LoadResult& result) {
    if (!result.truth.valid()) {
        return invalid;
    }
    // What an interrupted run has left undone is the interruption's; what failed until then is not.
    const bool undone = !result.interrupted && !result.complete();
    if (result.counts.failed > 0 || result.unexpected > 0 || !result.aborted.empty() || undone) {
        return incomplete;
    }
    // Nor has one crossed a threshold of which it came to measure nothing.
    const bool over = std::ranges::any_of(result.thresholds, [&](const ThresholdResult& each) {
        return !each.held && (each.value.has_value() || !result.interrupted);
    });
    if (over) {
        return crossed;
    }
    return result.interrupted ? interrupted : all_well;
}

}  // namespace

int exit_status(const LoadResult& result) {
    if (!result.search) {
        return status_of_run(result);
    }
    switch (result.search->end) {
        case SearchEnd::found:
            return all_well;
        case SearchEnd::at_least:
            return result.search->allowed ? all_well : invalid;
        case SearchEnd::none_held:
            return status_of_run(result);
        case SearchEnd::unconfirmed:
            return incomplete;
        case SearchEnd::ended_early:
            break;
    }
    return result.interrupted ? interrupted : incomplete;
}

}  // namespace ringback
