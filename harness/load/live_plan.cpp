#include "harness/load/live_plan.h"

#include <memory>
#include <utility>

namespace ringback {

LivePlan::LivePlan(SharedSchedule schedule)
    : steering_{schedule->plan()}, schedule_{std::move(schedule)} {}

bool LivePlan::press(char key, Duration at, const std::function<bool(const LoadPlan&)>& may_be) {
    constexpr double step{1.1};
    if (at >= schedule_->duration()) {
        return false;
    }
    PlanSteering steered{steering_};
    bool changed{false};
    if (key == '+' || key == '-') {
        changed = steered.scale(at, key == '+' ? step : 1 / step);
    } else if (key == 'p') {
        changed = steered.is_paused() ? steered.resume(at) : steered.pause(at);
    }
    if (!changed || (key == '+' && !may_be(steered.plan()))) {
        return false;
    }
    auto next = ArrivalSchedule::of(steered.plan());
    if (!next) {
        return false;  // such as a run that would end within its warm-up
    }
    steering_ = std::move(steered);
    schedule_ = std::make_shared<const ArrivalSchedule>(std::move(next).value());
    ++version_;
    return true;
}

double LivePlan::own_rate(Duration at) const {
    return schedule_->rate_at(at) / static_cast<double>(schedule_->plan().segment.of);
}

std::uint64_t LivePlan::own_measured_starts() const {
    const LoadPlan& plan = schedule_->plan();
    return schedule_->total(plan.segment) - schedule_->starts_before(plan.warmup, plan.segment);
}

}  // namespace ringback
