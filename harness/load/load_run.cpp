#include "harness/load/load_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <functional>
#include <thread>
#include <utility>

#include "harness/load/consent.h"
#include "harness/load/cpu_time.h"
#include "harness/load/load_run_parts.h"
#include "harness/load/sum.h"
#include "harness/load/truth.h"
#include "harness/process/patient_loop.h"
#include "harness/run/receiver_wait.h"
#include "simulator/edge/wall_clock.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant utc_now() {
    return Instant{} + std::chrono::duration_cast<Duration>(
                           std::chrono::system_clock::now().time_since_epoch());
}

std::string utc_text(Instant instant) {
    std::string text;
    append_time_ms(text, instant);
    return text;
}

std::chrono::steady_clock::time_point steady(WallInstant at) {
    return std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(at.time_since_epoch())};
}

}  // namespace

LoadRun::LoadRun(LoadRunSettings settings) : parts_{std::make_unique<Parts>(std::move(settings))} {}

LoadRun::~LoadRun() = default;

bool LoadRun::unreachable() const { return parts_->unreachable; }

Result<std::string> LoadRun::listen() {
    Parts& parts = *parts_;
    auto policy = TargetPolicy::from(parts.settings.hall.simulator.targets);
    if (!policy) {
        return policy.error();
    }
    parts.targets = std::move(policy).value();
    auto schedule = ArrivalSchedule::of(parts.settings.plan);
    if (!schedule) {
        return schedule.error();
    }
    parts.plan.emplace(std::make_shared<const ArrivalSchedule>(std::move(schedule).value()));
    const Result<std::uint16_t> port = parts.loops.listen(parts.settings.port);
    if (!port) {
        return port.error();
    }
    parts.targets.add_own_port(port.value());
    // Before there is a receiver that would have to be stopped.
    parts.watch.signals([&parts] { parts.interrupt(); });
    parts.settings.hall.api = fmt::format("http://127.0.0.1:{}", port.value());
    return parts.settings.hall.api;
}

std::optional<Error> LoadRun::prepare(const std::string& receiver) {
    Parts& parts = *parts_;
    parts.settings.hall.receiver = receiver;
    parts.settings.hall.share = parts.settings.plan.segment;
    if (auto error = parts.loops.build(parts.settings.scenario, parts.plan->schedule(),
                                       parts.targets, parts.settings.hall)) {
        return error;
    }
    if (auto refusal = parts.loops.first().hall().simulator().refuse_url(receiver)) {
        return Error{"--callback-url", *refusal};
    }
    parts.loops.show(parts.metrics);
    return std::nullopt;
}

/// The first time no more calls start, the second time it ends at once.
void LoadRun::Parts::interrupt() {
    const bool is_over = !running && !result.started_at.empty();
    if (is_over) {
        return;  // and being added up
    }
    const bool again = std::exchange(result.interrupted, true);
    if (!running) {
        loop.stop();
    } else if (again) {
        cut_short("interrupted");
    } else {
        end_early("");
    }
}

void LoadRun::Parts::take(char key) {
    if (key == 'q' && !result.interrupted) {
        interrupt();
    } else if (key == 'Q' && running) {
        result.interrupted = true;
        cut_short("interrupted");
    } else if (wanted_keys == Keys::all && running && starting) {
        steer(key);
    }
}

/// The plan, from now on; no more than the receiver has agreed to, or gets unasked.
void LoadRun::Parts::steer(char key) {
    const auto may_be = [this](const LoadPlan& steered) {
        return !settings.most_rate ||
               demand_of(steered, settings.scenario).calls_per_second <= *settings.most_rate;
    };
    if (!plan->press(key, wall_now() - start, may_be)) {
        return;
    }
    over_loops.assign(loops.count(), false);
    loops.each([version = plan->version(), schedule = plan->schedule()](
                   LoadLoop& own, std::size_t /*index*/) { own.replan(version, schedule); });
}

