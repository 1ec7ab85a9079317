#include "harness/load/truth.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringback {
namespace {

constexpr double least_lag_us = 1000;
constexpr double share_of_response = 0.01;
constexpr double busy = 0.9;
constexpr double busy_share = 0.05;
constexpr double near_ceiling = 0.7;
constexpr double few_that_waited = 0.001;  // of calls and callbacks

const Histogram* find(const Metrics& metrics, std::string_view name) {
    const auto found = metrics.find(name);
    return found == metrics.end() || found->second.empty() ? nullptr : &found->second;
}

}  // namespace

LoadTruth truth_of(const LoadResult& result, double ceiling, std::uint64_t waited_for_room) {
    LoadTruth truth;
    const Histogram* const lag = find(result.metrics, metric::start_lag);
    const Histogram* const response = find(result.metrics, metric::response);
    if (lag != nullptr) {
        truth.start_lag_p99_us = static_cast<double>(lag->percentile(99));
        const double median =
            response == nullptr ? 0 : static_cast<double>(response->percentile(50));
        const double most = std::max(least_lag_us, share_of_response * median);
        if (truth.start_lag_p99_us > most) {
            truth.invalid.push_back(
                fmt::format("calls started late: p99 of the start lag is {:.1f} ms, at most {:.1f} "
                            "ms are allowed",
                            truth.start_lag_p99_us / 1000, most / 1000));
        }
    }
    std::size_t measured{0};
    std::size_t busy_seconds{0};
    for (const LoadSecond& second : result.seconds) {
        truth.cpu_most = std::max(truth.cpu_most, second.busiest);
        if (!second.warmup) {
            ++measured;
            busy_seconds += second.busiest > busy ? 1 : 0;
        }
    }
    if (static_cast<double>(busy_seconds) > busy_share * static_cast<double>(measured)) {
        truth.invalid.push_back(
            fmt::format("ringback itself was busy: above {:.0f} % of a core in {} of {} seconds",
                        busy * 100, busy_seconds, measured));
    }
    std::uint64_t dropped_in_time{0};
    for (const LoadStageResult& stage : result.stages) {
        dropped_in_time += stage.counts.dropped;
    }
    if (dropped_in_time > 0) {
        truth.invalid.push_back(
            fmt::format("{} calls were not started: too many were in flight (--max-in-flight)",
                        dropped_in_time));
    }
    if (waited_for_room > 0) {
        const auto all = static_cast<double>(result.counts.started + result.counts.callbacks);
        const bool is_few = static_cast<double>(waited_for_room) <= few_that_waited * all;
        (is_few ? truth.remarks : truth.invalid)
            .push_back(fmt::format(
                "{} callbacks or kicks were not sent in time: the system had no descriptor or "
                "buffer for them (ulimit -n, --connections)",
                waited_for_room));
    }
    if (ceiling > 0 && result.counts.started > 0 && result.duration_s > 0) {
        const auto things = static_cast<double>(result.counts.started + result.counts.callbacks +
                                                result.counts.requests);
        truth.ceiling_rate = ceiling * static_cast<double>(result.counts.started) / things;
        const double share = things / result.duration_s / ceiling;
        if (share > near_ceiling) {
            truth.remarks.push_back(fmt::format(
                "this was {:.0f} % of what ringback can do on this machine", share * 100));
        }
    }
    return truth;
}

}  // namespace ringback
