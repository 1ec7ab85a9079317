#include "harness/load/load_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <thread>
#include <utility>

#include "harness/load/consent.h"
#include "harness/load/cpu_time.h"
#include "harness/load/hall_door.h"
#include "harness/load/live_metrics.h"
#include "harness/load/plan_steering.h"
#include "harness/load/truth.h"
#include "simulator/edge/http_server.h"
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

struct LoadRun::Parts {
    explicit Parts(LoadRunSettings wanted)
        : settings{std::move(wanted)},
          steering{settings.plan},
          signals{loop},
          child{loop},
          keys{loop},
          ticker{loop},
          drain{loop} {}

    LoadRunSettings settings;
    boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    TargetPolicy targets;
    PlanSteering steering;
    std::optional<ArrivalSchedule> schedule{};
    std::unique_ptr<LoadHall> hall;
    HallDoor door;
    LiveMetrics metrics{[this](const LiveMetrics::Told& told) { told(so_far()); }};
    std::unique_ptr<HttpServer> server;  // goes first: its requests end in the hall
    boost::asio::signal_set signals;
    boost::asio::posix::stream_descriptor child;
    boost::asio::posix::stream_descriptor keys;  // standard input's, not ours to close
    Keys wanted_keys{Keys::all};
    boost::asio::steady_timer ticker;
    boost::asio::steady_timer drain;
    OnSecond on_second;

    LoadResult result;
    std::optional<Ceiling> ceiling{};
    std::optional<Error> problem{};
    bool unreachable{false};
    WallInstant start{};
    WallInstant ended{};
    Duration cpu_before{};
    std::uint32_t ticks{0};
    std::uint64_t failed{0};
    std::uint64_t errors{0};
    bool running{false};

    void watch_signals();
    void interrupt();
    void watch_keys();
    void take(char key);
    void steer(char key);
    [[nodiscard]] bool is_too_much(const LoadPlan& plan) const;
    void watch_child(int descriptor);
    std::thread await_receiver(const SuiteReceiver& awaited);
    void begin();
    void tick();
    [[nodiscard]] double own_rate(Duration at) const;
    void close_second();
    void end_early(const std::string& why);
    void over();
    void tell(LoadResult& into, WallInstant until) const;
    [[nodiscard]] LoadResult so_far() const;
    void sum_up();
};

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
    parts.schedule.emplace(std::move(schedule).value());
    ServerSettings wanted;
    wanted.port = parts.settings.port;
    parts.server = std::make_unique<HttpServer>(parts.loop, wanted, parts.door);
    const Result<std::uint16_t> port = parts.server->listen();
    if (!port) {
        return port.error();
    }
    parts.targets.add_own_port(port.value());
    parts.signals.add(SIGINT);
    parts.signals.add(SIGTERM);
    parts.watch_signals();  // before there is a receiver that would have to be stopped
    parts.settings.hall.api = fmt::format("http://127.0.0.1:{}", port.value());
    return parts.settings.hall.api;
}

std::optional<Error> LoadRun::prepare(const std::string& receiver) {
    Parts& parts = *parts_;
    parts.settings.hall.receiver = receiver;
    parts.settings.hall.share = parts.settings.plan.segment;
    auto hall = LoadHall::build(parts.loop, parts.settings.scenario, *parts.schedule, parts.targets,
                                parts.settings.hall);
    if (!hall) {
        return hall.error();
    }
    parts.hall = std::move(hall).value();
    if (auto refusal = parts.hall->simulator().refuse_url(receiver)) {
        return Error{"--callback-url", *refusal};
    }
    parts.door.open_to(parts.hall->calls());
    parts.door.show(parts.metrics);
    return std::nullopt;
}

void LoadRun::Parts::watch_signals() {
    signals.async_wait([this](const boost::system::error_code& cancelled, int /*which*/) {
        if (cancelled) {
            return;
        }
        interrupt();
        watch_signals();
    });
}

