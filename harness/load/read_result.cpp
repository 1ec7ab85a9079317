// A load result from JSON: strict, so that nothing is summed up or compared that is not what it
// says.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/load/fields.h"
#include "harness/load/json_at.h"
#include "harness/load/result_json.h"
#include "harness/load/search_json.h"
#include "simulator/wire/printable.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

constexpr std::string_view schema_name{"ringback-load/"};
constexpr unsigned newest{2};  // 2: a search or changes may stand in it

nanoseconds time_of(const JsonAt& at) {
    constexpr std::uint64_t most{INT64_MAX};
    return nanoseconds{static_cast<std::int64_t>(at.count(most))};
}

Histogram histogram_of(const JsonAt& at) {
    at.only({"count", "min_us", "mean_us", "p50_us", "p90_us", "p95_us", "p99_us", "p999_us",
             "max_us", "encoded"});
    const std::uint64_t count = at.member("count").count();
    const JsonAt encoded = at.member("encoded");
    Result<Histogram> decoded = Histogram::decoded(encoded.text());
    if (!decoded) {
        encoded.wrong(decoded.error().what);
        return {};
    }
    if (decoded.value().count() != count) {
        at.wrong(fmt::format("expected {} values as \"count\" says, found {}", count,
                             decoded.value().count()));
    }
    return std::move(decoded).value();
}

Metrics metrics_of(const JsonAt& at) {
    Metrics metrics;
    at.members([&](const std::string& name, const JsonAt& histogram) {
        metrics.emplace(name, histogram_of(histogram));
    });
    return metrics;
}

/// No members but these.
template <class Fields>
void only(const JsonAt& at, const Fields& fields) {
    at.members([&](const std::string& name, const JsonAt& member) {
        const bool known =
            std::ranges::any_of(fields, [&](const auto& field) { return field.name == name; });
        if (!known) {
            member.wrong("unknown member");
        }
    });
}

LoadCounts counts_of(const JsonAt& at) {
    LoadCounts counts;
    for (const CountField& field : count_fields) {
        counts.*field.member = at.member(field.name).count();
    }
    only(at, count_fields);
    return counts;
}

Causes causes_of(const JsonAt& at) {
    Causes causes;
    at.members([&](const std::string& cause, const JsonAt& count) {
        causes.emplace(cause, count.count());
    });
    return causes;
}

LoadStage stage_of(const JsonAt& at) {
    return {time_of(at.member("duration_ns")), at.member("rate_from_per_s").number(),
            at.member("rate_to_per_s").number()};
}

Segment segment_of(const JsonAt& at) {
    at.only({"index", "of"});
    constexpr std::uint64_t most{UINT32_MAX};
    const Segment segment{at.member("index").count(most), at.member("of").count(most)};
    if (segment.index >= segment.of) {
        at.wrong("expected an index below \"of\"");
        return {};
    }
    return segment;
}

Arrivals arrivals_of(const JsonAt& at) {
    const std::string text = at.text();
    for (const Arrivals arrivals : {Arrivals::constant, Arrivals::poisson, Arrivals::trace}) {
        if (word(arrivals) == text) {
            return arrivals;
        }
    }
    at.wrong(R"(expected "constant", "poisson" or "trace")");
    return Arrivals::constant;
}

LoadPlan plan_of(const JsonAt& at) {
    at.only({"arrivals", "stages", "trace_ns", "calls", "warmup_ns", "seed", "segment"});
    LoadPlan plan;
    plan.arrivals = arrivals_of(at.member("arrivals"));
    at.member("stages").elements([&](const JsonAt& stage) {
        stage.only({"duration_ns", "rate_from_per_s", "rate_to_per_s"});
        plan.stages.push_back(stage_of(stage));
    });
    at.member("trace_ns").elements([&](const JsonAt& time) {
        plan.trace.push_back(time_of(time));
    });
    if (const auto calls = at.maybe("calls")) {
        plan.calls = calls->count();
    }
    plan.warmup = time_of(at.member("warmup_ns"));
    plan.seed = at.member("seed").count();
    plan.segment = segment_of(at.member("segment"));
    return plan;
}

