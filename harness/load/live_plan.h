#pragma once

#include <cstdint>
#include <functional>

#include "harness/load/load_hall.h"
#include "harness/load/plan_steering.h"
#include "simulator/core/time.h"

namespace ringback {

/// The plan of a run while it is played: what keys have made of it, and the schedule that it comes
/// to. Pure; instants are those since the start of the run.
class LivePlan {
public:
    /// As it was meant to be.
    explicit LivePlan(SharedSchedule schedule);

    /// `+` and `-`: a tenth more and less, `p`: pause, or go on. False: nothing has changed, as
    /// nothing is left to be, or as more than `may_be` allows was asked for.
    bool press(char key, Duration at, const std::function<bool(const LoadPlan&)>& may_be);
    /// As of PlanSteering::end().
    void end(Duration at) { steering_.end(at); }

    [[nodiscard]] const PlanSteering& steering() const { return steering_; }
    [[nodiscard]] const SharedSchedule& schedule() const { return schedule_; }
    /// How often the schedule was changed.
    [[nodiscard]] std::uint64_t version() const { return version_; }

    // Of what this process has of the plan, which is a segment.
    /// Calls per second.
    [[nodiscard]] double own_rate(Duration at) const;
    /// All starts but those of the warm-up.
    [[nodiscard]] std::uint64_t own_measured_starts() const;

private:
    PlanSteering steering_;
    SharedSchedule schedule_;
    std::uint64_t version_{0};
};

}  // namespace ringback
