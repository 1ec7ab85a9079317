#include "harness/load/ceiling.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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
constexpr std::size_t calls_of_all = 3'000;
constexpr std::size_t fewest_calls = 250;  // the first ones cost more than those that follow
constexpr std::size_t at_once = 64;
constexpr std::chrono::minutes longest_measuring{1};  // only what hangs comes near it

/// Things a second that one loop does on the calling thread.
Result<double> ceiling_of_loop(std::size_t calls) {
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
    auto schedule = ArrivalSchedule::of(plan);
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
        LoadHall::build(loop, *loaded.scenario,
                        std::make_shared<const ArrivalSchedule>(std::move(schedule).value()),
                        targets.value(), settings);
    if (!hall) {
        return hall.error();
    }
    boost::asio::steady_timer deadline{loop, longest_measuring};
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
    return static_cast<double>(done) / spent.count();
}

}  // namespace

Result<Ceiling> measure_ceiling(std::size_t loops) {
    const std::size_t calls = std::max(calls_of_all / loops, fewest_calls);
    std::vector<Result<double>> measured(loops, Result<double>{0.0});
    std::vector<std::thread> others;
    for (std::size_t loop = 1; loop < loops; ++loop) {
        others.emplace_back([&own = measured[loop], calls] { own = ceiling_of_loop(calls); });
    }
    measured.front() = ceiling_of_loop(calls);
    for (std::thread& other : others) {
        other.join();
    }
    Ceiling all;
    for (const Result<double>& own : measured) {
        if (!own) {
            return own.error();
        }
        all.callbacks_per_second += own.value();
    }
    // Processor time does not show that loops must wait for each other's cores.
    const std::size_t cores = usable_cores();
    if (cores < loops) {
        all.callbacks_per_second *= static_cast<double>(cores) / static_cast<double>(loops);
    }
    return all;
}

}  // namespace ringback
