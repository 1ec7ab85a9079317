#include "harness/load/plan_steering.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/load/arrival_schedule.h"

namespace ringback {
namespace {

using std::chrono::nanoseconds;

/// Nobody waits that long, and the schedule still takes it.
constexpr std::chrono::hours until_resumed{1000};

double rate_within(const LoadStage& stage, nanoseconds since) {
    const double share =
        std::chrono::duration<double>{since} / std::chrono::duration<double>{stage.duration};
    return stage.rate_from + (stage.rate_to - stage.rate_from) * share;
}

}  // namespace

std::optional<std::vector<LoadStage>> PlanSteering::cut(nanoseconds at) {
    if (plan_.arrivals == Arrivals::trace || at <= nanoseconds{0}) {
        return std::nullopt;
    }
    nanoseconds begin{};
    for (std::size_t index = 0; index < plan_.stages.size(); ++index) {
        LoadStage& stage = plan_.stages[index];
        const nanoseconds since = at - begin;
        if (since < stage.duration) {
            const double rate = rate_within(stage, since);
            const auto first = plan_.stages.begin() + static_cast<std::ptrdiff_t>(index);
            std::vector<LoadStage> rest{first, plan_.stages.end()};
            rest.front().rate_from = rate;
            rest.front().duration -= since;
            plan_.stages.resize(since > nanoseconds{0} ? index + 1 : index);
            if (since > nanoseconds{0}) {
                plan_.stages.back().rate_to = rate;
                plan_.stages.back().duration = since;
            }
            return rest;
        }
        begin += stage.duration;
    }
    return std::nullopt;
}

void PlanSteering::change(nanoseconds at, std::string what) {
    changes_.push_back({std::chrono::duration<double>{at}.count(), std::move(what)});
}

void PlanSteering::append(const std::vector<LoadStage>& stages) {
    plan_.stages.insert(plan_.stages.end(), stages.begin(), stages.end());
}

bool PlanSteering::scale(nanoseconds at, double factor) {
    auto left = is_paused() ? rest_ : cut(at);
    if (!left) {
        return false;
    }
    for (LoadStage& stage : *left) {
        stage.rate_from = std::min(stage.rate_from * factor, ArrivalSchedule::fastest);
        stage.rate_to = std::min(stage.rate_to * factor, ArrivalSchedule::fastest);
    }
    change(at, fmt::format("rate x {:.3g}, {:.4g}/s", factor, left->front().rate_from));
    if (is_paused()) {
        plan_.stages.resize(plan_.stages.size() - rest_->size());
        rest_ = left;
    }
    append(*left);
    return true;
}

bool PlanSteering::pause(nanoseconds at) {
    if (is_paused()) {
        return false;
    }
    rest_ = cut(at);
    if (!rest_) {
        return false;
    }
    // What is left stays behind it, or nothing would be left to wait for.
    append({{until_resumed, 0, 0}});
    append(*rest_);
    change(at, "paused");
    return true;
}

bool PlanSteering::unpause(nanoseconds at) {
    if (!is_paused() || !cut(at)) {
        return false;
    }
    append(*std::exchange(rest_, std::nullopt));
    return true;
}

bool PlanSteering::resume(nanoseconds at) {
    const bool resumed = unpause(at);
    if (resumed) {
        change(at, "resumed");
    }
    return resumed;
}

void PlanSteering::end(nanoseconds at) { unpause(at); }

}  // namespace ringback
