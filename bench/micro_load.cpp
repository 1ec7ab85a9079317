#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdint>

#include "harness/load/arrival_schedule.h"
#include "harness/load/histogram.h"

namespace ringback::bench {
namespace {

using std::chrono::seconds;

/// Response times as they come, from 0.1 ms to some seconds, all magnitudes alike.
std::array<std::uint64_t, 4096> response_times() {
    std::array<std::uint64_t, 4096> times{};
    Rng rng{1};
    for (std::uint64_t& time : times) {
        const std::uint64_t top = std::uint64_t{100} << rng.below(15);
        time = top + rng.below(top);
    }
    return times;
}

/// What does measuring cost on the path of a callback, which records several values? Watch the time
/// per record beside the microseconds of a callback.
void histogram_record(benchmark::State& state) {
    const auto times = response_times();
    Histogram histogram;
    std::size_t at = 0;
    for ([[maybe_unused]] auto _ : state) {
        histogram.record(times[at++ % times.size()]);
    }
    benchmark::DoNotOptimize(histogram.count());
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(histogram_record);

/// What does it cost to add a loop's second to the whole, and to tell its percentiles?
void histogram_merge(benchmark::State& state) {
    Histogram second;
    for (const std::uint64_t time : response_times()) {
        second.record(time);
    }
    Histogram sum;
    for ([[maybe_unused]] auto _ : state) {
        sum.merge(second);
        benchmark::DoNotOptimize(sum);
    }
}
BENCHMARK(histogram_merge);

void histogram_percentile(benchmark::State& state) {
    Histogram second;
    for (const std::uint64_t time : response_times()) {
        second.record(time);
    }
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(second.percentile(99));
    }
}
BENCHMARK(histogram_percentile);

/// And to write it to a log?
void histogram_encode(benchmark::State& state) {
    Histogram second;
    for (const std::uint64_t time : response_times()) {
        second.record(time);
    }
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(second.encoded());
    }
}
BENCHMARK(histogram_encode);

/// What does the n-th start cost: even, on a ramp, of a Poisson process? A worker asks once a call;
/// of a Poisson process it draws the starts of all the others too.
void next_start(benchmark::State& state) {
    LoadPlan plan;
    plan.stages = {{seconds{10}, 0, 100}, {seconds{9'000'000}, 5000, 5000}};
    if (state.range(0) == 1) {
        plan.stages[1].rate_to = 6000;
    }
    if (state.range(0) == 2) {
        plan.arrivals = Arrivals::poisson;
    }
    const auto schedule = ArrivalSchedule::of(plan).value();
    ArrivalCursor cursor{schedule};
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(cursor.next());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(next_start)->ArgName("even_ramp_poisson")->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace ringback::bench