/// No more starts; those in flight have `drain` to come to their end.
void LoadRun::Parts::end_early(const std::string& why) {
    if (result.aborted.empty()) {
        result.aborted = why;
    }
    starting = false;
    loops.each([](LoadLoop& own, std::size_t /*index*/) { own.hall().stop_starting(); });
    drain.expires_after(settings.drain);
    drain.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            cut_short("it was not over when the time to come to an end was");
        }
    });
}

void LoadRun::Parts::cut_short(const std::string& why) {
    starting = false;
    loops.each([why](LoadLoop& own, std::size_t /*index*/) { own.hall().cut_short(why); });
}

std::thread LoadRun::Parts::await_receiver(const SuiteReceiver& awaited) {
    return await_beside(loop, awaited, [this, &awaited](const std::optional<Error>& error) {
        if (error) {
            problem = error;
            unreachable = true;
            loop.stop();
            return;
        }
        watch.child(awaited.child, [this] {
            if (running) {
                result.aborted = "the receiver's process has ended";
                cut_short(result.aborted);
            }
        });
        begin();
    });
}

void LoadRun::Parts::begin() {
    constexpr milliseconds run_up{50};  // so that the first start is not late already
    running = true;
    starting = true;
    result.started_at = utc_text(utc_now());
    start = wall_now() + run_up;
    loops.each([this, start = start](LoadLoop& own, std::size_t index) {
        own.begin(start, [this, index](const LoadLoop::Over& told) {
            loops.tell_first([this, index, told] { loop_is_over(index, told); });
        });
    });
    tick();
}

void LoadRun::Parts::tick() {
    ticker.expires_at(steady(start + seconds{closed + 1}));
    ticker.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled && running) {
            close_second();
            tick();
        }
    });
}

/// On every loop; the last one's answer ends the second. A loop without time delays the answer, and
/// nothing else.
void LoadRun::Parts::close_second() {
    const Duration at = seconds{closed++};
    const double rate = plan->own_rate(at) / static_cast<double>(loops.count());
    const bool warmup = plan->schedule()->is_warmup(at);
    loops.each([this, rate, warmup](LoadLoop& own, std::size_t /*index*/) {
        loops.tell_first([this, second = own.close_second(rate, warmup)]() mutable {
            if (auto whole = loop_seconds.take(std::move(second))) {
                take_second(*std::move(whole));
            }
        });
    });
}

void LoadRun::Parts::take_second(MeasuredSecond second) {
    LoadSecond& row = second.row;
    row.planned_rate = plan->own_rate(seconds{row.second});  // what the loops had of it, unrounded
    // Loops that share a core are never busy by themselves.
    row.busiest = std::max(row.busiest,
                           row.cpu / static_cast<double>(std::min(loops.count(), usable_cores())));
    result.seconds.push_back(row);
    failed += row.failed;
    errors += row.errors;
    const LoadNews news{row,
                        second.response,
                        second.service,
                        std::chrono::duration<double>(plan->schedule()->duration()).count(),
                        failed,
                        errors,
                        plan->steering().is_paused()};
    const std::string why = on_second ? on_second(news) : std::string{};
    if (!why.empty() && result.aborted.empty()) {
        end_early(why);
    }
    if (!running && result.seconds.size() == closed) {
        loop.stop();
    }
}

void LoadRun::Parts::loop_is_over(std::size_t index, const LoadLoop::Over& told) {
    if (!running || told.version != plan->version()) {
        return;  // it has got more to do meanwhile
    }
    over_loops[index] = true;
    ended = std::max(ended, told.at);
    if (std::ranges::all_of(over_loops, std::identity{})) {
        over();
    }
}

void LoadRun::Parts::over() {
    running = false;
    starting = false;
    ticker.cancel();
    drain.cancel();
    const bool part_of_a_second = ended - start > seconds{closed};
    if (part_of_a_second) {
        close_second();
    } else if (result.seconds.size() == closed) {
        loop.stop();
    }
}

