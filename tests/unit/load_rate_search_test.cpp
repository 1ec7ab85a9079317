#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "harness/load/rate_search.h"
#include "simulator/core/random.h"
#include "tests/support/seeds.h"

using namespace ringback;

namespace {

/// A receiver, and a machine: what comes of a rate.
using Model = std::function<ProbeOutcome(double rate)>;

struct Played {
    std::vector<WantedProbe> probes;
    std::vector<ProbeOutcome> outcomes;
    SearchResult result;
};

Played play(RateSearchSettings settings, const Model& model) {
    RateSearch search{settings};
    Played played;
    while (const auto wanted = search.next()) {
        REQUIRE(played.probes.size() < settings.most_probes);
        const ProbeOutcome outcome = model(wanted->rate);
        played.probes.push_back(*wanted);
        played.outcomes.push_back(outcome);
        search.tell(outcome);
    }
    played.result = search.result();
    return played;
}

Model holds_up_to(double capacity) {
    return [capacity](double rate) {
        return rate <= capacity ? ProbeOutcome::held : ProbeOutcome::failed;
    };
}

double uniform(Rng& rng) { return static_cast<double>(rng.next() >> 11U) * 0x1.0p-53; }

/// As likely of every size.
double any_rate(Rng& rng, double from, double to) {
    return from * std::pow(to / from, uniform(rng));
}

std::vector<double> rates_of(const std::vector<WantedProbe>& probes) {
    std::vector<double> rates;
    rates.reserve(probes.size());
    for (const WantedProbe& probe : probes) {
        rates.push_back(probe.rate);
    }
    return rates;
}

}  // namespace

TEST_CASE("rate search: doubles, bisects, and confirms three times", "[load][search]") {
    const auto [probes, outcomes, result] = play({}, holds_up_to(97));

    CHECK(rates_of(probes) ==
          std::vector<double>{10, 20, 40, 80, 160, 120, 100, 90, 95, 97.5, 95, 95, 95});
    CHECK(probes[4].role == ProbeRole::ramp);
    CHECK(probes[5].role == ProbeRole::bisect);
    CHECK(probes.back().role == ProbeRole::confirm);
    CHECK(result.end == SearchEnd::found);
    CHECK(result.held == 95);
    CHECK(result.failed == 97.5);
    CHECK(result.confirmed == 3);
}

TEST_CASE("rate search: more than is allowed is not tried, and that is no fault of ringback's",
          "[load][search]") {
    RateSearchSettings settings;
    settings.allowed = 50;
    const auto [probes, outcomes, result] = play(settings, holds_up_to(97));

    CHECK(rates_of(probes) == std::vector<double>{10, 20, 40, 50, 50, 50, 50});
    CHECK(result.end == SearchEnd::at_least);
    CHECK(result.held == 50);
    CHECK(result.allowed == 50);
    CHECK_FALSE(result.limited);
    CHECK(result.confirmed == 3);
}

TEST_CASE("rate search: what is allowed and fails is searched below", "[load][search]") {
    RateSearchSettings settings;
    settings.allowed = 8;
    const auto below = play(settings, holds_up_to(5)).result;

    CHECK(below.end == SearchEnd::found);
    CHECK(below.failed == 5.25);
    CHECK_FALSE(below.allowed);

    const auto limit = play(settings, [](double rate) {
                           return rate < 8 ? ProbeOutcome::held : ProbeOutcome::invalid;
                       }).result;
    CHECK(limit.end == SearchEnd::at_least);
    CHECK_FALSE(limit.allowed);
}

TEST_CASE("rate search: where the first rate fails it halves until one holds", "[load][search]") {
    const auto [probes, outcomes, result] = play({}, holds_up_to(3));

    CHECK(rates_of(probes) ==
          std::vector<double>{10, 5, 2.5, 3.75, 3.13, 2.82, 2.97, 3.05, 2.97, 2.97, 2.97});
    CHECK(result.held == 2.97);
    CHECK(play({}, holds_up_to(0)).result.end == SearchEnd::none_held);
    CHECK(play({}, holds_up_to(0)).result.held == std::nullopt);
}

TEST_CASE("rate search: a rate that fails a confirmation has failed", "[load][search]") {
    int played_at_95{0};
    const auto [probes, outcomes, result] = play({}, [&](double rate) {
        const bool fails = rate > 97 || (rate == 95 && ++played_at_95 == 3);
        return fails ? ProbeOutcome::failed : ProbeOutcome::held;
    });

    CHECK(result.end == SearchEnd::found);
    CHECK(result.failed == 95);
    CHECK(result.held == 92.5);
    CHECK(result.confirmed == 3);
}

