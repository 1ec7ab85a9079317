#include "harness/load/ledger.h"

#include <algorithm>
#include <chrono>
#include <type_traits>

#include "harness/load/sum.h"

namespace ringback {
namespace {

/// Causes come from receivers too: a run keeps that many different ones, and a sum of the rest.
constexpr std::size_t most_causes = 200;

void count_cause(Causes& causes, std::string_view cause) {
    const auto known = causes.find(cause);
    if (known != causes.end()) {
        ++known->second;
    } else if (causes.size() < most_causes) {
        causes.emplace(cause, 1);
    } else {
        ++causes["others"];
    }
}

std::uint64_t microseconds(Duration length) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(length).count();
    return whole < 0 ? 0 : static_cast<std::uint64_t>(whole);
}

}  // namespace

// Vectors of them move what they hold, and a map that is moved takes its histograms along as they
// are: otherwise what is known of them would not hold.
static_assert(std::is_nothrow_move_constructible_v<LoadStageResult>);
static_assert(std::is_nothrow_move_constructible_v<LoadStepResult>);

Ledger::Ledger(const LoadPlan& plan) {
    for (const LoadStage& stage : plan.stages) {
        stages_.push_back({stage, {}, {}});
    }
    if (stages_.empty()) {
        stages_.emplace_back();  // of a trace
    }
    known_of_stages_.resize(stages_.size());
}

void Ledger::replan(const LoadPlan& plan) {
    stages_.resize(plan.stages.size());
    known_of_stages_.resize(stages_.size());
    for (std::size_t at = 0; at < stages_.size(); ++at) {
        stages_[at].stage = plan.stages[at];
    }
}

std::size_t Ledger::place_of_step(std::string_view name) {
    const auto known = std::ranges::find(steps_, name, &LoadStepResult::step);
    if (known == steps_.end()) {
        steps_.push_back({std::string{name}, 0, 0, {}});
        known_of_steps_.emplace_back();
        return steps_.size() - 1;
    }
    return static_cast<std::size_t>(known - steps_.begin());
}

Histogram& Ledger::find(Metrics& metrics, std::string_view name) {
    const auto known = metrics.find(name);
    return known != metrics.end() ? known->second
                                  : metrics.emplace(name, Histogram{}).first->second;
}

void Ledger::record(Metrics& metrics, std::string_view name, Duration length) {
    find(metrics, name).record(microseconds(length));
}

void Ledger::record(Histogram*& known, Metrics& metrics, std::string_view name, Duration length) {
    if (known == nullptr) {
        known = &find(metrics, name);
    }
    known->record(microseconds(length));
}

void Ledger::started(const Arrival& arrival, Duration lag) {
    ++in_flight_;
    ++open_.row.started;
    if (!arrival.warmup) {
        LoadStageResult& at = stage(arrival);
        ++at.counts.planned;
        ++at.counts.started;
        record(known(arrival).start_lag, at.metrics, metric::start_lag, lag);
    }
}

void Ledger::dropped(const Arrival& arrival) {
    ++open_.row.dropped;
    if (!arrival.warmup) {
        ++stage(arrival).counts.planned;
        ++stage(arrival).counts.dropped;
    }
}

void Ledger::ended(const Arrival& arrival, std::string_view cause, Duration took) {
    --in_flight_;
    ++open_.row.finished;
    open_.row.failed += cause.empty() ? 0 : 1;
    if (arrival.warmup) {
        return;
    }
    LoadCounts& counts = stage(arrival).counts;
    ++counts.finished;
    record(known(arrival).call, stage(arrival).metrics, metric::call, took);
    if (cause.empty()) {
        ++counts.passed;
    } else {
        ++counts.failed;
        count_cause(failures_, cause);
    }
}

