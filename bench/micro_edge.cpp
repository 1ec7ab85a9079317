#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>

#include "bench/silent_network.h"
#include "harness/record/journal.h"

namespace ringback::bench {
namespace {

const Text user = Text{"u-bench"};
const Text payload = Text{std::string(260, 'x')};

Entry event_entry() {
    return {0,
            Instant{},
            WallInstant{},
            user,
            call_id(UserSlot{1}, 1),
            EventRaised{DeliveryId{1}, EventType::answer, RouteRef{}, payload}};
}

Entry attempt_entry() {
    AttemptMade made;
    made.delivery = DeliveryId{1};
    made.type = EventType::answer;
    made.attempt = 1;
    made.result.end = AttemptEnd::answered;
    made.result.status = 200;
    made.result.reason = Text{"OK"};
    return {0, Instant{}, WallInstant{}, user, call_id(UserSlot{1}, 1), std::move(made)};
}

/// What does the journal cost, once full: one entry in, the oldest out? A callback records at least
/// an event (0) and an attempt (1). Watch the time.
void journal_record(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    Journal journal{ids, JournalLimits{.entries = 10'000}};
    const Entry entry = state.range(0) == 0 ? event_entry() : attempt_entry();
    for (int i = 0; i < 10'000; ++i) {
        journal.record(entry);
    }
    for ([[maybe_unused]] auto _ : state) {
        journal.record(entry);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(journal_record)->Arg(0)->Arg(1);

/// What does an entry cost as a line of JSON, which --journal and every listener pay once?
void journal_line(benchmark::State& state) {
    const IdCodec ids{Seed{42}};
    const Journal journal{ids};
    const Entry entry = attempt_entry();
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(journal.line(entry));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(journal_line);

/// What does POST /calls cost without sockets: admission, routing, JSON, engine, journal, answer?
/// Watch items_per_second: the upper bound of creates a second on one core. Memory grows with every
/// iteration, calls ring for ever here.
void create_call(benchmark::State& state) {
    SilentNetwork network;
    for ([[maybe_unused]] auto _ : state) {
        network.create_call();
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(create_call);

}  // namespace
}  // namespace ringback::bench
