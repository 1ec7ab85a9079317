// Events that come more than once, by a fault.
#include <catch2/catch.hpp>

#include "tests/support/fault_bench.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;
using nlohmann::ordered_json;

namespace simulated_copies {
namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("faults: copies are the event itself again, each a delivery of its own",
          "[edge][faults]") {
    FaultBench bench{{rule("duplicate", fault::Duplicate{2, fixed(50ms)}, only(EventType::dtmf))}};
    bench.make_call("1");
    bench.play();

    CHECK(bench.came() == Texts{"answer", "dtmf 1", "dtmf 1", "dtmf 1", "hangup"});
    const auto& sent = bench.network.transport.sent;
    CHECK(sent[1].payload == sent[2].payload);
    CHECK(sent[1].payload == sent[3].payload);
    CHECK(bench.seen[2].second - bench.seen[1].second == 50);
    CHECK(bench.seen[3].second - bench.seen[2].second == 50);
    const auto faults = bench.entries("fault");
    REQUIRE(faults.size() == 2);
    CHECK(faults[0]["extra"] == true);
    CHECK(faults[0]["text"] == "copy 1 of 2, 50ms later");
    CHECK(faults[0]["payload"]["dtmfDigit"] == "1");
    CHECK(bench.entries("event").size() == 3);
    std::vector<std::uint64_t> deliveries;
    for (const ordered_json& attempt : bench.entries("attempt")) {
        deliveries.push_back(attempt["delivery"].get<std::uint64_t>());
    }
    std::ranges::sort(deliveries);
    CHECK(std::ranges::adjacent_find(deliveries) == deliveries.end());
    CHECK(std::ranges::count(deliveries, faults[1]["delivery"].get<std::uint64_t>()) == 1);
}

TEST_CASE("faults: a copy that comes together with its event does not wait for the answer",
          "[edge][faults]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.delivery.reply_patience = 1h;
    fault::Duplicate both;
    both.together = true;
    FaultBench bench{{rule("duplicate", both, only(EventType::answer))}, settings};
    bench.answer = [](const FakeTransport::Sent&) { return 0; };
    bench.make_call("");

    REQUIRE(run_until(bench.network.loop, [&] { return bench.seen.size() == 2; }));

    CHECK(bench.network.transport.under_way() == 2);
    CHECK(bench.came() == Texts{"answer", "answer"});
    REQUIRE(bench.entries("fault").size() == 1);
    CHECK(bench.entries("fault")[0]["text"] == "copy 1 of 1, together with it");
}

}  // namespace simulated_copies
