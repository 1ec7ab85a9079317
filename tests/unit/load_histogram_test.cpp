#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "harness/load/histogram.h"
#include "simulator/core/random.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

/// From a microsecond to an hour, all magnitudes alike.
std::vector<std::uint64_t> random_values(Seed seed, std::size_t count) {
    Rng rng{Rng::stream_of(seed, hash_of("values"), 0)};
    std::vector<std::uint64_t> values;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t top = std::uint64_t{1} << rng.below(32);
        values.push_back(std::min(Histogram::largest, top + rng.below(top)));
    }
    return values;
}

Histogram of(const std::vector<std::uint64_t>& values) {
    Histogram histogram;
    for (const std::uint64_t value : values) {
        histogram.record(value);
    }
    return histogram;
}

std::string mistake_in(std::string_view text) {
    const auto result = Histogram::decoded(text);
    return result ? "none" : result.error().what;
}

}  // namespace

TEST_CASE("histogram: the least value that a share of all is not above, to three digits",
          "[load][histogram]") {
    for (const Seed seed : test::seeds(20)) {
        CAPTURE(test::number_of(seed));
        auto values = random_values(seed, 1000);
        const Histogram histogram = of(values);
        std::ranges::sort(values);

        for (const double percent : {0.1, 10.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
            CAPTURE(percent);
            const auto rank = static_cast<std::size_t>(std::llround(percent * 10));
            const std::uint64_t exact = values[rank - 1];
            const std::uint64_t told = histogram.percentile(percent);
            REQUIRE(told >= exact);
            REQUIRE(static_cast<double>(told - exact) <= static_cast<double>(exact) / 1000);
            REQUIRE(histogram.count_up_to(told) >= rank);
        }
        REQUIRE(histogram.percentile(0) == histogram.min());
        REQUIRE(histogram.percentile(100) == histogram.max());
    }
}

TEST_CASE("histogram: values below 2048 are exact", "[load][histogram]") {
    Histogram histogram;
    for (std::uint64_t value = 0; value < 2048; ++value) {
        histogram.record(value);
    }

    std::uint64_t next = 0;
    histogram.each([&](std::uint64_t value, std::uint64_t count) {
        REQUIRE(value == next++);
        REQUIRE(count == 1);
    });
    CHECK(next == 2048);
    CHECK(histogram.mean() == Approx(1023.5));
    CHECK(histogram.count_up_to(99) == 100);
}

TEST_CASE("histogram: one that is empty tells zeros; a value above an hour counts as an hour",
          "[load][histogram]") {
    Histogram histogram;
    CHECK(histogram.empty());
    CHECK(histogram.percentile(99) == 0);
    CHECK(histogram.min() == 0);
    CHECK(histogram.max() == 0);
    CHECK(histogram.mean() == 0);
    CHECK(histogram.count_up_to(Histogram::largest) == 0);

    histogram.record(~std::uint64_t{0});
    histogram.record(Histogram::largest);

    CHECK(histogram.count_up_to(~std::uint64_t{0}) == 2);
    CHECK(histogram.percentile(50) == histogram.max());
    CHECK(histogram.max() >= Histogram::largest);
    CHECK(histogram.max() - Histogram::largest < Histogram::largest / 1000);
}

TEST_CASE("histogram: a sum is what one histogram of everything would be", "[load][histogram]") {
    for (const Seed seed : test::seeds(20)) {
        CAPTURE(test::number_of(seed));
        const auto values = random_values(seed, 500);
        Histogram sum = of({values.begin(), values.begin() + 100});
        sum.merge(of({values.begin() + 100, values.end()}));

        REQUIRE(sum == of(values));
        sum.merge(Histogram{});
        REQUIRE(sum == of(values));
    }
}

TEST_CASE("histogram: nothing recorded leaves nothing, and cleared is as new",
          "[load][histogram]") {
    Histogram histogram;
    histogram.record(1'000'000, 0);
    CHECK(histogram == Histogram{});

    histogram.record(1'000'000, 3);
    CHECK(histogram.count() == 3);
    histogram.clear();
    CHECK(histogram == Histogram{});
}

TEST_CASE("histogram: what is encoded is read back equal", "[load][histogram]") {
    CHECK(Histogram::decoded(Histogram{}.encoded()).value() == Histogram{});
    for (const Seed seed : test::seeds(20)) {
        CAPTURE(test::number_of(seed));
        const Histogram histogram = of(random_values(seed, 2000));
        const std::string text = histogram.encoded();

        REQUIRE(text.starts_with("HISTFAAA"));
        REQUIRE(Histogram::decoded(text).value() == histogram);
    }
    Histogram many;
    many.record(7, Histogram::most - 1);
    many.record(Histogram::largest);
    CHECK(Histogram::decoded(many.encoded()).value() == many);
}

TEST_CASE("histogram: one cut off anywhere, or with a byte changed, is an error or another value",
          "[load][histogram]") {
    const Histogram histogram = of(random_values(Seed{1}, 200));
    const std::string text = histogram.encoded();

    for (std::size_t size = 0; size < text.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(Histogram::decoded(std::string_view{text}.substr(0, size)).ok());
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string other = text;
        other[at] = other[at] == 'A' ? 'B' : 'A';
        const auto read = Histogram::decoded(other);
        // The last character before padding has bits that nobody reads.
        REQUIRE((!read || read.value() == histogram));
        REQUIRE((!read || at + 3 >= text.size()));
    }
}

TEST_CASE("histogram: what is none says what it is instead", "[load][histogram]") {
    CHECK(mistake_in("") ==
          "expected a histogram in base64, found other characters, or it cut off");
    CHECK(mistake_in("HIST*AAA") ==
          "expected a histogram in base64, found other characters, or it cut off");
    CHECK(mistake_in("HI==FAAA") ==
          "expected a histogram in base64, found other characters, or it cut off");
    CHECK(mistake_in("HISTFAAA") == "expected a histogram, found it cut off in its head");
    CHECK(mistake_in("HISTEwAAAAAA") ==
          "expected a histogram in the deflated V2 encoding (0x1c849314), found 0x1c849313");
    CHECK(mistake_in("HISTFAAAAAUA") == "expected 5 deflated bytes, found 1");
    CHECK(mistake_in("HISTFAAAAAEA") == "expected a histogram, found what does not inflate to one");
    CHECK(mistake_in(std::string(1'000'000, 'A')) ==
          "expected a histogram of at most 424016 characters, found 1000000");
}

// Made by hdr-histogram-js 3.0.1.
TEST_CASE("histogram: those of other libraries are read, if they are as fine",
          "[load][histogram]") {
    CHECK(mistake_in("HISTFAAAACZ4nJNpmSzMwMDAwsDAwMjAwMDEAAEgNsO1yUsY4HwmViYAVmEDZg==") ==
          "expected 3 significant digits, found 2");
    CHECK(mistake_in("HISTFAAAACp4nJNpmSzMwMDAysDAwMjAwMDMAAbML0DktclLGKCAkYGJl4kBAG5CBFo=") ==
          "expected 1 as the lowest value, found 1000");
    CHECK(mistake_in("HISTFAAAACp4nJNpmSzMwMDAzsDAwMjAwMDMAAEgNkfikQwGGP88P9PfR0xMAGUSBaw=") ==
          "expected no value above 3600000000, found one");

    const auto growing =
        Histogram::decoded("HISTFAAAACh4nJNpmSzMwMDAwcDAwMjAwMDMAAGMEPL/fzif5T0z0+wqJgBo4wVj");
    REQUIRE(growing.ok());
    CHECK(growing.value() == of({1, 1, 250, 123'456}));
}

}  // namespace ringback
