#include "harness/report/run_json.h"

#include <chrono>

#include "harness/report/story.h"

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
    if (!told.candidates.empty()) {
        ordered_json& all = made["candidates"] = ordered_json::array();
        for (const Candidate& candidate : told.candidates) {
            all.push_back(candidate_json(candidate));
        }
    }
    return made;
}

}  // namespace

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
    made["steps"] = run.verdict.reached;
    made["journal"] = run.entries;
    return made;
}

}  // namespace ringback
