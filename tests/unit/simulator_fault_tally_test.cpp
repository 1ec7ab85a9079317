// What has come of a plan, as it is asked for while the fake runs and told when it ends.
#include <catch2/catch.hpp>

#include "tests/support/fault_bench.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

TEST_CASE("fault tally: how often each rule was for something and struck, and what is lost",
          "[edge][faults]") {
    FaultRule second = rule("drop", fault::Drop{}, only(EventType::dtmf));
    second.nth = 2;
    FaultBench bench{{second, rule("duplicate", fault::Duplicate{3}, only(EventType::sms))}};
    Simulator& simulator = bench.network.simulator;
    CHECK(simulator.fault_tally() == FaultTally{{{0, 0}, {0, 0}}, 0, std::nullopt});
    bench.make_call();
    bench.play();

    const FaultTally played{{{3, 1}, {0, 0}}, 1, Duration{10100ms}};
    CHECK(simulator.fault_tally() == played);
    simulator.set_faults({});
    CHECK(simulator.fault_tally() == FaultTally{{}, 1, Duration{10100ms}});  // it stays lost
    simulator.reset(std::nullopt);
    CHECK(simulator.fault_tally() == FaultTally{{{0, 0}, {0, 0}}, 0, std::nullopt});
}

TEST_CASE("fault tally: a bad signature is for no callback where none is signed",
          "[edge][faults]") {
    FaultBench bench{{rule("unsigned", fault::BadSignature{SigningFault::missing})}};
    bench.make_call("");
    bench.play();
    CHECK(bench.seen.size() == 2);
    CHECK(bench.entries("fault").empty());
    CHECK(bench.network.simulator.fault_tally().rules ==
          std::vector<FaultTally::Rule>{FaultTally::Rule{}});
}
