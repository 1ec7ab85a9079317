// What tests/e2e/node/hdr_log.test.js compares with the npm package hdr-histogram-js.
//   histogram_peer log SEED   a log of three seconds of two metrics, drawn from the seed
//   histogram_peer figures    for each line of the input, a tag and a histogram: its figures as
//   JSON
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/load/hdr_log.h"
#include "simulator/core/random.h"

namespace ringback {
namespace {

using std::chrono::seconds;

/// All magnitudes alike; now and then nothing, or one value many times.
Histogram drawn(Rng& rng) {
    Histogram histogram;
    for (std::uint64_t left = rng.below(2000); left > 0; --left) {
        const std::uint64_t top = std::uint64_t{1} << rng.below(32);
        histogram.record(std::min(Histogram::largest, top + rng.below(top)));
    }
    histogram.record(rng.below(100'000), std::uint64_t{1} << rng.below(40));
    return histogram;
}

void write_log(Seed seed) {
    Rng rng{Rng::stream_of(seed, hash_of("log"), 0)};
    std::cout << hdr_log_head(Instant{seconds{1'767'603'600}});
    for (int second = 0; second < 3; ++second) {
        for (const char* metric : {"response", "reaction.greet, the 2nd"}) {
            std::cout << hdr_log_line(metric, seconds{second}, seconds{1}, drawn(rng));
        }
    }
    std::cout << hdr_log_line("response", seconds{3}, seconds{1}, Histogram{});
}

nlohmann::json figures(const Histogram& histogram) {
    nlohmann::json told{{"count", histogram.count()},
                        {"min", histogram.min()},
                        {"max", histogram.max()},
                        {"mean", histogram.mean()}};
    for (const double percent : {0.0, 1.0, 50.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
        told["percentiles"].push_back({percent, histogram.percentile(percent)});
    }
    return told;
}

int tell_figures() {
    std::string tag;
    std::string text;
    while (std::cin >> tag >> text) {
        const auto histogram = Histogram::decoded(text);
        if (!histogram) {
            std::cerr << tag << ": " << histogram.error().what << '\n';
            return 1;
        }
        nlohmann::json told = figures(histogram.value());
        told["tag"] = tag;
        std::cout << told.dump() << '\n';
    }
    return 0;
}

}  // namespace
}  // namespace ringback

int main(int count, char** words) try {
    const std::string what = count > 1 ? words[1] : "";
    if (what == "log" && count == 3) {
        ringback::write_log(ringback::Seed{std::stoull(words[2])});
        return 0;
    }
    if (what == "figures") {
        return ringback::tell_figures();
    }
    std::fputs("usage: histogram_peer log SEED | histogram_peer figures\n", stderr);
    return 2;
} catch (const std::exception& e) {
    std::fprintf(stderr, "histogram_peer: %s\n", e.what());
    return 1;
}