TEST_CASE("rate search: nothing is tried above a rate at which ringback was the limit",
          "[load][search]") {
    const auto [probes, outcomes, result] = play(
        {}, [](double rate) { return rate <= 50 ? ProbeOutcome::held : ProbeOutcome::invalid; });

    CHECK(rates_of(probes) == std::vector<double>{10, 20, 40, 80, 80, 80, 40, 40, 40});
    CHECK(result.end == SearchEnd::at_least);
    CHECK(result.held == 40);
    CHECK(result.failed == std::nullopt);
    CHECK(result.limited == 80);
    CHECK(result.confirmed == 3);
}

TEST_CASE("rate search: one hiccup of the machine is no limit", "[load][search]") {
    int count{0};
    const auto [probes, outcomes, result] = play({}, [&](double rate) {
        return ++count % 2 == 0 ? ProbeOutcome::invalid : holds_up_to(97)(rate);
    });

    CHECK(result.end == SearchEnd::found);
    CHECK(result.held == 95);
}

TEST_CASE("rate search: a limit does not matter any more once a lower rate has failed",
          "[load][search]") {
    std::vector<ProbeOutcome> script{ProbeOutcome::held,    ProbeOutcome::held,
                                     ProbeOutcome::invalid, ProbeOutcome::invalid,
                                     ProbeOutcome::invalid, ProbeOutcome::failed};
    std::size_t at{0};
    const auto [probes, outcomes, result] = play(
        {}, [&](double rate) { return at < script.size() ? script[at++] : holds_up_to(15)(rate); });

    CHECK(probes[5] == WantedProbe{20, ProbeRole::confirm});
    CHECK(result.end == SearchEnd::found);
    CHECK(result.held == 15);
    CHECK(result.limited == std::nullopt);
}

TEST_CASE("rate search: a rate that is all the machine can do is a lower bound", "[load][search]") {
    RateSearch search{{}};
    for (const double ceiling = 30; search.next();) {
        search.tell(ProbeOutcome::held, search.next()->rate >= ceiling);
    }

    CHECK(search.result().end == SearchEnd::at_least);
    CHECK(search.result().held == 40);
    CHECK(search.result().limited == 40);
    CHECK(search.result().confirmed == 3);
}

TEST_CASE("rate search: a receiver of any capacity is found within the precision",
          "[property][load][search]") {
    for (const Seed seed : test::seeds(2000)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        const double capacity = any_rate(rng, 0.3, 400'000);
        RateSearchSettings settings;
        settings.first = any_rate(rng, 0.2, 2000);
        CAPTURE(capacity, settings.first);
        const auto [probes, outcomes, result] = play(settings, holds_up_to(capacity));

        REQUIRE(result.end == SearchEnd::found);
        CHECK(result.confirmed == 3);
        CHECK(*result.held <= capacity);
        CHECK(*result.failed > capacity);
        CHECK(*result.failed <= *result.held * 1.06);  // three digits are 1 % apart at most
    }
}

TEST_CASE(
    "rate search: however a receiver wavers, what is found has held four times in a row and "
    "is below all that failed",
    "[property][load][search]") {
    for (const Seed seed : test::seeds(2000)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        const double capacity = any_rate(rng, 1, 50'000);
        const double limit = any_rate(rng, 1, 200'000);
        const double blur = any_rate(rng, 0.01, 0.5);
        const auto [probes, outcomes, result] = play({}, [&](double rate) {
            const double odds = 1 / (1 + std::exp((rate / capacity - 1) / blur));
            if (rate > limit || uniform(rng) < 0.02) {
                return ProbeOutcome::invalid;
            }
            return uniform(rng) < odds ? ProbeOutcome::held : ProbeOutcome::failed;
        });

        CHECK(result.end != SearchEnd::ended_early);
        std::optional<double> lowest_failed;
        for (std::size_t at = 0; at < probes.size(); ++at) {
            CHECK((!lowest_failed || probes[at].rate < *lowest_failed));
            if (outcomes[at] == ProbeOutcome::failed) {
                lowest_failed = probes[at].rate;
            }
        }
        CHECK(result.failed == lowest_failed);
        if (result.end == SearchEnd::found) {
            REQUIRE((result.held && result.failed));
            CHECK(*result.held < *result.failed);
            std::size_t held{0};
            for (std::size_t at = 0; at < probes.size(); ++at) {
                held += probes[at].rate == *result.held && outcomes[at] == ProbeOutcome::held;
            }
            CHECK(held == 4);
        }
    }
}
