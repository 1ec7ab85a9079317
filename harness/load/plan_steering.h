#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/load/plan.h"

namespace ringback {

/// A plan that a person changes while it is played. What is past stays as it was, so the n-th start
/// remains arithmetic on n: the stage that is under way is cut, and what follows it is changed.
/// Pure. A trace is nobody's to change.
class PlanSteering {
public:
    explicit PlanSteering(LoadPlan plan) : plan_{std::move(plan)} {}

    /// As it has been and will be; what result and report tell.
    [[nodiscard]] const LoadPlan& plan() const { return plan_; }
    [[nodiscard]] bool is_paused() const { return rest_.has_value(); }
    /// In order; "" where nothing was changed.
    [[nodiscard]] const std::vector<PlanChange>& changes() const { return changes_; }

    /// All rates behind `at` (since the start of the run), times `factor`. False: nothing is left
    /// to be changed. While it is paused, what comes behind the pause.
    bool scale(std::chrono::nanoseconds at, double factor);
    /// No call starts from `at` on, until resume().
    bool pause(std::chrono::nanoseconds at);
    /// What was left goes on.
    bool resume(std::chrono::nanoseconds at);
    /// It ends at `at`: a pause is no longer than until then, and what was left stays planned.
    void end(std::chrono::nanoseconds at);

private:
    /// What is left at `at`, taken out of the plan; none: nothing.
    [[nodiscard]] std::optional<std::vector<LoadStage>> cut(std::chrono::nanoseconds at);
    bool unpause(std::chrono::nanoseconds at);
    void append(const std::vector<LoadStage>& stages);
    void change(std::chrono::nanoseconds at, std::string what);

    LoadPlan plan_;
    std::optional<std::vector<LoadStage>> rest_{};  // while it is paused
    std::vector<PlanChange> changes_;
};

}  // namespace ringback
