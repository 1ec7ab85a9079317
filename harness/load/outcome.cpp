#include "harness/load/outcome.h"

#include <algorithm>
#include <chrono>

#include "harness/load/arrival_schedule.h"

namespace ringback {
namespace {

using Seconds = std::chrono::duration<double>;

/// How long calls were to start; 0 of a plan that nobody could have run.
double arrival_seconds(const LoadPlan& plan) {
    const Result<ArrivalSchedule> schedule = ArrivalSchedule::of(plan);
    return schedule ? Seconds{schedule.value().duration()}.count() : 0;
}

}  // namespace

std::string_view outcome_word(const LoadResult& result) {
    constexpr int invalid{98};
    constexpr int crossed{99};
    constexpr int interrupted{130};
    switch (exit_status(result)) {
        case 0:
            return "passed";
        case invalid:
            return "invalid";
        case crossed:
            return "threshold crossed";
        case interrupted:
            return "interrupted";
        default:
            return "failed";
    }
}

LoadRates rates_of(const LoadResult& result) {
    const double warmup = Seconds{result.plan.warmup}.count();
    const double measured = std::min(arrival_seconds(result.plan), result.duration_s) - warmup;
    LoadRates rates;
    rates.ceiling = result.truth.ceiling_rate;
    const auto per_second = [](std::uint64_t count, double seconds) {
        return seconds > 0 ? static_cast<double>(count) / seconds : 0;
    };
    rates.planned = per_second(result.counts.planned, measured);
    rates.started = per_second(result.counts.started, measured);
    rates.finished = per_second(result.counts.finished, result.duration_s - warmup);
    rates.peak = rates.planned;
    for (const LoadSecond& second : result.seconds) {
        rates.peak = std::max(rates.peak, second.planned_rate);
    }
    return rates;
}

}  // namespace ringback
