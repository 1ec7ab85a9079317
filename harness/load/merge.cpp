#include "harness/load/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "harness/load/fields.h"
#include "simulator/core/time.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

constexpr std::size_t most_kept{20};

std::vector<Segment> shares_of(const LoadResult& result) {
    return result.merged_segments.empty() ? std::vector{result.plan.segment}
                                          : result.merged_segments;
}

std::string text_of(const Segment& share) {
    return fmt::format("{}/{}", share.index + 1, share.of);
}

/// By the Chinese remainder theorem: some arrival belongs to both.
bool overlap(const Segment& a, const Segment& b) {
    const std::size_t common = std::gcd(a.of, b.of);
    return a.index % common == b.index % common;
}

/// What must be the same in all parts, and is not; "" = nothing.
std::string difference(const LoadResult& first, const LoadResult& other) {
    const LoadPlan& one = first.plan;
    const LoadPlan& two = other.plan;
    if (first.search || other.search) {
        return "a search for the highest rate is no part of a sum";
    }
    if (first.changes != other.changes) {
        return "its plan was changed by hand otherwise";
    }
    if (first.scenario != other.scenario) {
        return fmt::format(R"(the scenario is "{}", not "{}")", other.scenario, first.scenario);
    }
    if (one.arrivals != two.arrivals) {
        return fmt::format("its arrivals are {}, not {}", word(two.arrivals), word(one.arrivals));
    }
    if (one.seed != two.seed) {
        return fmt::format("its seed is {}, not {}", two.seed, one.seed);
    }
    if (one.stages != two.stages) {
        return "its stages are others";
    }
    if (one.trace != two.trace) {
        return "its trace is another";
    }
    if (one.calls != two.calls) {
        return "its number of calls is another";
    }
    if (one.warmup != two.warmup) {
        return "its warm-up is another";
    }
    if (first.timers != other.timers) {
        return "its timers are others";
    }
    if (first.stages.size() != other.stages.size()) {
        return fmt::format("it has results of {} stages, not of {}", other.stages.size(),
                           first.stages.size());
    }
    return {};
}

std::optional<Error> problem_of(const std::vector<LoadPart>& parts) {
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const auto& [file, result] = parts[at];
        if (const std::string what = difference(parts.front().result, result); !what.empty()) {
            return Error{file,
                         fmt::format("is of another load than {}: {}", parts.front().file, what)};
        }
        for (std::size_t before = 0; before < at; ++before) {
            for (const Segment& share : shares_of(result)) {
                for (const Segment& other : shares_of(parts[before].result)) {
                    if (overlap(share, other)) {
                        return Error{
                            file, fmt::format("segment {} has arrivals that segment {} of "
                                              "{} has too",
                                              text_of(share), text_of(other), parts[before].file)};
                    }
                }
            }
        }
    }
    return std::nullopt;
}

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

void add(Causes& sum, const Causes& part) {
    for (const auto& [cause, count] : part) {
        sum[cause] += count;
    }
}