/// Reads what the type of the member it is for takes.
struct CellReader {
    LoadSecond& second;
    const JsonAt& cell;

    void operator()(std::uint32_t LoadSecond::*member) const {
        second.*member = static_cast<std::uint32_t>(cell.count(UINT32_MAX));
    }
    void operator()(std::uint64_t LoadSecond::*member) const { second.*member = cell.count(); }
    void operator()(bool LoadSecond::*member) const { second.*member = cell.truth(); }
    void operator()(double LoadSecond::*member) const { second.*member = cell.number(); }
    void operator()(QuantileField member) const { second.*member.of.*member.member = cell.count(); }
};

LoadSecond second_of(const JsonAt& at) {
    LoadSecond second;
    for (const SecondField& field : second_fields) {
        const JsonAt cell = at.member(field.name);
        std::visit(CellReader{second, cell}, field.member);
    }
    only(at, second_fields);
    return second;
}

LoadStageResult stage_result_of(const JsonAt& at) {
    at.only({"duration_ns", "rate_from_per_s", "rate_to_per_s", "counts", "metrics"});
    return {stage_of(at), counts_of(at.member("counts")), metrics_of(at.member("metrics"))};
}

LoadStepResult step_of(const JsonAt& at) {
    at.only({"step", "passed", "failed", "metrics"});
    return {at.member("step").text(), at.member("passed").count(), at.member("failed").count(),
            metrics_of(at.member("metrics"))};
}

LoadTimer timer_of(const JsonAt& at) {
    at.only({"name", "from", "to"});
    return {at.member("name").text(), at.member("from").text(), at.member("to").text()};
}

KeptFailure kept_of(const JsonAt& at) {
    at.only({"call", "cause", "story", "run"});
    return {at.member("call").count(), at.member("cause").text(), at.member("story").text(),
            at.member("run").object()};
}

ThresholdResult threshold_of(const JsonAt& at) {
    at.only({"expression", "value", "held"});
    ThresholdResult threshold{at.member("expression").text(), {}, at.member("held").truth()};
    if (const auto value = at.maybe("value")) {
        threshold.value = value->number();
    }
    return threshold;
}

FaultPlayed fault_played_of(const JsonAt& at) {
    at.only({"rule", "fault", "set", "written", "matched", "struck"});
    FaultPlayed fault;
    fault.rule = static_cast<std::uint32_t>(at.member("rule").count(UINT32_MAX));
    if (fault.rule == 0) {
        at.member("rule").wrong("expected the number of a rule, from 1 on, found 0");
    }
    fault.name = at.member("fault").text();
    if (const auto set = at.maybe("set")) {
        fault.set = set->text();
    }
    fault.written = at.member("written").text();
    fault.tally = {at.member("matched").count(), at.member("struck").count()};
    if (fault.tally.struck > fault.tally.matched) {
        at.member("struck").wrong(fmt::format("expected at most the {} that it matched, found {}",
                                              fault.tally.matched, fault.tally.struck));
    }
    return fault;
}

PlanChange change_of(const JsonAt& at) {
    at.only({"at_s", "what"});
    return {at.member("at_s").number(), at.member("what").text()};
}

LoadTruth truth_of(const JsonAt& at) {
    at.only({"valid", "ceiling_per_s", "start_lag_p99_us", "cpu_most", "invalid", "remarks"});
    LoadTruth truth;
    if (const auto ceiling = at.maybe("ceiling_per_s")) {
        truth.ceiling_rate = ceiling->number();
    }
    truth.start_lag_p99_us = at.member("start_lag_p99_us").number();
    truth.cpu_most = at.member("cpu_most").number();
    at.member("invalid").elements([&](const JsonAt& why) { truth.invalid.push_back(why.text()); });
    at.member("remarks").elements(
        [&](const JsonAt& what) { truth.remarks.push_back(what.text()); });
    const JsonAt valid = at.member("valid");
    if (valid.truth() != truth.valid()) {
        valid.wrong("expected true if nothing stands in \"invalid\", else false");
    }
    return truth;
}

