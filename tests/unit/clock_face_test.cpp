#include "simulator/edge/clock_face.h"

#include <catch2/catch.hpp>

using namespace ringback;
using namespace std::chrono_literals;

namespace {

const Instant start{1000s};
const WallInstant wall{50s};

}  // namespace

TEST_CASE("clock: real time flows, scaled time flows faster", "[edge][clock]") {
    ClockSettings settings;
    ClockFace real{settings, start, wall};
    CHECK(real.at(wall + 3s) == start + 3s);
    CHECK(real.when(start + 3s) == wall + 3s);

    settings.scale = 20;
    ClockFace fast{settings, start, wall};
    CHECK(fast.at(wall + 3s) == start + 60s);
    CHECK(fast.when(start + 60s) == wall + 3s);
}

TEST_CASE("clock: whoever waits for an instant finds it there, however fast time flows",
          "[edge][clock]") {
    for (const double scale : {0.001, 0.3, 1.0, 1.7, 20.0, 200.0, 3600.0}) {
        ClockSettings settings;
        settings.scale = scale;
        ClockFace clock{settings, start, wall};
        for (std::int64_t ahead = 1; ahead < 3'000'000'000'000; ahead += 1 + ahead / 3) {
            CAPTURE(scale, ahead);
            const Instant wanted = start + Duration{ahead};
            const WallInstant rings = clock.when(wanted).value();
            CHECK(clock.at(rings) >= wanted);
            CHECK(clock.at(rings - 2ns) < wanted);
        }
    }
}

TEST_CASE("clock: a jumping clock stands still until it is moved, and only forwards",
          "[edge][clock]") {
    ClockSettings settings;
    settings.mode = ClockSettings::Mode::jumping;
    ClockFace clock{settings, start, wall};
    CHECK(clock.at(wall + 1h) == start);
    CHECK(clock.when(start + 1s) == std::nullopt);
    CHECK(clock.jumps_by_itself());
    clock.jump_to(start + 10s);
    clock.jump_to(start + 5s);
    CHECK(clock.at(wall) == start + 10s);
    clock.pause(true, wall);
    CHECK_FALSE(clock.jumps_by_itself());
}

TEST_CASE("clock: a pause takes no modelled time, moving by hand leaves no gap", "[edge][clock]") {
    ClockFace clock{ClockSettings{}, start, wall};
    clock.pause(true, wall + 2s);
    CHECK(clock.at(wall + 100s) == start + 2s);
    clock.pause(false, wall + 100s);
    CHECK(clock.at(wall + 101s) == start + 3s);
    clock.hold(true, wall + 101s);
    clock.jump_to(start + 33s);
    clock.hold(false, wall + 105s);
    CHECK(clock.at(wall + 106s) == start + 34s);
}
