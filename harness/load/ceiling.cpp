#include "harness/load/ceiling.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/load/cpu_time.h"
#include "harness/load/load_hall.h"
#include "harness/load/null_receiver.h"
#include "harness/process/descriptor.h"
#include "harness/process/signals.h"
#include "harness/scenario/load.h"
#include "simulator/edge/loop_hearing.h"
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
constexpr std::size_t most_at_once = 64;
constexpr std::size_t descriptors_of_a_loop = 10;     // 3 its own, 4 its receiver's, 3 spare
constexpr std::chrono::minutes longest_measuring{1};  // only what hangs comes near it

/// Connections that each loop may have. Both ends are ours: where only those that dial found a
/// descriptor, whom they dialled would have none to answer them with.
Result<std::size_t> connections_of_each(std::size_t loops) {
    const std::size_t free = free_descriptors(loops * (descriptors_of_a_loop + 2 * most_at_once));
    const std::size_t fewest = loops * (descriptors_of_a_loop + 2);
    if (free < fewest) {
        return Error{"ceiling", "expected room for " + std::to_string(fewest) +
                                    " more descriptors (ulimit -n), found " + std::to_string(free)};
    }
    return (free / loops - descriptors_of_a_loop) / 2;
}

/// Things a second that one loop does on the calling thread.
Result<double> ceiling_of_loop(std::size_t calls, std::size_t at_once) {
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
    if (auto error = deafness_of(loop, Hearing::timers)) {
        return *error;
    }
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
    const auto at_once = connections_of_each(loops);
    if (!at_once) {
        return at_once.error();
    }
    std::vector<std::future<Result<double>>> others;  // each ends before it goes
    for (std::size_t loop = 1; loop < loops; ++loop) {
        const SignalsBlocked blocked;  // it inherits that
        others.push_back(std::async(std::launch::async, ceiling_of_loop, calls, at_once.value()));
    }
    std::vector<Result<double>> measured{ceiling_of_loop(calls, at_once.value())};
    for (auto& other : others) {
        measured.push_back(other.get());  // and what it threw, where the system had no room
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
