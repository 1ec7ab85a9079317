#include "tests/simulation/lives.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <iostream>

#include "tests/simulation/world.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace {

Lives lives_of(Seed seed) {
    constexpr std::uint64_t acts_of_a_life = 400;
    const ScratchFolder folder;
    try {
        return live_and_die(seed, acts_of_a_life, folder / "journal.jsonl");
    } catch (const BrokenPromise& broken) {
        FAIL("RINGBACK_SEED=" << test::number_of(seed) << ": " << broken.what());
        throw;  // not reached
    }
}

}  // namespace

TEST_CASE("simulation: killed anywhere, on a disk that fills and fails, it keeps what it accepted",
          "[property][simulation]") {
    Lives sum;
    for (const Seed seed : seeds(24)) {
        const Lives lives = lives_of(seed);
        sum.kills += lives.kills;
        sum.power_losses += lives.power_losses;
        sum.accepted += lives.accepted;
        sum.lines += lives.lines;
        sum.lines_lost += lives.lines_lost;
        sum.torn += lives.torn;
        sum.troubles += lives.troubles;
    }
    std::cout << fmt::format(
        "simulation: {} kills, {} of them with the power, {} creations accepted, 0 missing; {} "
        "lines, {} lost with their process, {} torn; the disk refused or cut short {} times\n",
        sum.kills, sum.power_losses, sum.accepted, sum.lines, sum.lines_lost, sum.torn,
        sum.troubles);
    if (!is_replay()) {
        CHECK(sum.kills > 0);
        CHECK(sum.power_losses > 0);
        CHECK(sum.accepted > 0);
        CHECK(sum.lines_lost > 0);
        CHECK(sum.torn > 0);
        CHECK(sum.troubles > 0);
    }
}

TEST_CASE("simulation: the same seed dies the same deaths, to the last byte of the file",
          "[property][simulation]") {
    for (const Seed seed : seeds(4)) {
        CAPTURE(test::number_of(seed));
        CHECK(lives_of(seed) == lives_of(seed));
    }
}