/// The first time no more calls start, the second time it ends at once.
void LoadRun::Parts::interrupt() {
    const bool again = std::exchange(result.interrupted, true);
    if (!running) {
        loop.stop();
    } else if (again) {
        hall->cut_short("interrupted");
    } else {
        end_early("");
    }
}

void LoadRun::Parts::watch_keys() {
    keys.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [this](const boost::system::error_code& cancelled) {
                        if (cancelled) {
                            return;
                        }
                        if (::tcgetpgrp(keys.native_handle()) != ::getpgrp()) {
                            return;  // in the background: whoever reads there is stopped
                        }
                        std::array<char, 16> pressed{};
                        const ssize_t count =
                            ::read(keys.native_handle(), pressed.data(), pressed.size());
                        for (ssize_t at = 0; at < count; ++at) {
                            take(pressed.at(static_cast<std::size_t>(at)));
                        }
                        if (count > 0) {  // else the terminal is gone
                            watch_keys();
                        }
                    });
}

void LoadRun::Parts::take(char key) {
    if (key == 'q' && !result.interrupted) {
        interrupt();
    } else if (key == 'Q' && running) {
        result.interrupted = true;
        hall->cut_short("interrupted");
    } else if (wanted_keys == Keys::all && running && !hall->starts_are_over()) {
        steer(key);
    }
}

/// More than the receiver has agreed to, or gets unasked.
bool LoadRun::Parts::is_too_much(const LoadPlan& plan) const {
    return settings.most_rate &&
           demand_of(plan, settings.scenario).calls_per_second > *settings.most_rate;
}

/// The plan, from now on.
void LoadRun::Parts::steer(char key) {
    constexpr double step{1.1};
    const Duration at = wall_now() - start;
    PlanSteering steered{steering};
    bool changed{false};
    if (key == '+' || key == '-') {
        changed = steered.scale(at, key == '+' ? step : 1 / step);
    } else if (key == 'p') {
        changed = steered.is_paused() ? steered.resume(at) : steered.pause(at);
    }
    if (!changed || (key == '+' && is_too_much(steered.plan()))) {
        return;
    }
    auto next = ArrivalSchedule::of(steered.plan());
    if (!next) {
        return;  // such as a run that would end within its warm-up
    }
    steering = std::move(steered);
    *schedule = std::move(next).value();
    hall->replanned();
}

void LoadRun::Parts::watch_child(int descriptor) {
    if (descriptor < 0) {
        return;
    }
    child.assign(descriptor);
    child.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& cancelled) {
                         if (!cancelled && running) {
                             result.aborted = "the receiver's process has ended";
                             hall->cut_short("the receiver's process has ended");
                         }
                     });
}

/// No more starts; those in flight have `drain` to come to their end.
void LoadRun::Parts::end_early(const std::string& why) {
    if (result.aborted.empty()) {
        result.aborted = why;
    }
    hall->stop_starting();
    drain.expires_after(settings.drain);
    drain.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            hall->cut_short("it was not over when the time to come to an end was");
        }
    });
}

/// On a thread of its own; its outcome comes back through the loop.
std::thread LoadRun::Parts::await_receiver(const SuiteReceiver& awaited) {
    return std::thread{[this, &awaited] {
        auto error = awaited.await ? awaited.await() : std::nullopt;
        boost::asio::post(loop, [this, &awaited, error = std::move(error)] {
            if (error) {
                problem = error;
                unreachable = true;
                loop.stop();
                return;
            }
            watch_child(awaited.child);
            begin();
        });
    }};
}

void LoadRun::Parts::begin() {
    constexpr milliseconds run_up{50};  // so that the first start is not late already
    running = true;
    result.started_at = utc_text(utc_now());
    start = wall_now() + run_up;
    cpu_before = thread_cpu_time();
    hall->begin(start, [this] { over(); });
    ticks = 0;
    tick();
}

void LoadRun::Parts::tick() {
    ticker.expires_at(steady(start + seconds{ticks + 1}));
    ticker.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            close_second();
            ++ticks;
            tick();
        }
    });
}

