// What does one callback cost, from the timer that comes due to the outcome in the journal?
//
// The product's own path in one process: Driver, Engine, callback body, Dispatcher, HttpTransport,
// Journal. Only the API in front is left out; calls are put into the engine directly. Every call is
// answered, presses two keys and hangs up: four callbacks, every body different.
//
//     callbacks --target http://127.0.0.1:PORT/cb --in-flight 64 --requests 300000
//         closed loop: that many calls at a time, each with one callback under way: its events come
//         --gap-us apart, at once unless given, and wait for each other's answers. A call that has
//         told its hangup is followed by a new one. Watch cpu_us.
//     callbacks --target http://127.0.0.1:PORT/cb --rate 10000 --seconds 10
//         open loop: all calls are in the engine before the first one is answered, and only their
//         timers decide when something is sent. Watch lag_us_p99: sent minus due.
//
// Prints one JSON object. Exit 1 if any callback was not answered 2xx.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "bench/measure.h"
#include "bench/product.h"

namespace ringback::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Plan {
    std::string target;
    std::uint64_t in_flight{64};
    std::uint64_t requests{300'000};
    std::uint64_t warm_up{20'000};
    std::uint64_t rate{0};  // callbacks a second; 0: closed loop
    std::uint64_t seconds{10};
    std::uint64_t warm_up_seconds{2};
    std::uint64_t gap_us{1};
    std::size_t journal_entries{JournalLimits{}.entries};
    std::size_t ended_calls{EngineLimits{}.ended_calls};
    std::uint64_t deadline_s{120};
};

Pace closed_loop_pace(const Plan& plan) {
    const Duration gap = microseconds{plan.gap_us};
    return {gap, gap, 3 * gap, 4 * gap};
}

/// The pace of performance measurements since the first prototype: 0, 50, 151 and 200 ms.
constexpr Pace open_loop_pace{milliseconds{50}, milliseconds{101}, milliseconds{190},
                              milliseconds{200}};

SimulatorSettings settings_of(const Plan& plan, const Pace& pace) {
    SimulatorSettings settings = settings_for(pace);
    settings.limits.ended_calls = plan.ended_calls;
    return settings;
}

bool went_wrong(const AttemptMade& made) { return !is_success(made.result); }

/// None of a sending that was lost with its kept connection and made again.
const AttemptMade* attempt_in(const Entry& entry) {
    const auto* const made = std::get_if<AttemptMade>(&entry.what);
    return made == nullptr || made->result.sent_again ? nullptr : made;
}

// --- closed loop
// ------------------------------------------------------------------------------------------

/// Counts outcomes in the journal and replaces each call that has told its last.
class ClosedLoop : public Watcher {
public:
    ClosedLoop(Product& product, const Plan& plan, NewCall call)
        : product_{product}, plan_{plan}, call_{std::move(call)} {}

    void start() {
        for (std::uint64_t i = 0; i < plan_.in_flight; ++i) {
            product_.create(call_);
        }
        product_.nudge();
    }

    void recorded(const Entry& entry) override {
        if (const auto* const made = attempt_in(entry)) {
            count(*made);
        }
    }

    [[nodiscard]] bool report() const {
        const auto requests = static_cast<double>(plan_.requests);
        fmt::print(
            "{{\"mode\":\"closed\",\"in_flight\":{},\"requests\":{},\"failed\":{},"
            "\"requests_per_s\":{:.0f},\"cpu_us\":{:.3f},\"user_us\":{:.3f},\"system_us\":{:.3f},"
            "\"resident_mib\":{:.1f}}}\n",
            plan_.in_flight, plan_.requests, failed_,
            requests * 1e9 / static_cast<double>(took_ns_), cpu_.all_us() / requests,
            cpu_.user_us / requests, cpu_.system_us / requests,
            static_cast<double>(resident_bytes()) / (1U << 20U));
        return failed_ == 0;
    }

private:
    [[gnu::noinline]] void count(const AttemptMade& made) {
        failed_ += went_wrong(made) ? 1U : 0U;
        ++done_;
        if (done_ == plan_.warm_up) {
            cpu_at_start_ = Cpu::used();
            started_ns_ = now_ns();
        } else if (done_ == plan_.warm_up + plan_.requests) {
            cpu_ = Cpu::used() - cpu_at_start_;
            took_ns_ = now_ns() - started_ns_;
            product_.stop();
            return;
        }
        if (made.type == EventType::hangup) {
            product_.create(call_);  // its timers are armed with what follows this outcome
        }
    }

    Product& product_;
    const Plan& plan_;
    NewCall call_;
    std::uint64_t done_{0};
    std::uint64_t failed_{0};
    Cpu cpu_at_start_;
    Cpu cpu_;
    std::int64_t started_ns_{0};
    std::int64_t took_ns_{0};
};

bool run_closed(const Plan& plan) {
    const Pace pace = closed_loop_pace(plan);
    Product product{settings_of(plan, pace), {.entries = plan.journal_entries}};
    ClosedLoop loop{product, plan, talking_call(plan.target, pace)};
    product.journal().watch(loop);
    loop.start();
    product.run(plan.deadline_s);
    return loop.report();
}

// --- open loop
// --------------------------------------------------------------------------------------------

/// Holds what was sent against when it was due.
class OpenLoop : public Watcher {
public:
    OpenLoop(Product& product, const Plan& plan, NewCall call)
        : product_{product},
          plan_{plan},
          call_{std::move(call)},
          calls_{plan.rate * (plan.warm_up_seconds + plan.seconds) / callbacks_of_a_call},
          due_(calls_ * callbacks_of_a_call + 1) {
        lag_ns_.reserve(due_.size());
        latency_ns_.reserve(due_.size());
    }

    /// The n-th call is answered at an instant that is arithmetic on n, never on how others fared.
    void start() {
        const Instant modelled = product_.simulator().now();
        to_wall_ = product_.simulator().wall().time_since_epoch() - modelled.time_since_epoch();
        constexpr Duration head_start = milliseconds{500};  // for creating them all
        first_due_ = modelled + head_start;
        for (std::uint64_t n = 0; n < calls_; ++n) {
            const auto offset_ns = n * 1'000'000'000 * callbacks_of_a_call / plan_.rate;
            const Instant answer = first_due_ + Duration{static_cast<std::int64_t>(offset_ns)};
            call_.far_end->after = answer - product_.simulator().now();
            product_.create(call_);
        }
        late_start_ = product_.simulator().now() >= first_due_;
        product_.nudge();
        cpu_at_start_ = Cpu::used();
        started_ns_ = now_ns();
    }

    void recorded(const Entry& entry) override {
        if (const auto* const raised = std::get_if<EventRaised>(&entry.what)) {
            due_[static_cast<std::size_t>(raised->delivery)] = entry.at;
        } else if (const auto* const made = attempt_in(entry)) {
            take(*made);
        }
    }

    [[nodiscard]] bool report() {
        std::ranges::sort(lag_ns_);
        std::ranges::sort(latency_ns_);
        const auto us = [](const std::vector<std::int64_t>& sorted, double q) {
            return quantile(sorted, q) / 1e3;
        };
        fmt::print(
            "{{\"mode\":\"open\",\"rate\":{},\"callbacks\":{},\"failed\":{},\"achieved_per_s\":{:."
            "0f},"
            "\"lag_us_p50\":{:.1f},\"lag_us_p99\":{:.1f},\"lag_us_p999\":{:.1f},"
            "\"lag_us_max\":{:.1f},\"latency_us_p50\":{:.1f},\"latency_us_p99\":{:.1f},"
            "\"cpu_us\":{:.2f}}}\n",
            plan_.rate, done_, failed_,
            static_cast<double>(done_) * 1e9 / static_cast<double>(took_ns_), us(lag_ns_, 0.5),
            us(lag_ns_, 0.99), us(lag_ns_, 0.999), us(lag_ns_, 1), us(latency_ns_, 0.5),
            us(latency_ns_, 0.99), cpu_.all_us() / static_cast<double>(done_));
        if (late_start_) {
            fail("callbacks: creating the calls took longer than the head start; lower the rate");
        }
        return failed_ == 0;
    }

private:
    void take(const AttemptMade& made) {
        failed_ += went_wrong(made) ? 1U : 0U;
        const Instant due = due_[static_cast<std::size_t>(made.delivery)];
        if (due - first_due_ >= seconds{plan_.warm_up_seconds}) {
            const WallInstant due_wall{due.time_since_epoch() + to_wall_};
            lag_ns_.push_back((made.result.sent - due_wall).count());
            latency_ns_.push_back((made.result.ended - due_wall).count());
        }
        if (++done_ == calls_ * callbacks_of_a_call) {
            cpu_ = Cpu::used() - cpu_at_start_;
            took_ns_ = now_ns() - started_ns_;
            product_.stop();
        }
    }

    Product& product_;
    const Plan& plan_;
    NewCall call_;
    std::uint64_t calls_;
    std::vector<Instant> due_;  // by delivery
    std::vector<std::int64_t> lag_ns_;
    std::vector<std::int64_t> latency_ns_;  // due to the whole answer
    Duration to_wall_{};                    // real clock, scale 1: the two differ by a constant
    Instant first_due_{};
    bool late_start_{false};
    std::uint64_t done_{0};
    std::uint64_t failed_{0};
    Cpu cpu_at_start_;
    Cpu cpu_;
    std::int64_t started_ns_{0};
    std::int64_t took_ns_{1};
};

bool run_open(const Plan& plan) {
    Product product{settings_of(plan, open_loop_pace), {.entries = plan.journal_entries}};
    OpenLoop loop{product, plan, talking_call(plan.target, open_loop_pace)};
    product.journal().watch(loop);
    loop.start();
    product.run(plan.deadline_s);
    return loop.report();
}

}  // namespace
}  // namespace ringback::bench

