#include "harness/load/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "simulator/wire/duration_text.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

std::optional<double> figure(Aggregate aggregate, const Counted& share) {
    if (aggregate == Aggregate::count) {
        return static_cast<double>(share.count);
    }
    return share.of == 0
               ? std::nullopt
               : std::optional{static_cast<double>(share.count) / static_cast<double>(share.of)};
}

std::optional<double> figure(const Measure& measure, const Histogram& histogram) {
    if (measure.aggregate == Aggregate::count) {
        return static_cast<double>(histogram.count());
    }
    if (histogram.empty()) {
        return std::nullopt;
    }
    switch (measure.aggregate) {
        case Aggregate::percentile:
            return static_cast<double>(histogram.percentile(measure.percent));
        case Aggregate::med:
            return static_cast<double>(histogram.percentile(50));
        case Aggregate::min:
            return static_cast<double>(histogram.min());
        case Aggregate::max:
            return static_cast<double>(histogram.max());
        case Aggregate::avg:
            return histogram.mean();
        case Aggregate::count:
        case Aggregate::rate:
            break;
    }
    bug("a share of something that is timed");
}

const Histogram& histogram_in(const Metrics& metrics, const std::string& name) {
    static const Histogram nothing;
    const auto found = metrics.find(name);
    return found == metrics.end() ? nothing : found->second;
}

Counted& operator+=(Counted& sum, const Counted& share) {
    sum.count += share.count;
    sum.of += share.of;
    return sum;
}

/// Metrics that a second counts; calls.finished and calls.dropped are held against what it planned.
constexpr std::array<std::string_view, 4> counted_in_second{"calls.failed", "calls.finished",
                                                            "calls.dropped", "callbacks.errors"};

Counted counted(std::string_view metric, const LoadSecond& second) {
    if (metric == "calls.failed") {
        return {second.failed, second.finished};
    }
    if (metric == "calls.finished") {
        return {second.finished, second.started + second.dropped};
    }
    if (metric == "calls.dropped") {
        return {second.dropped, second.started + second.dropped};
    }
    return {second.errors, second.callbacks};
}

const Quantiles* quantiles_in(std::string_view metric, const LoadSecond& second) {
    if (metric == metric::response) {
        return &second.response;
    }
    if (metric == metric::service) {
        return &second.service;
    }
    return metric == metric::send_lag ? &second.send_lag : nullptr;
}

std::optional<double> figure(const Measure& measure, const Quantiles& quantiles) {
    const bool percentile = measure.aggregate == Aggregate::percentile;
    if (measure.aggregate == Aggregate::max) {
        return static_cast<double>(quantiles.max);
    }
    if (measure.aggregate == Aggregate::med || (percentile && measure.percent == 50)) {
        return static_cast<double>(quantiles.p50);
    }
    if (percentile && measure.percent == 90) {
        return static_cast<double>(quantiles.p90);
    }
    return percentile && measure.percent == 99 ? std::optional{static_cast<double>(quantiles.p99)}
                                               : std::nullopt;
}

bool is_kept(const Measure& measure) {
    if (!measure.step.empty()) {
        return false;
    }
    if (is_counted(measure.metric)) {
        return std::ranges::find(counted_in_second, measure.metric) != counted_in_second.end();
    }
    return quantiles_in(measure.metric, LoadSecond{}) != nullptr &&
           figure(measure, Quantiles{}).has_value();
}

std::string shown(Aggregate aggregate, double value) {
    if (aggregate == Aggregate::rate) {
        return fmt::format("{:.3g}%", value * 100);
    }
    if (aggregate == Aggregate::count) {
        return fmt::format("{:.0f}", value);
    }
    return duration_text(std::chrono::microseconds{static_cast<std::int64_t>(value)});
}

}  // namespace

Counted counted(std::string_view metric, const LoadCounts& counts) {
    if (metric == "calls.failed") {
        return {counts.failed, counts.finished};
    }
    if (metric == "calls.finished") {
        return {counts.finished, counts.planned};
    }
    if (metric == "calls.dropped") {
        return {counts.dropped, counts.planned};
    }
    if (metric == "callbacks.errors") {
        return {counts.errors, counts.callbacks};
    }
    if (metric == "requests.refused") {
        return {counts.requests_refused, counts.requests};
    }
    bug("a counted metric that nothing counts");
}

