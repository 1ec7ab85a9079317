#include "harness/locust/locust_stats.h"

#include <algorithm>
#include <array>

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::int64_t second_of(LocustTime at) {
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

/// To the nearest multiple, halves to the even one; in whole nanoseconds, so that a half is a half.
std::int64_t rounded(std::int64_t value, std::int64_t step) {
    const std::int64_t steps = value / step;
    const std::int64_t twice_rest = 2 * (value % step);
    const bool up = twice_rest > step || (twice_rest == step && steps % 2 != 0);
    return steps + (up ? 1 : 0);
}

template <class Counts>
void add_all(Counts& to, const Counts& from) {
    for (const auto& [key, count] : from) {
        to[key] += count;
    }
}

}  // namespace

std::int64_t locust_rounded_ms(nanoseconds response) {
    struct Grid {
        milliseconds below;
        milliseconds step;
    };
    constexpr std::array grids{
        Grid{milliseconds{100}, milliseconds{1}},
        Grid{milliseconds{1000}, milliseconds{10}},
        Grid{milliseconds{10'000}, milliseconds{100}},
    };
    response = std::max(response, nanoseconds{0});
    milliseconds step{1000};
    for (const Grid& grid : grids) {
        if (response < grid.below) {
            step = grid.step;
            break;
        }
    }
    return rounded(response.count(), nanoseconds{step}.count()) * step.count();
}

void LocustRow::add(const LocustSample& sample) {
    ++requests;
    ++requests_by_second[second_of(sample.at)];
    last = last ? std::max(*last, sample.at) : sample.at;
    bytes += sample.bytes;
    if (sample.response) {
        const double ms = std::chrono::duration<double, std::milli>{*sample.response}.count();
        total_ms += ms;
        max_ms = std::max(max_ms, ms);
        min_ms = min_ms ? std::min(*min_ms, ms) : ms;
        ++response_times[locust_rounded_ms(*sample.response)];
    } else {
        ++without_time;
    }
    if (!sample.error.empty()) {
        ++failures;
        ++failures_by_second[second_of(sample.at)];
    }
}

void LocustRow::merge(const LocustRow& other) {
    requests += other.requests;
    without_time += other.without_time;
    failures += other.failures;
    total_ms += other.total_ms;
    max_ms = std::max(max_ms, other.max_ms);
    if (other.min_ms) {
        min_ms = min_ms ? std::min(*min_ms, *other.min_ms) : other.min_ms;
    }
    bytes += other.bytes;
    if (other.last) {
        last = last ? std::max(*last, *other.last) : other.last;
    }
    add_all(response_times, other.response_times);
    add_all(requests_by_second, other.requests_by_second);
    add_all(failures_by_second, other.failures_by_second);
}

void LocustStats::add(const LocustSample& sample) {
    const RowKey key{sample.method, sample.name};
    rows_[key].add(sample);
    total_.add(sample);
    if (!sample.error.empty()) {
        ++errors_[{key, std::string{sample.error}}];
    }
}

void LocustStats::merge(const LocustStats& other) {
    since_ = std::min(since_, other.since_);
    for (const auto& [key, row] : other.rows_) {
        rows_[key].merge(row);
    }
    total_.merge(other.total_);
    add_all(errors_, other.errors_);
    exceptions_.insert(exceptions_.end(), other.exceptions_.begin(), other.exceptions_.end());
}

}  // namespace ringback