void Ledger::callback(const Arrival& arrival, const LoadedCallback& callback) {
    const AttemptFigures& figures = callback.figures;
    const bool was_sent = figures.sent != WallInstant::min();
    const bool answered = was_sent && figures.end == AttemptEnd::answered;
    const WallInstant whole =
        figures.last_byte != WallInstant::min() ? figures.last_byte : figures.ended;

    ++open_.row.callbacks;
    open_.row.errors += callback.delivered ? 0 : 1;
    if (answered) {
        open_.response.record(microseconds(whole - callback.due));
        open_.service.record(microseconds(whole - figures.sent));
    }
    if (was_sent) {
        open_.send_lag.record(microseconds(figures.sent - callback.due));
    }
    if (arrival.warmup) {
        return;
    }
    LoadStageResult& at = stage(arrival);
    const std::size_t of = place_of_step(callback.step);
    Metrics& step_metrics = steps_[of].metrics;
    Known& of_step = known_of_steps_[of];
    Known& here = known(arrival);
    ++at.counts.callbacks;
    ++(callback.delivered ? at.counts.delivered : at.counts.errors);
    at.counts.connections_reused += figures.reused_connection ? 1 : 0;
    at.counts.connections_opened +=
        figures.connected != WallInstant::min() && !figures.reused_connection ? 1 : 0;
    at.counts.connections_refused += figures.end == AttemptEnd::could_not_connect ? 1 : 0;
    if (!callback.delivered) {
        count_cause(errors_, callback.cause);
    }
    if (answered) {
        record(here.response, at.metrics, metric::response, whole - callback.due);
        record(here.service, at.metrics, metric::service, whole - figures.sent);
        record(of_step.response, step_metrics, metric::response, whole - callback.due);
        record(of_step.service, step_metrics, metric::service, whole - figures.sent);
    }
    if (was_sent) {
        record(here.send_lag, at.metrics, metric::send_lag, figures.sent - callback.due);
    }
}

/// Stands beside the callbacks, not among them: measured at its step alone.
void Ledger::kicked(const Arrival& arrival, const LoadedCallback& kick) {
    const AttemptFigures& figures = kick.figures;
    if (arrival.warmup || figures.end != AttemptEnd::answered ||
        figures.last_byte == WallInstant::min()) {
        return;
    }
    Metrics& of_step = step(kick.step).metrics;
    record(of_step, metric::response, figures.last_byte - kick.due);
    record(of_step, metric::service, figures.last_byte - figures.sent);
}

void Ledger::request(const Arrival* arrival, const ApiExchange& exchange) {
    constexpr int first_refusal = 400;
    ++open_.row.requests;
    if (arrival == nullptr || arrival->warmup) {
        return;
    }
    LoadStageResult& at = stage(*arrival);
    ++at.counts.requests;
    at.counts.requests_refused += exchange.status >= first_refusal ? 1 : 0;
    record(at.metrics, metric::api, exchange.handled_in);
}

void Ledger::reaction(const Arrival& arrival, std::string_view step_name, Duration after) {
    if (!arrival.warmup) {
        record(stage(arrival).metrics, metric::reaction, after);
        record(step(step_name).metrics, metric::reaction, after);
    }
}

void Ledger::timer(const Arrival& arrival, std::string_view name, Duration length) {
    if (!arrival.warmup) {
        record(stage(arrival).metrics, name, length);
    }
}

/// Of the warm-up too: it is gone all the same.
void Ledger::lost() {
    if (lost_.events++ == 0) {
        lost_.first_s = static_cast<double>(seconds_.size());
    }
}

void Ledger::judged(std::string_view name, bool passed) {
    LoadStepResult& at = step(name);
    ++(passed ? at.passed : at.failed);
}

const MeasuredSecond& Ledger::close_second(double planned_rate, std::uint64_t in_flight, double cpu,
                                           bool warmup) {
    LoadSecond& row = open_.row;
    row.second = static_cast<std::uint32_t>(seconds_.size());
    row.warmup = warmup;
    row.planned_rate = planned_rate;
    row.in_flight = in_flight;
    row.cpu = cpu;
    row.busiest = cpu;
    fill_quantiles(open_);
    std::swap(open_, closed_);
    open_.row = {};
    open_.response.clear();
    open_.service.clear();
    open_.send_lag.clear();
    seconds_.push_back(closed_.row);
    return closed_;
}

void Ledger::write_to(LoadResult& result) const {
    result.stages = stages_;
    result.steps = steps_;
    result.seconds = seconds_;
    result.failures = failures_;
    result.errors = errors_;
    result.unexpected = unexpected_;
    result.lost = lost_;
    result.counts = {};
    result.metrics.clear();
    for (const LoadStageResult& stage : stages_) {
        add(result.counts, stage.counts);
        add(result.metrics, stage.metrics);
    }
}

}  // namespace ringback
