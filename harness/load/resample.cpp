#include "harness/load/resample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "harness/load/threshold.h"

namespace ringback {
namespace {

constexpr std::uint64_t beside_percentile = 5;  // values that must lie on each side of it
constexpr std::uint64_t below_mean = 10;        // values that a mean needs

/// In (0, 1], never 0: its logarithm is asked for.
double fraction(Rng& rng) { return static_cast<double>((rng.next() >> 11U) + 1) * 0x1.0p-53; }

/// The buckets of a histogram, and how many values are in those up to each.
struct Ranks {
    std::vector<double> values;
    std::vector<double> up_to;

    explicit Ranks(const Histogram& histogram) {
        double sum = 0;
        histogram.each([&](std::uint64_t value, std::uint64_t count) {
            sum += static_cast<double>(count);
            values.push_back(static_cast<double>(value));
            up_to.push_back(sum);
        });
    }

    [[nodiscard]] double at_share(double share) const {
        const auto rank = std::ranges::lower_bound(up_to, share * up_to.back());
        const auto index = static_cast<std::size_t>(rank - up_to.begin());
        return values[std::min(index, values.size() - 1)];
    }
};

std::variant<Resample, std::string> percentile_of(const Histogram& histogram, double percent) {
    const std::uint64_t count = histogram.count();
    const auto n = static_cast<double>(count);
    const double rank = std::clamp(std::ceil(percent / 100 * n), 1.0, std::max(n, 1.0));
    const auto below = static_cast<std::uint64_t>(rank) - 1;
    if (count < 1 + below + beside_percentile || below < beside_percentile) {
        return fmt::format("{} values are too few for p({})", count, percent);
    }
    return [ranks = Ranks{histogram}, rank, n](Rng& rng) {
        return ranks.at_share(draw_beta(rng, rank, n - rank + 1));
    };
}

std::variant<Resample, std::string> mean_of(const Histogram& histogram) {
    if (histogram.count() < below_mean) {
        return fmt::format("{} values are too few for avg", histogram.count());
    }
    std::vector<std::pair<double, double>> buckets;
    histogram.each([&](std::uint64_t value, std::uint64_t count) {
        buckets.emplace_back(static_cast<double>(value), static_cast<double>(count));
    });
    return [buckets = std::move(buckets), mean = histogram.mean()](Rng& rng) {
        double sum = 0;
        double count = 0;
        for (const auto& [value, times] : buckets) {
            const double drawn = draw_poisson(rng, times);
            sum += drawn * value;
            count += drawn;
        }
        return count > 0 ? sum / count : mean;
    };
}

}  // namespace

double draw_normal(Rng& rng) {
    const double radius = std::sqrt(-2 * std::log(fraction(rng)));
    return radius * std::cos(2 * std::numbers::pi * fraction(rng));
}

// Marsaglia and Tsang 2000, A simple method for generating gamma variables.
double draw_gamma(Rng& rng, double shape) {
    if (shape < 1) {
        const double whole = draw_gamma(rng, shape + 1);
        return whole * std::pow(fraction(rng), 1 / shape);
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    for (;;) {
        const double x = draw_normal(rng);
        const double v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(fraction(rng)) < x * x / 2 + d - d * v + d * std::log(v)) {
            return d * v;
        }
    }
}

double draw_beta(Rng& rng, double a, double b) {
    const double x = draw_gamma(rng, a);
    const double y = draw_gamma(rng, b);
    return x / (x + y);
}

double draw_poisson(Rng& rng, double mean) {
    if (mean > 100) {  // as good as normal: the skew is below 0.1
        return std::max(0.0, std::round(mean + std::sqrt(mean) * draw_normal(rng)));
    }
    // Knuth's: as many factors as stay above exp(-mean).
    const double limit = std::exp(-mean);
    double product = fraction(rng);
    double count = 0;
    while (product > limit) {
        product *= fraction(rng);
        ++count;
    }
    return count;
}

std::variant<Resample, std::string> resample_of(const Measure& measure, const LoadResult& result) {
    if (is_counted(measure.metric)) {
        const Counted share = counted(measure.metric, result.counts);
        if (share.of == 0 || share.count > share.of) {
            return std::string{"nothing was measured"};
        }
        const double hits = static_cast<double>(share.count) + 0.5;
        const double misses = static_cast<double>(share.of - share.count) + 0.5;
        return [hits, misses](Rng& rng) { return draw_beta(rng, hits, misses); };
    }
    const Histogram& histogram = histogram_of(measure, result);
    if (histogram.empty()) {
        return std::string{"nothing was measured"};
    }
    return measure.aggregate == Aggregate::avg
               ? mean_of(histogram)
               : percentile_of(histogram,
                               measure.aggregate == Aggregate::med ? 50 : measure.percent);
}

}  // namespace ringback