/// What can be said of it at any time.
void LoadRun::Parts::describe(LoadResult& into, WallInstant until) const {
    into.scenario = settings.scenario.name;
    into.file = settings.scenario.file;
    into.target = redact_url(settings.hall.receiver);
    into.timers = timers_of(settings.scenario);
    into.workers = static_cast<std::uint32_t>(loops.count());
    into.duration_s = std::chrono::duration<double>(until - start).count();
}

/// For who asks while it goes on: each loop writes what it has counted, the last one's answer tells
/// it. The whole plan, which may be a long trace, is told in the end.
void LoadRun::Parts::gather(LiveMetrics::Told told) {
    struct Gathering {
        LoadResult sum;
        std::uint64_t waited_for_room;
        std::size_t missing;
        LiveMetrics::Told told;
    };
    const auto gathering =
        std::make_shared<Gathering>(Gathering{{}, 0, loops.count(), std::move(told)});
    loops.each([this, gathering](LoadLoop& own, std::size_t /*index*/) {
        LoadResult part;
        own.hall().ledger().write_to(part);
        const std::uint64_t waited = own.hall().calls().waited_for_room();
        loops.tell_first([this, gathering, waited, part = std::move(part)]() mutable {
            LoadResult& sum = gathering->sum;
            add_measured(sum, std::move(part));
            gathering->waited_for_room += waited;
            if (--gathering->missing > 0) {
                return;
            }
            sum.started_at = result.started_at;
            sum.plan.arrivals = settings.plan.arrivals;
            sum.seconds = result.seconds;
            describe(sum, std::max(running ? wall_now() : ended, start));
            sum.truth = truth_of(sum, ceiling ? ceiling->callbacks_per_second : 0,
                                 gathering->waited_for_room);
            gathering->told(sum);
        });
    });
}

/// When the loops have ended.
void LoadRun::Parts::sum_up() {
    std::uint64_t waited_for_room{0};
    for (const auto& own : loops.all()) {
        LoadResult part;
        own->hall().ledger().write_to(part);
        part.kept = own->hall().kept();
        const Simulator& simulator = own->hall().simulator();
        part.faults = faults_played(simulator.faults(), simulator.fault_tally(), 0);
        add_measured(result, std::move(part));
        waited_for_room += own->hall().calls().waited_for_room();
    }
    keep_first(result.kept);
    describe(result, ended);
    plan->end(ended - start);
    result.plan = plan->steering().plan();
    result.changes = plan->steering().changes();
    // What an early end kept from starting was planned all the same.
    const std::uint64_t measured = plan->own_measured_starts();
    if (measured > result.counts.planned) {
        result.counts.dropped += measured - result.counts.planned;
        result.counts.planned = measured;
    }
    result.truth = truth_of(result, ceiling ? ceiling->callbacks_per_second : 0, waited_for_room);
}

void LoadRun::take_keys(int descriptor, Keys keys) {
    if (descriptor >= 0) {
        parts_->wanted_keys = keys;
        parts_->watch.keys(descriptor, [this](char key) { parts_->take(key); });
    }
}

Result<LoadResult> LoadRun::run(const SuiteReceiver& receiver, const OnSecond& on_second) {
    Parts& parts = *parts_;
    parts.on_second = on_second;
    parts.ceiling = parts.settings.ceiling;
    if (parts.settings.measure_ceiling) {
        auto ceiling = measure_ceiling(parts.loops.count());
        if (!ceiling) {
            return ceiling.error();
        }
        parts.ceiling = ceiling.value();
    }
    const auto work = boost::asio::make_work_guard(parts.loop);
    parts.memory.watch();
    const auto when_short = [&parts] { parts.starve(); };
    parts.loops.start(when_short);
    std::thread thread = parts.await_receiver(receiver);
    WaiterJoined waiter{thread, receiver};
    run_patiently(parts.loop, when_short);
    parts.loops.end();
    parts.end_starved();
    if (parts.result.interrupted || parts.starved) {
        waiter.give_up();
    }
    parts.watch.forget();  // whoever will not wait for the receiver's answer interrupts again
    waiter.join();
    if (parts.problem) {
        return *parts.problem;
    }
    parts.sum_up();
    return std::move(parts.result);
}

}  // namespace ringback