/// What it says it is; nothing else of a newer one can be judged.
void check_schema(const JsonAt& at) {
    const std::string text = at.text();
    const std::string_view digits = std::string_view{text}.substr(
        text.starts_with(schema_name) ? schema_name.size() : text.size());
    unsigned version{0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), version);
    if (error != std::errc{} || end != digits.data() + digits.size() || version == 0) {
        at.wrong(
            fmt::format(R"(expected "{}{}", found "{}")", schema_name, newest, printable(text)));
    } else if (version > newest) {
        at.wrong(fmt::format("needs a ringback that reads {}{}; this one reads up to {}{}",
                             schema_name, version, schema_name, newest));
    }
}

LoadResult result_of(const JsonAt& at) {
    at.only({"schema",      "outcome",    "exit_status", "scenario",
             "file",        "target",     "started_at",  "plan",
             "timers",      "workers",    "merged_from", "merged_segments",
             "duration_s",  "aborted",    "interrupted", "truth",
             "counts",      "thresholds", "metrics",     "failures",
             "errors",      "stages",     "steps",       "seconds",
             "kept",        "search",     "changes",     "unexpected_calls",
             "lost_events", "faults"});
    LoadResult result;
    result.scenario = at.member("scenario").text();
    result.file = at.member("file").text();
    result.target = at.member("target").text();
    result.started_at = at.member("started_at").text();
    result.plan = plan_of(at.member("plan"));
    const auto all = [&](std::string_view name, auto& into, auto read) {
        at.member(name).elements([&](const JsonAt& each) { into.push_back(read(each)); });
    };
    all("timers", result.timers, timer_of);
    result.workers = static_cast<std::uint32_t>(at.member("workers").count(UINT32_MAX));
    all("merged_from", result.merged_from, [](const JsonAt& file) { return file.text(); });
    all("merged_segments", result.merged_segments, segment_of);
    result.duration_s = at.member("duration_s").number();
    result.aborted = at.member("aborted").text();
    result.interrupted = at.member("interrupted").truth();
    result.truth = truth_of(at.member("truth"));
    if (const auto changes = at.maybe("changes")) {
        changes->elements(
            [&](const JsonAt& change) { result.changes.push_back(change_of(change)); });
    }
    if (const auto search = at.maybe("search")) {
        result.search = search_of(*search);
    }
    result.counts = counts_of(at.member("counts"));
    all("thresholds", result.thresholds, threshold_of);
    result.metrics = metrics_of(at.member("metrics"));
    result.failures = causes_of(at.member("failures"));
    result.errors = causes_of(at.member("errors"));
    if (const auto unexpected = at.maybe("unexpected_calls")) {
        result.unexpected = unexpected->count(UINT64_MAX);
    }
    if (const auto lost = at.maybe("lost_events")) {
        lost->only({"events", "first_s"});
        result.lost = {lost->member("events").count(UINT64_MAX), lost->member("first_s").number()};
    }
    if (at.maybe("faults")) {
        all("faults", result.faults, fault_played_of);
    }
    all("stages", result.stages, stage_result_of);
    all("steps", result.steps, step_of);
    all("seconds", result.seconds, second_of);
    all("kept", result.kept, kept_of);
    return result;
}

}  // namespace

Result<LoadResult> load_result_of(std::string_view text, const std::string& file) {
    // The library's exceptions end here; of files that nest without end as well.
    json document;
    try {
        document = json::parse(text);
    } catch (const json::exception& problem) {
        return Error{file, fmt::format("is no JSON: {}", printable(problem.what()))};
    }
    std::optional<std::string> wrong;
    const JsonAt root{document, wrong};
    check_schema(root.member("schema"));
    if (wrong) {
        return Error{file, *wrong};
    }
    LoadResult result = result_of(root);
    if (wrong) {
        return Error{file, *wrong};
    }
    return result;
}

}  // namespace ringback
