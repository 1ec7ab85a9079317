#include "harness/load/result_json.h"

#include <algorithm>

#include "harness/load/fields.h"
#include "harness/load/outcome.h"
#include "harness/load/search_json.h"
#include "harness/report/run_json.h"

namespace ringback {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// `told`: with what the histogram comes to.
ordered_json histogram_json(const Histogram& histogram, bool told) {
    ordered_json made{{"count", histogram.count()}};
    if (told) {
        made["min_us"] = histogram.min();
        made["mean_us"] = histogram.mean();
        made["p50_us"] = histogram.percentile(50);
        made["p90_us"] = histogram.percentile(90);
        made["p95_us"] = histogram.percentile(95);
        made["p99_us"] = histogram.percentile(99);
        made["p999_us"] = histogram.percentile(99.9);
        made["max_us"] = histogram.max();
    }
    made["encoded"] = histogram.encoded();
    return made;
}

ordered_json metrics_json(const Metrics& metrics, bool told) {
    ordered_json made = ordered_json::object();
    for (const auto& [name, histogram] : metrics) {
        made[name] = histogram_json(histogram, told);
    }
    return made;
}

ordered_json counts_json(const LoadCounts& counts) {
    ordered_json made = ordered_json::object();
    for (const CountField& field : count_fields) {
        made[std::string{field.name}] = counts.*field.member;
    }
    return made;
}

ordered_json causes_json(const Causes& causes) {
    ordered_json made = ordered_json::object();
    for (const auto& [cause, count] : causes) {
        made[cause] = count;
    }
    return made;
}

ordered_json stage_json(const LoadStage& stage) {
    return {{"duration_ns", stage.duration.count()},
            {"rate_from_per_s", stage.rate_from},
            {"rate_to_per_s", stage.rate_to}};
}

ordered_json segment_json(const Segment& segment) {
    return {{"index", segment.index}, {"of", segment.of}};
}

ordered_json plan_json(const LoadPlan& plan) {
    ordered_json made{{"arrivals", word(plan.arrivals)}};
    ordered_json& stages = made["stages"] = ordered_json::array();
    for (const LoadStage& stage : plan.stages) {
        stages.push_back(stage_json(stage));
    }
    ordered_json& trace = made["trace_ns"] = ordered_json::array();
    for (const std::chrono::nanoseconds at : plan.trace) {
        trace.push_back(at.count());
    }
    if (plan.calls) {
        made["calls"] = *plan.calls;
    }
    made["warmup_ns"] = plan.warmup.count();
    made["seed"] = plan.seed;
    made["segment"] = segment_json(plan.segment);
    return made;
}

ordered_json second_json(const LoadSecond& second) {
    ordered_json made = ordered_json::object();
    for (const SecondField& field : second_fields) {
        ordered_json& cell = made[std::string{field.name}];
        std::visit(
            [&](auto member) {
                if constexpr (std::is_same_v<decltype(member), QuantileField>) {
                    cell = second.*member.of.*member.member;
                } else {
                    cell = second.*member;
                }
            },
            field.member);
    }
    return made;
}

ordered_json kept_json(const KeptFailure& kept) {
    return {{"call", kept.call}, {"cause", kept.cause}, {"story", kept.story}, {"run", kept.run}};
}

ordered_json threshold_json(const ThresholdResult& threshold) {
    ordered_json made{{"expression", threshold.expression}};
    if (threshold.value) {
        made["value"] = *threshold.value;
    }
    made["held"] = threshold.held;
    return made;
}

ordered_json truth_json(const LoadTruth& truth) {
    ordered_json made{{"valid", truth.valid()}};
    if (truth.ceiling_rate) {
        made["ceiling_per_s"] = *truth.ceiling_rate;
    }
    made["start_lag_p99_us"] = truth.start_lag_p99_us;
    made["cpu_most"] = truth.cpu_most;
    made["invalid"] = truth.invalid;
    made["remarks"] = truth.remarks;
    return made;
}

template <class Values, class Make>
ordered_json array_of(const Values& values, Make make) {
    ordered_json made = ordered_json::array();
    for (const auto& value : values) {
        made.push_back(make(value));
    }
    return made;
}

}  // namespace

ordered_json load_json(const LoadResult& result) {
    const bool told = result.truth.valid();
    const bool is_newer = result.search || !result.changes.empty() || result.unexpected > 0 ||
                          result.lost.events > 0 || !result.faults.empty();
    ordered_json made{{"schema", is_newer ? "ringback-load/2" : "ringback-load/1"},
                      {"outcome", outcome_word(result)}};
    made["exit_status"] = exit_status(result);
    made["scenario"] = result.scenario;
    made["file"] = result.file;
    made["target"] = result.target;
    made["started_at"] = result.started_at;
    made["plan"] = plan_json(result.plan);
    made["timers"] = array_of(result.timers, [](const LoadTimer& timer) {
        return ordered_json{{"name", timer.name}, {"from", timer.from}, {"to", timer.to}};
    });
    made["workers"] = result.workers;
    made["merged_from"] = result.merged_from;
    made["merged_segments"] = array_of(result.merged_segments, segment_json);
    made["duration_s"] = result.duration_s;
    made["aborted"] = result.aborted;
    made["interrupted"] = result.interrupted;
    made["truth"] = truth_json(result.truth);
    if (!result.changes.empty()) {
        made["changes"] = array_of(result.changes, [](const PlanChange& change) {
            return ordered_json{{"at_s", change.at_s}, {"what", change.what}};
        });
    }
    if (result.search) {
        made["search"] = search_json(*result.search);
    }
    made["counts"] = counts_json(result.counts);
    made["thresholds"] = array_of(result.thresholds, threshold_json);
    made["metrics"] = metrics_json(result.metrics, told);
    made["failures"] = causes_json(result.failures);
    made["errors"] = causes_json(result.errors);
    if (result.unexpected > 0) {
        made["unexpected_calls"] = result.unexpected;
    }
    if (result.lost.events > 0) {
        made["lost_events"] = {{"events", result.lost.events}, {"first_s", result.lost.first_s}};
    }
    if (!result.faults.empty()) {
        made["faults"] = array_of(result.faults, fault_json);
    }
    made["stages"] = array_of(result.stages, [told](const LoadStageResult& stage) {
        ordered_json row = stage_json(stage.stage);
        row["counts"] = counts_json(stage.counts);
        row["metrics"] = metrics_json(stage.metrics, told);
        return row;
    });
    made["steps"] = array_of(result.steps, [told](const LoadStepResult& step) {
        return ordered_json{{"step", step.step},
                            {"passed", step.passed},
                            {"failed", step.failed},
                            {"metrics", metrics_json(step.metrics, told)}};
    });
    made["seconds"] = array_of(result.seconds, second_json);
    made["kept"] = array_of(result.kept, kept_json);
    return made;
}

std::string load_json_text(const LoadResult& result) {
    return load_json(result).dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace ringback