void add(std::vector<LoadStepResult>& sum, const std::vector<LoadStepResult>& part) {
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

void raise(Quantiles& most, const Quantiles& other) {
    most.p50 = std::max(most.p50, other.p50);
    most.p90 = std::max(most.p90, other.p90);
    most.p99 = std::max(most.p99, other.p99);
    most.max = std::max(most.max, other.max);
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
}

void add(std::vector<LoadSecond>& sum, const std::vector<LoadSecond>& part) {
    std::map<std::uint32_t, LoadSecond> rows;
    for (const LoadSecond& row : sum) {
        rows.emplace(row.second, row);
    }
    for (const LoadSecond& row : part) {
        const auto [there, is_new] = rows.try_emplace(row.second, row);
        if (!is_new) {
            add(there->second, row);
        }
    }
    sum.clear();
    for (const auto& [second, row] : rows) {
        sum.push_back(row);
    }
}

void add(LoadTruth& sum, const LoadTruth& part, const std::string& whose) {
    sum.ceiling_rate = sum.ceiling_rate && part.ceiling_rate
                           ? std::optional{*sum.ceiling_rate + *part.ceiling_rate}
                           : std::nullopt;
    sum.start_lag_p99_us = std::max(sum.start_lag_p99_us, part.start_lag_p99_us);
    sum.cpu_most = std::max(sum.cpu_most, part.cpu_most);
    for (const std::string& why : part.invalid) {
        sum.invalid.push_back(whose + why);
    }
    for (const std::string& what : part.remarks) {
        sum.remarks.push_back(whose + what);
    }
}

/// Several targets are told one after the other.
void add_target(std::string& sum, const std::string& part) {
    if ((sum + ", ").find(part + ", ") == std::string::npos) {
        sum += ", " + part;
    }
}

void add_part(LoadResult& sum, LoadPart& part) {
    LoadResult& result = part.result;
    const std::string whose =
        result.merged_segments.empty() ? "segment " + text_of(result.plan.segment) + ": " : "";
    for (const Segment& share : shares_of(result)) {
        sum.merged_segments.push_back(share);
    }
    if (result.merged_from.empty()) {
        sum.merged_from.push_back(part.file);
    } else {
        sum.merged_from.insert(sum.merged_from.end(), result.merged_from.begin(),
                               result.merged_from.end());
    }
    add_target(sum.target, result.target);
    sum.started_at = std::min(sum.started_at, result.started_at);
    sum.workers += result.workers;
    sum.duration_s = std::max(sum.duration_s, result.duration_s);
    add(sum.counts, result.counts);
    add(sum.metrics, result.metrics);
    add(sum.failures, result.failures);
    add(sum.errors, result.errors);
    sum.unexpected += result.unexpected;
    for (std::size_t at = 0; at < result.stages.size(); ++at) {
        add(sum.stages[at].counts, result.stages[at].counts);
        add(sum.stages[at].metrics, result.stages[at].metrics);
    }
    add(sum.steps, result.steps);
    add(sum.seconds, result.seconds);
    std::ranges::move(result.kept, std::back_inserter(sum.kept));
    for (const ThresholdResult& threshold : result.thresholds) {
        if (std::ranges::find(sum.thresholds, threshold.expression, &ThresholdResult::expression) ==
            sum.thresholds.end()) {
            sum.thresholds.push_back({threshold.expression, {}, false});
        }
    }
    add(sum.truth, result.truth, whose);
    if (!result.aborted.empty()) {
        sum.aborted += (sum.aborted.empty() ? "" : "; ") + whose + result.aborted;
    }
    sum.interrupted = sum.interrupted || result.interrupted;
}

/// Segments do not overlap, so their shares add up.
void remark_missing(LoadResult& sum) {
    double share{0};
    std::string segments;
    for (const Segment& segment : sum.merged_segments) {
        share += 1.0 / static_cast<double>(segment.of);
        segments += (segments.empty() ? "" : ", ") + text_of(segment);
    }
    constexpr double nearly_all{0.999999};
    if (share < nearly_all) {
        sum.truth.remarks.push_back(fmt::format(
            "only {:.0f} % of the arrivals are in this sum: segments {}", 100 * share, segments));
    }
}

void remark_apart(LoadResult& sum, const std::vector<LoadPart>& parts) {
    Instant last{Instant::min()};
    Instant first{Instant::max()};
    for (const LoadPart& part : parts) {
        if (const auto at = parse_time(part.result.started_at)) {
            first = std::min(first, *at);
            last = std::max(last, *at);
        }
    }
    constexpr std::chrono::seconds together{1};
    if (last > first && last - first > together) {
        sum.truth.remarks.push_back(
            fmt::format("the parts started up to {:.1f} s apart, so their loads did not add up",
                        std::chrono::duration<double>(last - first).count()));
    }
}

/// What all parts have in common; the rest is zero.
LoadResult empty_like(const LoadResult& first) {
    LoadResult sum;
    sum.scenario = first.scenario;
    sum.file = first.file;
    sum.target = first.target;
    sum.started_at = first.started_at;
    sum.plan = first.plan;
    sum.plan.segment = {};
    sum.timers = first.timers;
    sum.changes = first.changes;
    sum.workers = 0;
    for (const LoadStageResult& stage : first.stages) {
        sum.stages.push_back({stage.stage, {}, {}});
    }
    sum.truth.ceiling_rate = first.truth.ceiling_rate ? std::optional{0.0} : std::nullopt;
    return sum;
}

}  // namespace

Result<LoadResult> merged(std::vector<LoadPart> parts) {
    if (parts.empty()) {
        bug("nothing to merge");
    }
    if (auto problem = problem_of(parts)) {
        return *std::move(problem);
    }
    LoadResult sum = empty_like(parts.front().result);
    for (LoadPart& part : parts) {
        add_part(sum, part);
    }
    std::ranges::sort(sum.kept, {}, &KeptFailure::call);
    sum.kept.resize(std::min(sum.kept.size(), most_kept));
    remark_missing(sum);
    remark_apart(sum, parts);
    return sum;
}

}  // namespace ringback
