#include "harness/load/load_loop.h"

#include <chrono>
#include <utility>

#include "harness/load/cpu_time.h"
#include "harness/process/patient_loop.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

LoadLoop::~LoadLoop() { end(); }

std::optional<Error> LoadLoop::hear(Hearing wanted) {
    auto deafness = deafness_of(context_, wanted);
    if (!deafness) {
        pulse_.emplace(context_);
    }
    return deafness;
}

std::optional<Error> LoadLoop::build(const Scenario& scenario, SharedSchedule schedule,
                                     const TargetPolicy& targets, LoadHallSettings settings) {
    auto hall =
        LoadHall::build(context_, scenario, std::move(schedule), targets, std::move(settings));
    if (!hall) {
        return hall.error();
    }
    hall_ = std::move(hall).value();
    door_->open_to(hall_->calls());
    return std::nullopt;
}

void LoadLoop::know(LoadLoop& other) {
    door_->add_neighbour(other.hall().calls(), other.context());
}

void LoadLoop::keep_account_at(LoadLoop& first) {
    door_->keep_account_at(first.hall().calls(), first.context());
}

void LoadLoop::show(LiveMetrics& metrics, LoadLoop& home) { door_->show(metrics, home.context()); }

void LoadLoop::start(std::function<void()> when_short) {
    work_.emplace(context_.get_executor());
    thread_ = std::thread{
        [this, when_short = std::move(when_short)] { run_patiently(context_, when_short); }};
}

void LoadLoop::end() {
    context_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void LoadLoop::close_door() {
    server_.reset();
    door_.reset();
}

void LoadLoop::begin(WallInstant start, std::function<void(Over)> when_over) {
    cpu_before_ = thread_cpu_time();
    hall_->begin(start, [this, when_over = std::move(when_over)] {
        when_over({version_, wall_now()});
    });
}

void LoadLoop::replan(std::uint64_t version, SharedSchedule schedule) {
    version_ = version;
    hall_->replan(std::move(schedule));
}

MeasuredSecond LoadLoop::close_second(double planned_rate, bool warmup) {
    const Duration spent = thread_cpu_time();
    const double cpu = std::chrono::duration<double>(spent - cpu_before_).count();
    cpu_before_ = spent;
    return hall_->ledger().close_second(planned_rate, hall_->in_flight(), cpu, warmup);
}

}  // namespace ringback
