#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/fake_network.h"
#include "tests/support/fault_rules.h"

using namespace ringback;
using namespace ringback::test;

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

/// A network whose receiver never replies, with a limit of 1,000 MiB of which the test says how
/// much is in use.
struct ShortOfMemory {
    FakeNetwork network{settings()};
    std::size_t used{0};
    std::vector<std::string> told;
    MemoryWatch watch{{.limit = {1000 * mebibyte, MemoryLimit::Of::group},
                       .used = [this](MemoryLimit::Of, bool) { return used; },
                       .say = [this](std::string_view line) { told.emplace_back(line); }}};

    ShortOfMemory() {
        network.transport.respond = [](const FakeTransport::Sent&) { return 0; };
        network.simulator.watch_memory(&watch);
    }
    static SimulatorSettings settings() {
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.delivery.reply_patience = std::chrono::hours{1};
        return settings;
    }
    void look(std::size_t used_now) {
        used = used_now * mebibyte;
        network.simulator.look_at_memory();
    }
    void call() {
        const Response created = network.request(
            "POST", "/v1/users/u-test/calls",
            R"({"from":"+19195550123","to":"+19195550187","callbackUrl":"http://127.0.0.1:9/cb"})");
        REQUIRE(created.status == 201);
        REQUIRE(run_until(network.loop, [this] { return !network.transport.sent.empty(); }));
    }
    void answer_all() {
        for (const auto& sent : network.transport.sent) {
            network.transport.answer(sent.id, 200);
        }
        network.transport.sent.clear();
    }
};

}  // namespace

TEST_CASE("simulator: with memory nearly out the clock stands still as long as something is owed",
          "[edge][simulator][memory]") {
    ShortOfMemory f;
    f.call();

    f.look(899);
    CHECK_FALSE(f.network.simulator.clock_paused());
    f.look(900);
    CHECK(f.network.simulator.clock_paused());
    f.look(990);
    REQUIRE(f.told.size() == 2);  // said once each
    CHECK(f.told[0].starts_with("memory is short: 899 of 1000 MiB"));
    CHECK(f.told[1].starts_with("memory is nearly out: the modelled clock stands still"));

    f.answer_all();
    f.look(990);  // nothing is owed: only what the clock brings can ever end the shortage
    CHECK_FALSE(f.network.simulator.clock_paused());
    f.look(700);
    REQUIRE(f.told.size() == 3);
    CHECK(f.told[2] == "there is memory again: 700 of 1000 MiB (its control group) are in use");
}

TEST_CASE("simulator: with memory nearly out the clock does not wait for what waits for the clock",
          "[edge][simulator][memory]") {
    ShortOfMemory f;
    FaultPlan late;
    late.rules.push_back(rule("delay", fault::Delay{fixed(std::chrono::hours{1})}));
    f.network.simulator.set_faults(std::move(late));
    static_cast<void>(f.network.request(
        "POST", "/v1/users/u-test/calls",
        R"({"from":"+19195550123","to":"+19195550187","callbackUrl":"http://127.0.0.1:9/cb"})"));

    f.look(950);
    REQUIRE(run_until(f.network.loop, [&] { return !f.network.transport.sent.empty(); }));
    f.look(950);
    CHECK(f.network.simulator.clock_paused());
}

TEST_CASE("simulator: memory that is nearly out does not undo a pause that somebody asked for",
          "[edge][simulator][memory]") {
    ShortOfMemory f;
    f.call();

    SECTION("before") {
        f.network.simulator.pause(true);
        f.look(950);
    }
    SECTION("meanwhile") {
        f.look(950);
        f.network.simulator.pause(true);
    }
    f.look(100);
    CHECK(f.network.simulator.clock_paused());
}
