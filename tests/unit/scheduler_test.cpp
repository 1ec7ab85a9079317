#include "simulator/core/scheduler.h"

#include <catch2/catch.hpp>
#include <vector>

#include "simulator/core/random.h"

using namespace ringback;

TEST_CASE("scheduler: what is due comes by instant, then in the order it was asked for",
          "[core][scheduler]") {
    Rng dice{7};
    for (std::uint64_t round = 0; round < 200; ++round) {
        CAPTURE(round);
        Scheduler scheduler;
        std::vector<Scheduler::Due> taken;
        std::uint64_t added = 0;
        Instant now{};
        for (std::uint64_t i = 0; i < 200; ++i) {
            if (dice.below(3) > 0) {  // few instants, so that many are the same; none in the past
                scheduler.add(now + Duration{static_cast<std::int64_t>(dice.below(8))},
                              CallId{++added}, Timer{});
            } else if (!scheduler.empty()) {
                taken.push_back(scheduler.take());
                now = taken.back().at;
            }
        }
        while (!scheduler.empty()) {
            const Instant next = scheduler.next().at;
            taken.push_back(scheduler.take());
            REQUIRE(taken.back().at == next);
        }
        REQUIRE(taken.size() == added);
        for (std::size_t i = 1; i < taken.size(); ++i) {
            const Scheduler::Due& before = taken[i - 1];
            const Scheduler::Due& due = taken[i];
            REQUIRE(due.at >= before.at);
            REQUIRE((due.at > before.at || due.sequence > before.sequence));
        }
    }
}
