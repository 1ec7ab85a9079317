#include "harness/load/sum.h"

#include <algorithm>
#include <iterator>

#include "harness/load/fields.h"

namespace ringback {
namespace {

constexpr std::size_t most_kept{20};

void add_causes(Causes& sum, const Causes& part) {
    for (const auto& [cause, count] : part) {
        sum[cause] += count;
    }
}

void add_steps(std::vector<LoadStepResult>& sum, const std::vector<LoadStepResult>& part) {
    for (const LoadStepResult& step : part) {
        auto same = std::ranges::find(sum, step.step, &LoadStepResult::step);
        if (same == sum.end()) {
            same = sum.insert(sum.end(), {step.step, 0, 0, {}});
        }
        same->passed += step.passed;
        same->failed += step.failed;
        add(same->metrics, step.metrics);
    }
}

/// Each part has had the same rules, unless it was started otherwise.
void add_faults(std::vector<FaultPlayed>& sum, const std::vector<FaultPlayed>& part) {
    for (const FaultPlayed& fault : part) {
        const auto same = std::ranges::find_if(sum, [&](const FaultPlayed& one) {
            return one.rule == fault.rule && one.set == fault.set && one.written == fault.written;
        });
        if (same == sum.end()) {
            sum.push_back(fault);
            continue;
        }
        same->tally.matched += fault.tally.matched;
        same->tally.struck += fault.tally.struck;
    }
}

void raise(Quantiles& most, const Quantiles& other) {
    most.p50 = std::max(most.p50, other.p50);
    most.p90 = std::max(most.p90, other.p90);
    most.p99 = std::max(most.p99, other.p99);
    most.max = std::max(most.max, other.max);
}

}  // namespace

void add(LoadCounts& sum, const LoadCounts& part) {
    for (const CountField& field : count_fields) {
        sum.*field.member += part.*field.member;
    }
}

void add(Metrics& sum, const Metrics& part) {
    for (const auto& [name, histogram] : part) {
        sum[name].merge(histogram);
    }
}

void add(LoadSecond& sum, const LoadSecond& part) {
    sum.warmup = sum.warmup || part.warmup;
    sum.planned_rate += part.planned_rate;
    sum.started += part.started;
    sum.finished += part.finished;
    sum.failed += part.failed;
    sum.dropped += part.dropped;
    sum.in_flight += part.in_flight;
    sum.callbacks += part.callbacks;
    sum.errors += part.errors;
    sum.requests += part.requests;
    raise(sum.response, part.response);
    raise(sum.service, part.service);
    raise(sum.send_lag, part.send_lag);
    sum.cpu += part.cpu;
    sum.busiest = std::max(sum.busiest, part.busiest);
}

void add(LostEvents& sum, const LostEvents& part) {
    if (part.events > 0) {
        sum.first_s = sum.events == 0 ? part.first_s : std::min(sum.first_s, part.first_s);
        sum.events += part.events;
    }
}

void add_measured(LoadResult& sum, LoadResult&& part) {
    add(sum.counts, part.counts);
    add(sum.metrics, part.metrics);
    add_causes(sum.failures, part.failures);
    add_causes(sum.errors, part.errors);
    sum.unexpected += part.unexpected;
    add(sum.lost, part.lost);
    add_faults(sum.faults, part.faults);
    for (std::size_t at = 0; at < part.stages.size(); ++at) {
        if (at == sum.stages.size()) {
            sum.stages.push_back({part.stages[at].stage, {}, {}});
        }
        add(sum.stages[at].counts, part.stages[at].counts);
        add(sum.stages[at].metrics, part.stages[at].metrics);
    }
    add_steps(sum.steps, part.steps);
    std::ranges::move(part.kept, std::back_inserter(sum.kept));
}

void keep_first(std::vector<KeptFailure>& kept) {
    std::ranges::sort(kept, {}, &KeptFailure::call);
    kept.resize(std::min(kept.size(), most_kept));
}

}  // namespace ringback
