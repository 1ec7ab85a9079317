#include "simulator/edge/driver.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include "tests/support/fake_transport.h"
#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

namespace {

/// A driver over a real engine; the test decides what is under way.
struct DriverBench : DriverHost {
    boost::asio::io_context loop;
    Story story;
    ClockSettings settings;
    std::unique_ptr<Driver> driver;
    bool busy{false};
    bool callbacks_keep_busy{false};
    Lines told;

    Driver& start() {
        settings.start = dawn;
        driver = std::make_unique<Driver>(loop, story.engine, settings, *this);
        return *driver;
    }
    /// With a clock that jumps as soon as it may.
    Driver& start_jumping() {
        settings.mode = ClockSettings::Mode::jumping;
        settings.settle = 0ms;
        return start();
    }
    /// The clock stands while something is under way, and jumps when it is over.
    void check_that_it_waits() {
        loop.restart();
        loop.run_for(5ms);
        CHECK(told.empty());
        busy = false;
        driver->nudge();
        CHECK(run_until(loop, [&] { return told.size() == 1; }));
    }
    CallId begin() {
        const CallId id = story.begin(Story::outbound());
        take_outputs();
        driver->nudge();
        return id;
    }
    void take_outputs() override {
        for (std::string& line : story.told()) {
            told.push_back(std::move(line));
            busy = busy || callbacks_keep_busy;
        }
    }
    bool nothing_under_way() const override { return !busy; }
    bool nothing_owed() const override { return !owed; }
    bool receiver_is_busy() override {
        looks += receiver_busy ? 1 : 0;
        return receiver_busy;
    }
    bool owed{false};
    bool receiver_busy{false};
    int looks{0};
};

}  // namespace

TEST_CASE("driver: the jumping clock leaps over minutes in milliseconds", "[edge][clock]") {
    DriverBench bench;
    bench.settings.mode = ClockSettings::Mode::jumping;
    bench.settings.settle = 1ms;
    bench.start();
    const CallId id = bench.begin();
    REQUIRE(run_until(bench.loop, [&] { return bench.told.size() == 1; }));
    CHECK(bench.told[0] == "4.000 answer");
    CHECK(bench.driver->now() == dawn + 4s);
    bench.story.engine.apply(id, FarEndHangsUp{}, bench.driver->now());
    bench.driver->nudge();
    bool quiet = false;
    bench.driver->when_quiet([&] { quiet = true; });
    REQUIRE(run_until(bench.loop, [&] { return quiet; }));
    CHECK(bench.told.back() == "4.200 hangup NORMAL_CLEARING");
}

TEST_CASE("driver: the jumping clock waits for what is under way", "[edge][clock]") {
    DriverBench bench;
    bench.start_jumping();
    bench.busy = true;
    bench.begin();
    bench.check_that_it_waits();
}

TEST_CASE("driver: the jumping clock waits for a receiver that is busy with itself",
          "[edge][clock]") {
    DriverBench bench;
    bench.start_jumping();
    bench.receiver_busy = true;
    bench.begin();
    REQUIRE(run_until(bench.loop, [&] { return bench.looks > 3; }));
    CHECK(bench.told.empty());
    bench.receiver_busy = false;
    CHECK(run_until(bench.loop, [&] { return bench.told.size() == 1; }));
}

TEST_CASE("driver: what the loop has still to take up comes before the clock jumps",
          "[edge][clock]") {
    DriverBench bench;
    bench.start_jumping();
    bench.begin();
    // As on a connection: accepted in one round of the loop, read in the next.
    boost::asio::steady_timer accepted{bench.loop, std::chrono::steady_clock::now()};
    accepted.async_wait([&](const boost::system::error_code& /*never cancelled*/) {
        boost::asio::post(bench.loop, [&] { bench.busy = true; });
    });
    bench.check_that_it_waits();
}

TEST_CASE("driver: a paused clock moves by hand, step by step, and says when all was delivered",
          "[edge][clock]") {
    for (const auto mode : {ClockSettings::Mode::real, ClockSettings::Mode::jumping}) {
        DriverBench bench;
        bench.settings.mode = mode;
        bench.settings.settle = 0ms;
        bench.callbacks_keep_busy = true;
        bench.start();
        bench.driver->pause(true);
        const Instant before = bench.driver->now();
        bench.begin();
        bool done = false;
        bench.driver->advance(30s, [&] { done = true; });
        REQUIRE(run_until(bench.loop, [&] { return bench.told.size() == 1; }));
        CHECK_FALSE(done);  // the answer is still on its way to the receiver
        bench.busy = false;
        bench.driver->nudge();
        REQUIRE(run_until(bench.loop, [&] { return done; }));
        CHECK(bench.driver->now() == before + 30s);
        CHECK(bench.driver->paused());
    }
}

TEST_CASE("driver: several advances end in the order of their instants", "[edge][clock]") {
    DriverBench bench;
    bench.settings.settle = 0ms;
    bench.start();
    bench.driver->pause(true);
    std::string ended;
    bench.driver->advance(20s, [&] { ended += "b"; });
    bench.driver->advance(10s, [&] { ended += "a"; });
    REQUIRE(run_until(bench.loop, [&] { return ended.size() == 2; }));
    CHECK(ended == "ab");
}

TEST_CASE("driver: scaled real time delivers on its own, at the modelled instants",
          "[edge][clock]") {
    DriverBench bench;
    bench.settings.scale = 10'000;
    bench.start();
    bench.story.now = bench.driver->now();
    const Duration begun = bench.story.now - dawn;
    bench.begin();
    REQUIRE(run_until(bench.loop, [&] { return bench.told.size() == 1; }));
    CHECK(bench.told[0] == seconds_text(begun + 4s) + " answer");
}

TEST_CASE("driver: waiting for quiet does not spin while a call is still to move",
          "[edge][clock]") {
    DriverBench bench;
    bench.settings.settle = 0ms;
    bench.start();
    bench.begin();  // rings for four real seconds
    bool quiet = false;
    bench.driver->when_quiet([&] { quiet = true; });
    bench.loop.restart();
    const std::size_t handlers = bench.loop.run_for(20ms);
    CHECK_FALSE(quiet);
    CHECK(handlers < 10);
    bench.driver->stop();
}

TEST_CASE("driver: quiet and the end of an advance wait for what is still owed", "[edge][clock]") {
    DriverBench bench;
    bench.start_jumping();
    bench.owed = true;
    bool quiet = false;
    bool advanced = false;
    bench.driver->when_quiet([&] { quiet = true; });
    bench.driver->advance(1s, [&] { advanced = true; });
    bench.loop.restart();
    const std::size_t handlers = bench.loop.run_for(10ms);
    CHECK_FALSE(quiet);
    CHECK_FALSE(advanced);
    CHECK(handlers < 10);
    bench.owed = false;
    bench.driver->stir(wall_now());
    CHECK(run_until(bench.loop, [&] { return quiet && advanced; }));
}