int main(int argc, char** argv) {
    ringback::bench::Plan plan;
    CLI::App app{"CPU and send lag of a callback over the product's whole path"};
    app.add_option("--target", plan.target, "URL of the receiver, on loopback")->required();
    app.add_option("--in-flight", plan.in_flight, "closed loop: callbacks under way at a time");
    app.add_option("--requests", plan.requests, "closed loop: callbacks to measure");
    app.add_option("--warm-up", plan.warm_up, "closed loop: callbacks before those");
    app.add_option("--gap-us", plan.gap_us, "closed loop: between two events of a call");
    app.add_option("--rate", plan.rate, "open loop: callbacks a second");
    app.add_option("--seconds", plan.seconds, "open loop: how long to measure");
    app.add_option("--warm-up-seconds", plan.warm_up_seconds, "open loop: how long before that");
    app.add_option("--journal-entries", plan.journal_entries, "as --max-journal-entries of serve");
    app.add_option("--ended-calls", plan.ended_calls, "ended calls kept for GET");
    app.add_option("--deadline", plan.deadline_s, "give up after that many seconds");
    CLI11_PARSE(app, argc, argv);

    ringback::bench::raise_descriptor_limit();
    const bool good =
        plan.rate > 0 ? ringback::bench::run_open(plan) : ringback::bench::run_closed(plan);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