/// Of the planned rate, what this process's segment has of it.
double LoadRun::Parts::own_rate(Duration at) const {
    return schedule->rate_at(at) / static_cast<double>(settings.plan.segment.of);
}

void LoadRun::Parts::close_second() {
    const Duration at = seconds{ticks};
    const Duration spent = thread_cpu_time();
    const double cpu = std::chrono::duration<double>(spent - cpu_before).count();
    cpu_before = spent;
    Ledger& ledger = hall->ledger();
    const LoadSecond& row =
        ledger.close_second(own_rate(at), hall->in_flight(), cpu, schedule->is_warmup(at));
    failed += row.failed;
    errors += row.errors;
    const LoadNews news{row,
                        ledger.response_of_second(),
                        ledger.service_of_second(),
                        std::chrono::duration<double>(schedule->duration()).count(),
                        failed,
                        errors,
                        steering.is_paused()};
    const std::string why = on_second ? on_second(news) : std::string{};
    if (!why.empty() && result.aborted.empty()) {
        end_early(why);
    }
}

void LoadRun::Parts::over() {
    running = false;
    ended = wall_now();
    ticker.cancel();
    drain.cancel();
    const bool part_of_a_second = ended - start > seconds{ticks};
    if (part_of_a_second) {
        close_second();
    }
    loop.stop();
}

void LoadRun::Parts::tell(LoadResult& into, WallInstant until) const {
    into.scenario = settings.scenario.name;
    into.file = settings.scenario.file;
    into.target = redact_url(settings.hall.receiver);
    into.timers = timers_of(settings.scenario);
    hall->ledger().write_to(into);
    into.duration_s = std::chrono::duration<double>(until - start).count();
}

/// For who asks while it goes on. The whole plan, which may be a long trace, is told in the end.
LoadResult LoadRun::Parts::so_far() const {
    LoadResult now;
    now.started_at = result.started_at;
    now.plan.arrivals = settings.plan.arrivals;
    tell(now, running ? std::max(wall_now(), start) : start);
    now.truth = truth_of(now, ceiling ? ceiling->callbacks_per_second : 0);
    return now;
}

void LoadRun::Parts::sum_up() {
    steering.end(ended - start);
    tell(result, ended);
    result.plan = steering.plan();
    result.changes = steering.changes();
    result.kept = hall->kept();
    // What an early end kept from starting was planned all the same.
    const std::uint64_t measured =
        schedule->total(settings.plan.segment) -
        schedule->starts_before(settings.plan.warmup, settings.plan.segment);
    if (measured > result.counts.planned) {
        result.counts.dropped += measured - result.counts.planned;
        result.counts.planned = measured;
    }
    result.truth = truth_of(result, ceiling ? ceiling->callbacks_per_second : 0);
}

void LoadRun::take_keys(int descriptor, Keys keys) {
    if (descriptor >= 0) {
        parts_->wanted_keys = keys;
        parts_->keys.assign(descriptor);
        parts_->watch_keys();
    }
}

Result<LoadResult> LoadRun::run(const SuiteReceiver& receiver, const OnSecond& on_second) {
    Parts& parts = *parts_;
    parts.on_second = on_second;
    parts.ceiling = parts.settings.ceiling;
    if (parts.settings.measure_ceiling) {
        auto ceiling = measure_ceiling();
        if (!ceiling) {
            return ceiling.error();
        }
        parts.ceiling = ceiling.value();
    }
    const auto work = boost::asio::make_work_guard(parts.loop);
    std::thread waiter = parts.await_receiver(receiver);
    parts.loop.run();
    if (parts.result.interrupted && receiver.give_up) {
        receiver.give_up();
    }
    parts.signals.clear();  // whoever will not wait for the receiver's answer interrupts again
    waiter.join();
    if (parts.child.is_open()) {
        parts.child.release();  // it is the child's
    }
    if (parts.keys.is_open()) {
        parts.keys.release();
    }
    if (parts.problem) {
        return *parts.problem;
    }
    parts.sum_up();
    return std::move(parts.result);
}

}  // namespace ringback
