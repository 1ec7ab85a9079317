#include "harness/load/ceiling.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string_view>

#include "harness/load/cpu_time.h"
#include "harness/load/load_hall.h"
#include "harness/load/null_receiver.h"
#include "harness/scenario/load.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

/// Nobody waits for anything: what it costs is what its events cost.
constexpr std::string_view short_call{R"({
    "version": 1,
    "name": "ceiling",
    "vars": {"to": "+19195559907"},
    "model": {"answer-delay": "0s", "talk-delay": "0s", "hangup-delay": "0s"},
    "steps": [{"send": "answer"}, {"send": "hangup"}]
})"};
constexpr std::size_t calls = 3'000;
constexpr std::size_t at_once = 64;

}  // namespace

Result<Ceiling> measure_ceiling() {
    auto receiver = NullReceiver::start();
    if (!receiver) {
        return receiver.error();
    }
    const LoadedScenario loaded = read_scenario("ceiling", std::string{short_call}, {});
    if (!loaded.scenario) {
        bug("the scenario of the ceiling is wrong");
    }
    LoadPlan plan;
    plan.arrivals = Arrivals::trace;
    plan.trace.assign(calls, std::chrono::nanoseconds{0});
    const auto schedule = ArrivalSchedule::of(plan);
    if (!schedule) {
        return schedule.error();
    }
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    const auto targets = TargetPolicy::from({});
    LoadHallSettings settings;
    settings.receiver = receiver.value()->url();
    settings.api = "http://127.0.0.1";
    settings.simulator.delivery.attempts_per_target = at_once;
    auto hall =
        LoadHall::build(loop, *loaded.scenario, schedule.value(), targets.value(), settings);
    if (!hall) {
        return hall.error();
    }
    boost::asio::steady_timer deadline{loop, std::chrono::seconds{10}};
    deadline.async_wait([&loop](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            loop.stop();
        }
    });
    const Duration before = thread_cpu_time();
    hall.value()->begin(wall_now(), [&loop] { loop.stop(); });
    loop.run();
    const std::chrono::duration<double> spent = thread_cpu_time() - before;
    LoadResult result;
    hall.value()->ledger().write_to(result);
    const std::uint64_t done = result.counts.started + result.counts.delivered;
    if (result.counts.passed < calls || spent.count() <= 0) {
        return Error{"ceiling", "expected the null receiver to take every callback, found " +
                                    std::to_string(result.counts.passed) + " good calls of " +
                                    std::to_string(calls)};
    }
    return Ceiling{static_cast<double>(done) / spent.count()};
}

}  // namespace ringback
