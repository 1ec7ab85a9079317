// What goes wrong, asked for and told while the fake runs.
#include <algorithm>
#include <chrono>
#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/routes.h"
#include "harness/scenario/faults.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

/// The plan as it was written, rule by rule.
ordered_json plan_json(const FaultPlan* plan) {
    ordered_json shown{{"faults", ordered_json::array()}};
    if (plan == nullptr) {
        return shown;
    }
    for (const FaultRule& rule : plan->rules) {
        shown["faults"].push_back(ordered_json::parse(rule.written));
    }
    if (plan->seed) {
        shown["seed"] = static_cast<std::uint64_t>(*plan->seed);
    }
    return shown;
}

/// The same with what has come of it so far.
ordered_json faults_json(const Controls& controls) {
    ordered_json shown = plan_json(controls.faults());
    const FaultTally tally = controls.fault_tally();
    for (const FaultTally::Rule& rule : tally.rules) {
        shown["tally"].push_back({{"matched", rule.matched}, {"struck", rule.struck}});
    }
    if (tally.first_lost) {
        using std::chrono::milliseconds;
        const auto first = std::chrono::duration_cast<milliseconds>(*tally.first_lost);
        shown["lost_events"] = {{"events", tally.lost}, {"first_ms", first.count()}};
    }
    return shown;
}

}  // namespace

void get_faults(AdminParts& parts, AdminVisit& visit) {
    visit.responder->send(json_answer(200, faults_json(parts.controls)));
}

void post_faults(AdminParts& parts, AdminVisit& visit) {
    LoadedFaults loaded = read_fault_file("body", visit.request.body);
    if (!loaded.plan) {
        ordered_json mistakes = ordered_json::array();
        for (const Mistake& mistake : loaded.mistakes) {
            mistakes.push_back(to_text(mistake));
        }
        const ordered_json first = mistakes.at(0);
        answer_recorded(parts, visit, json_answer(400, {{"error", first}, {"mistakes", mistakes}}));
        return;
    }
    parts.controls.set_faults(std::move(*loaded.plan));
    answer_recorded(parts, visit, json_answer(200, plan_json(parts.controls.faults())));
}

void delete_faults(AdminParts& parts, AdminVisit& visit) {
    parts.controls.set_faults({});
    answer_recorded(parts, visit, json_answer(200, plan_json(nullptr)));
}

}  // namespace ringback
