#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "tests/simulation/world.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace {

constexpr std::uint64_t acts = 1200;

/// One run; what it breaks is told with the seed that has it again.
Course course_of(Seed seed) {
    World world{seed};
    try {
        return world.run(acts);
    } catch (const BrokenPromise& broken) {
        FAIL("RINGBACK_SEED=" << test::number_of(seed) << ": " << broken.what()
                              << "\nthe last lines of its journal:\n"
                              << world.last_lines());
        throw;  // not reached
    }
}

/// By hand for longer: RINGBACK_SIMULATION_SECONDS.
double seconds_wanted() {
    const char* const given = std::getenv("RINGBACK_SIMULATION_SECONDS");
    return given == nullptr ? 0 : std::stod(given);
}

}  // namespace

TEST_CASE("simulation: a process's own time passes only where it would sleep", "[simulation]") {
    OwnTime time;
    boost::asio::io_context loop;
    const WallInstant begin = time.now();
    boost::asio::steady_timer timer{loop, std::chrono::hours{5}};
    bool rang = false;
    timer.async_wait([&](const boost::system::error_code&) { rang = true; });

    loop.run();

    CHECK(rang);
    CHECK(time.now() - begin >= std::chrono::hours{5});
    CHECK(time.now() - begin < std::chrono::hours{5} + std::chrono::seconds{2});
}

TEST_CASE("simulation: whatever clients, receivers and clocks do, no promise of delivery is broken",
          "[property][simulation]") {
    Course sum;
    std::uint64_t runs = 0;
    const double begin = machine_seconds();
    const auto play = [&](Seed seed) {
        const Course course = course_of(seed);
        ++runs;
        sum.events += course.events;
        sum.tries += course.tries;
        sum.entries += course.entries;
        sum.delivered += course.delivered;
        sum.by_fallback += course.by_fallback;
        sum.failed += course.failed;
    };
    if (const double wanted = seconds_wanted(); wanted > 0) {
        for (std::uint64_t seed = chosen_seed(); machine_seconds() - begin < wanted; ++seed) {
            play(Seed{seed});
        }
    } else {
        for (const Seed seed : seeds(60)) {
            play(seed);
        }
    }
    const double took = machine_seconds() - begin;
    std::cout << fmt::format(
        "simulation: seeds {}..{}, {} events ({} delivered, {} by fallback, {} failed), {} tries, "
        "{} entries in {:.1f} s: {:.0f} events/s\n",
        test::number_of(seeds(1).front()), test::number_of(seeds(1).front()) + runs - 1, sum.events,
        sum.delivered, sum.by_fallback, sum.failed, sum.tries, sum.entries, took,
        static_cast<double>(sum.events) / took);
    if (runs > 1) {  // else one seed is replayed: it need not have everything
        CHECK(sum.delivered > 0);
        CHECK(sum.by_fallback > 0);
        CHECK(sum.failed > 0);
    }
}

TEST_CASE("simulation: the same seed gives the same run, to the last byte of its journal",
          "[property][simulation]") {
    for (const Seed seed : seeds(6)) {
        CAPTURE(test::number_of(seed));
        const Course first = course_of(seed);
        const Course again = course_of(seed);
        CHECK(first.digest == again.digest);
        CHECK(first == again);
    }
    CHECK(course_of(Seed{1}).digest != course_of(Seed{2}).digest);
}

TEST_CASE("simulation: a plan of faults has the last word on what becomes of a try",
          "[simulation]") {
    World world{Seed{3}};
    world.receivers().plan = [](const AttemptRequest&, Ending& ending) {
        ending.result = AttemptResult{};
        ending.result.end = AttemptEnd::broken;
        ending.ends_after = ending.sent_after;
    };

    const Course course = world.run(200);

    CHECK(course.events > 0);
    CHECK(course.delivered + course.by_fallback == 0);
    CHECK(course.failed > 0);
}
