#include "harness/report/run_json.h"

#include <chrono>

#include "harness/report/losses.h"
#include "harness/report/probe_story.h"
#include "harness/report/story.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

std::int64_t milliseconds_of(Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

ordered_json candidate_json(const Candidate& candidate) {
    ordered_json fields = ordered_json::array();
    for (const FieldFinding& field : candidate.fields) {
        fields.push_back({{"field", field.field},
                          {"fits", field.finding.fits},
                          {"expected", field.finding.expected},
                          {"found", field.finding.found}});
    }
    ordered_json made{{"what", candidate.what}, {"seq", candidate.seq}};
    made["after_ms"] = milliseconds_of(candidate.after);
    made["fields"] = std::move(fields);
    return made;
}

ordered_json judged_json(const Judged& told) {
    ordered_json made{{"name", told.name}, {"result", word_of(told.result)}, {"file", told.file}};
    if (told.place.line > 0) {
        made["line"] = told.place.line;
        made["column"] = told.place.column;
    }
    made["expected"] = told.expected;
    if (told.result != Judged::Result::passed) {
        made["got"] = told.got;
    }
    if (told.seq > 0) {
        made["seq"] = told.seq;
    }
    if (!told.aligned.empty()) {
        ordered_json& rows = made["aligned"] = ordered_json::array();
        for (const AlignedStep& row : told.aligned) {
            rows.push_back({{"expected", row.expected}, {"done", row.done}, {"seq", row.seq}});
        }
    }
    if (!told.accept.empty()) {
        made["accept"] = told.accept;
    }
    if (!told.candidates.empty()) {
        ordered_json& all = made["candidates"] = ordered_json::array();
        for (const Candidate& candidate : told.candidates) {
            all.push_back(candidate_json(candidate));
        }
    }
    return made;
}

ordered_json coverage_json(const Coverage& coverage) {
    ordered_json all = ordered_json::object();
    for (const Coverage::Kind& kind : coverage.kinds) {
        ordered_json items = ordered_json::object();
        for (const Coverage::Item& item : kind.items) {
            items[item.name] = item.count;
        }
        all[std::string{kind.name}] = {{"touched", kind.touched()},
                                       {"documented", kind.items.size()},
                                       {"count", std::move(items)}};
    }
    return all;
}

ordered_json trouble_json(const Trouble& trouble) {
    ordered_json made{{"what", trouble.what}};
    if (!trouble.file.empty()) {
        made["file"] = trouble.file;
    }
    if (trouble.place.line > 0) {
        made["line"] = trouble.place.line;
        made["column"] = trouble.place.column;
    }
    return made;
}

}  // namespace

ordered_json fault_json(const FaultPlayed& fault) {
    ordered_json made{{"rule", fault.rule}, {"fault", fault.name}};
    if (!fault.set.empty()) {
        made["set"] = fault.set;
    }
    made["written"] = fault.written;
    made["matched"] = fault.tally.matched;
    made["struck"] = fault.tally.struck;
    return made;
}

ordered_json run_json(const RunRecord& run) {
    ordered_json made{{"scenario", run.scenario}, {"about", run.about}, {"file", run.file}};
    if (run.row > 0) {
        made["row"] = run.row;
    }
    made["seed"] = run.seed;
    made["user"] = run.user;
    made["result"] = word_of(run.verdict.result);
    made["modelled_ms"] = milliseconds_of(run.modelled);
    made["wall_ms"] = milliseconds_of(run.wall);
    ordered_json& expectations = made["expectations"] = ordered_json::array();
    for (const Judged& told : run.verdict.judged) {
        expectations.push_back(judged_json(told));
    }
    if (const Losses losses = losses_of(run.entries); losses.events > 0) {
        made["lost_events"] = {{"events", losses.events},
                               {"first_ms", milliseconds_of(losses.first)}};
    }
    for (const FaultPlayed& fault : run.faults) {
        made["faults"].push_back(fault_json(fault));
    }
    made["steps"] = run.verdict.reached;
    made["journal"] = run.entries;
    return made;
}

ordered_json suite_json(const SuiteRecord& suite) {
    using enum Judged::Result;
    const Coverage coverage = coverage_of(suite.runs);
    std::string began;
    append_time_ms(began, suite.began);
    ordered_json made{{"version", 1}, {"kind", "ringback-run"}, {"ringback", suite.version}};
    made["run_id"] = suite.run_id;
    made["began"] = began;
    made["wall_ms"] = milliseconds_of(suite.wall);
    made["result"] = suite.result();
    made["exit_status"] = suite.exit_status;
    made["planned"] = suite.planned;
    made["passed"] = suite.count(passed);
    made["failed"] = suite.count(failed);
    made["inconclusive"] = suite.count(inconclusive);
    ordered_json& troubles = made["troubles"] = ordered_json::array();
    for (const Trouble& trouble : suite.troubles) {
        troubles.push_back(trouble_json(trouble));
    }
    made["coverage"] = coverage_json(coverage);
    ordered_json& demands = made["required_coverage"] = ordered_json::array();
    for (const CoverageDemand& demand : suite.demands) {
        demands.push_back({{"required", demand.text},
                           {"met", is_met(demand, coverage)},
                           {"found", demand_text(demand, coverage)}});
    }
    ordered_json& runs = made["runs"] = ordered_json::array();
    for (const RunRecord& run : suite.runs) {
        runs.push_back(run_json(run));
    }
    for (const ProbeResult& result : suite.probes) {
        made["probes"].push_back(probe_json(result));
    }
    return made;
}

}  // namespace ringback