const Histogram& histogram_of(const Measure& measure, const LoadResult& result) {
    if (measure.step.empty()) {
        return histogram_in(result.metrics, measure.metric);
    }
    const auto step = std::ranges::find(result.steps, measure.step, &LoadStepResult::step);
    static const Metrics none;
    return histogram_in(step == result.steps.end() ? none : step->metrics, measure.metric);
}

std::optional<double> figure(const Measure& measure, const LoadResult& result) {
    return is_counted(measure.metric)
               ? figure(measure.aggregate, counted(measure.metric, result.counts))
               : figure(measure, histogram_of(measure, result));
}

ThresholdResult evaluate(const Threshold& threshold, const LoadResult& result) {
    const auto value = figure(threshold.measure, result);
    return {threshold.expression, value,
            value.has_value() && holds(*value, threshold.relation, threshold.limit)};
}

std::vector<ThresholdResult> evaluate(const std::vector<Threshold>& thresholds,
                                      const LoadResult& result) {
    std::vector<ThresholdResult> results;
    results.reserve(thresholds.size());
    for (const Threshold& threshold : thresholds) {
        results.push_back(evaluate(threshold, result));
    }
    return results;
}

Result<AbortRule> parse_abort(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos) {
        return Error{"", fmt::format("expected a rule such as errors:rate>5%@10s, found \"{}\"",
                                     printable(text, 60))};
    }
    auto threshold = parse_threshold(text.substr(0, at), {});
    if (!threshold) {
        return threshold.error();
    }
    const auto window = parse_duration(text.substr(at + 1));
    const auto whole =
        std::chrono::duration_cast<std::chrono::seconds>(window ? window.value() : Duration{0});
    if (!window || whole != window.value() || whole < std::chrono::seconds{1} ||
        whole > std::chrono::hours{1}) {
        return Error{"", fmt::format("expected whole seconds up to an hour such as @10s, found "
                                     "\"{}\"",
                                     printable(text.substr(at), 60))};
    }
    if (!is_kept(threshold.value().measure)) {
        return Error{"",
                     fmt::format("expected what a second is kept of: rate or count of calls and "
                                 "callbacks, or p(50), p(90), p(99), med or max of response, "
                                 "service or send_lag; found \"{}\"",
                                 to_text(threshold.value().measure))};
    }
    AbortRule rule;
    rule.expression = text;
    rule.threshold = std::move(threshold).value();
    rule.window = whole;
    return rule;
}

AbortRule abort_by_itself() {
    AbortRule rule = parse_abort("errors:rate>50%@10s").value();
    rule.in_warmup = true;
    rule.least = 20;
    return rule;
}

std::optional<std::string> AbortWatch::take(const LoadSecond& second) {
    if (second.warmup && !rule_.in_warmup) {
        return std::nullopt;
    }
    window_.push_back(second);
    if (window_.size() > static_cast<std::size_t>(rule_.window.count())) {
        window_.pop_front();
    }
    const auto found = value();
    if (window_.size() < static_cast<std::size_t>(rule_.window.count()) || !found ||
        !holds(*found, rule_.threshold.relation, rule_.threshold.limit)) {
        return std::nullopt;
    }
    return fmt::format("{}: {}", rule_.expression,
                       shown(rule_.threshold.measure.aggregate, *found));
}

/// Of quantiles the one that is furthest from being beyond the limit.
std::optional<double> AbortWatch::value() const {
    const Threshold& threshold = rule_.threshold;
    const Measure& measure = threshold.measure;
    if (is_counted(measure.metric)) {
        Counted sum;
        for (const LoadSecond& second : window_) {
            sum += counted(measure.metric, second);
        }
        if (sum.of < rule_.least) {
            return std::nullopt;
        }
        return figure(measure.aggregate, sum);
    }
    std::optional<double> told;
    for (const LoadSecond& second : window_) {
        const auto value = figure(measure, *quantiles_in(measure.metric, second));
        if (second.callbacks == 0 || !value) {
            return std::nullopt;
        }
        if (!holds(*value, threshold.relation, threshold.limit)) {
            return value;
        }
        const bool upwards =
            threshold.relation == Relation::above || threshold.relation == Relation::at_least;
        told = !told ? *value : (upwards ? std::min(*told, *value) : std::max(*told, *value));
    }
    return told;
}

}  // namespace ringback
