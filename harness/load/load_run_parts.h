#pragma once

// The inside of LoadRun, for its own sources: load_run.cpp leads the loops, load_run_memory.cpp has
// what becomes of a run when there is no memory.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/load/live_metrics.h"
#include "harness/load/live_plan.h"
#include "harness/load/load_loops.h"
#include "harness/load/load_memory.h"
#include "harness/load/load_run.h"
#include "harness/load/run_watch.h"
#include "simulator/edge/target.h"

namespace ringback {

/// What leads the loops. On the first one, but for what each() has them do.
struct LoadRun::Parts {
    explicit Parts(LoadRunSettings wanted)
        : settings{std::move(wanted)},
          loops{settings.workers},
          loop{loops.first().context()},
          watch{loop},
          ticker{loop},
          drain{loop},
          last_resort{loop},
          memory{loop, [this](LoadMemory::Wants wants,
                              const std::string& why) { save_memory(wants, why); }},
          loop_seconds{loops.count()},
          over_loops(loops.count(), false) {}

    LoadRunSettings settings;
    TargetPolicy targets;
    std::optional<LivePlan> plan{};
    LoadLoops loops;
    // Goes before them: whoever waits for it is answered, or let go, on a loop.
    LiveMetrics metrics{[this](LiveMetrics::Told told) { gather(std::move(told)); }};
    boost::asio::io_context& loop;
    RunWatch watch;
    Keys wanted_keys{Keys::all};
    boost::asio::steady_timer ticker;
    boost::asio::steady_timer drain;
    boost::asio::steady_timer last_resort;  // where memory was short
    LoadMemory memory;
    std::atomic<bool> starved{false};  // there was no memory for something, on any loop
    OnSecond on_second;

    LoadResult result;
    std::optional<Ceiling> ceiling{};
    std::optional<Error> problem{};
    bool unreachable{false};
    WallInstant start{};
    WallInstant ended{};
    LoopSeconds loop_seconds;
    std::vector<bool> over_loops;  // with the present version
    std::uint32_t closed{0};       // seconds that the loops were told to close
    std::uint64_t failed{0};
    std::uint64_t errors{0};
    bool running{false};
    bool starting{false};  // calls still start
    /// How far want of memory has come; it never goes back.
    enum class Want : std::uint8_t { none, starts_no_more, is_cut };
    Want want{Want::none};

    void interrupt();
    void take(char key);
    void steer(char key);
    std::thread await_receiver(const SuiteReceiver& awaited);
    void begin();
    void tick();
    void close_second();
    void take_second(MeasuredSecond second);
    void end_early(const std::string& why);
    void cut_short(const std::string& why);
    void save_memory(LoadMemory::Wants wants, const std::string& why);
    void starve() noexcept;
    void end_starved();
    void loop_is_over(std::size_t index, const LoadLoop::Over& told);
    void over();
    void describe(LoadResult& into, WallInstant until) const;
    void gather(LiveMetrics::Told told);
    void sum_up();
};

}  // namespace ringback
