#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

#include "bench/measure.h"
#include "simulator/core/engine.h"
#include "simulator/core/scheduler.h"

namespace ringback::bench {
namespace {

using std::chrono::seconds;

constexpr Instant morning{seconds{1'767'603'600}};

NewCall call_that_hangs_up() {
    NewCall call;
    call.from = "+19195550123";
    call.to = "+19195550187";
    Route route;
    route.url = "http://127.0.0.1:9100/cb";
    call.route = RouteRef{std::move(route)};
    call.far_end.emplace().script.open().hangs_up_after = seconds{5};
    return call;
}

/// How many calls a second can the pure state machine play, from creation over answer and far-end
/// hang-up to the hangup event? The floor under every load figure. Watch items_per_second: the
/// network, not this, should limit a load.
void call_from_dial_to_hang_up(benchmark::State& state) {
    const ModelSettings settings;
    const NewCall wanted = call_that_hangs_up();
    Effects effects;
    Instant due{};
    Timer timer{};
    const auto obey = [&] {
        if (!effects.timers.empty()) {
            due = effects.timers.back().at;
            timer = effects.timers.back().timer;
        }
        effects.timers.clear();
        effects.outputs.clear();
    };
    for ([[maybe_unused]] auto _ : state) {
        Call call = make_call(NewCall{wanted}, CallId{1}, CallId{1}, morning, settings);
        step(call, Begin{}, {.now = morning, .settings = &settings, .stream = 7}, effects);
        obey();
        for (int timers = 0; timers < 3; ++timers) {  // answer, far end hangs up, hangup event
            step(call, TimerFired{timer}, {.now = due, .settings = &settings, .stream = 7},
                 effects);
            obey();
        }
        if (!is_over(call.state) || call.hangup_owed) {
            fail("micro: the call has not come to its end");
        }
        benchmark::DoNotOptimize(call);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(call_from_dial_to_hang_up);

/// The same through the engine: call table, scheduler and outputs added. Watch items_per_second
/// against call_from_dial_to_hang_up.
void call_through_the_engine(benchmark::State& state) {
    Engine engine{Seed{42}, ModelSettings{}, EngineLimits{.ended_calls = 1000}};
    User& user = engine.user("u-bench");
    const NewCall wanted = call_that_hangs_up();
    Instant now = morning;
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(engine.create(user, wanted, now));
        now += seconds{60};
        engine.advance_to(now);
        engine.outputs().clear();
    }
    if (engine.live_calls() != 0) {
        fail("micro: calls were left over");
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(call_through_the_engine);

/// What does the next timer cost with n pending: take the earliest, arm it again? Watch the time at
/// 1,000,000 against that at 10,000; the difference may be a few percent of one callback.
void scheduler_hold(benchmark::State& state) {
    Scheduler scheduler;
    Rng chance{42};
    constexpr std::uint64_t spread_ns = 60'000'000'000;
    const auto soon = [&] { return Duration{static_cast<std::int64_t>(chance.below(spread_ns))}; };
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        scheduler.add(morning + soon(), CallId{static_cast<std::uint64_t>(i + 1)}, Timer{});
    }
    for ([[maybe_unused]] auto _ : state) {
        const Scheduler::Due due = scheduler.take();
        scheduler.add(due.at + soon(), due.call, due.timer);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(scheduler_hold)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace ringback::bench
