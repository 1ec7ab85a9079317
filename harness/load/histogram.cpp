#include "harness/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace ringback {
namespace {

// HdrHistogram's layout for 3 digits from 1: values below 2048 have a slot each, then every
// doubling has 1024 slots, each twice as wide as those before.
constexpr unsigned half_bits = 10;
constexpr std::uint64_t half = std::uint64_t{1} << half_bits;

struct Slot {
    std::uint64_t lowest;
    std::uint64_t width;
};

Slot slot_of(std::size_t index) {
    const std::uint64_t block = index >> half_bits;
    if (block == 0) {
        return {index, 1};
    }
    const std::uint64_t doublings = block - 1;
    return {((index & (half - 1)) + half) << doublings, std::uint64_t{1} << doublings};
}

}  // namespace

std::size_t Histogram::index_of(std::uint64_t value) {
    const auto doublings =
        static_cast<unsigned>(std::bit_width(value | (half * 2 - 1))) - (half_bits + 1);
    return (std::size_t{doublings} << half_bits) + (value >> doublings);
}

std::uint64_t Histogram::lowest_of(std::size_t index) { return slot_of(index).lowest; }

std::uint64_t Histogram::highest_of(std::size_t index) {
    const Slot slot = slot_of(index);
    return slot.lowest + slot.width - 1;
}

void Histogram::record(std::uint64_t value, std::uint64_t count) {
    if (count == 0) {
        return;  // two histograms are equal when the same came, so nothing may grow for nothing
    }
    const std::size_t index = index_of(std::min(value, largest));
    if (index >= counts_.size()) {
        counts_.resize(index + 1);
    }
    counts_[index] += count;
    total_ += count;
}

void Histogram::merge(const Histogram& other) {
    if (counts_.size() < other.counts_.size()) {
        counts_.resize(other.counts_.size());
    }
    for (std::size_t at = 0; at < other.counts_.size(); ++at) {
        counts_[at] += other.counts_[at];
    }
    total_ += other.total_;
}

void Histogram::clear() {
    counts_.clear();
    total_ = 0;
}

std::uint64_t Histogram::min() const {
    const auto first = std::ranges::find_if(counts_, [](std::uint64_t n) { return n != 0; });
    return first == counts_.end() ? 0
                                  : lowest_of(static_cast<std::size_t>(first - counts_.begin()));
}

std::uint64_t Histogram::max() const {
    return counts_.empty() ? 0 : highest_of(counts_.size() - 1);
}

double Histogram::mean() const {
    if (empty()) {
        return 0;
    }
    double sum = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        if (counts_[at] != 0) {
            const Slot slot = slot_of(at);
            const std::uint64_t middle = slot.lowest + slot.width / 2;
            sum += static_cast<double>(middle) * static_cast<double>(counts_[at]);
        }
    }
    return sum / static_cast<double>(total_);
}

std::uint64_t Histogram::percentile(double percent) const {
    if (empty()) {
        return 0;
    }
    if (percent <= 0) {
        return min();
    }
    // One step down, as HdrHistogram does: 99.9 % of 1000 is 999, and what doubles make of it, a
    // hair more, would round up to the next.
    const double share =
        std::min(std::nextafter(percent, -std::numeric_limits<double>::infinity()), 100.0);
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_) / 100.0)));
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < counts_.size(); ++at) {
        seen += counts_[at];
        if (seen >= wanted) {
            return highest_of(at);
        }
    }
    return max();
}

std::uint64_t Histogram::count_up_to(std::uint64_t value) const {
    const std::size_t end = std::min(counts_.size(), index_of(std::min(value, largest)) + 1);
    std::uint64_t sum = 0;
    for (std::size_t at = 0; at < end; ++at) {
        sum += counts_[at];
    }
    return sum;
}

}  // namespace ringback
