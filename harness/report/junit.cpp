#include "harness/report/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/report/junit_xml.h"
#include "harness/report/losses.h"
#include "harness/report/probe_story.h"
#include "harness/report/story.h"

namespace ringback {
namespace {

using pugi::xml_node;

/// When each entry was recorded, on the real clock.
std::map<std::uint64_t, std::chrono::microseconds> recorded_at(const RunRecord& run) {
    std::map<std::uint64_t, std::chrono::microseconds> at;
    for (const nlohmann::json& entry : run.entries) {
        const auto wall = entry.find("wall");
        if (wall != entry.end() && wall->contains("at_us")) {
            at.emplace(entry.value("seq", std::uint64_t{0}),
                       std::chrono::microseconds{wall->value("at_us", std::int64_t{0})});
        }
    }
    return at;
}

void add_run(xml_node suites, std::size_t id, const SuiteRecord& suite, const RunRecord& run) {
    const StoryStyle plain{};
    xml_node made = open_suite(suites, id, name_of(run), suite.began);
    xml_node properties = made.append_child("properties");
    add_property(properties, "file", run.file);
    add_property(properties, "seed", fmt::to_string(run.seed));
    add_property(properties, "user", run.user);
    add_property(properties, "modelled_seconds", xml_seconds(run.modelled));
    if (const std::string lost = losses_text(losses_of(run.entries)); !lost.empty()) {
        add_property(properties, "lost", lost);
    }
    add_property(properties, "again", again(run, suite.command));
    const auto at = recorded_at(run);
    std::optional<std::chrono::microseconds> before;
    for (const Judged& told : run.verdict.judged) {
        Duration took{};
        if (const auto decided = at.find(told.seq); decided != at.end()) {
            took = before ? std::max(decided->second - *before, std::chrono::microseconds{0})
                          : Duration{};
            before = std::max(before.value_or(decided->second), decided->second);
        }
        xml_node test = add_case(made, told.name, "ringback." + run.scenario, took);
        if (told.result != Judged::Result::passed) {
            const bool failed = told.result == Judged::Result::failed;
            add_failure(test, failed ? "failure" : "error", failed ? "expectation" : "inconclusive",
                        fmt::format("expected {}, got {}", told.expected, told.got),
                        expectation_story(run, told, plain));
        }
    }
    const bool passed = run.verdict.result == Judged::Result::passed;
    close_suite(made, run.wall, passed ? "" : failure_story(run, suite.command, plain));
}

/// A test case for each disturbed run.
void add_probe(xml_node suites, std::size_t id, const SuiteRecord& suite,
               const ProbeResult& result) {
    const std::string name = probe_name(result);
    xml_node made = open_suite(suites, id, name, suite.began);
    xml_node properties = made.append_child("properties");
    add_property(properties, "file", result.file);
    add_property(properties, "seed", fmt::to_string(result.seed));
    Duration wall{};
    for (const ProbeTry& tried : result.tries) {
        wall += tried.run.wall;
        xml_node test = add_case(made, tried.disturbance.what, "ringback." + name, tried.run.wall);
        if (!tried.blame.failing.empty()) {
            add_failure(test, "failure", "probe", probe_finding(tried),
                        probe_story(tried, suite.command, {}));
        }
    }
    for (const std::string& what : result.not_played) {
        add_skipped(add_case(made, what, "ringback." + name, {}), result.why_not);
    }
    if (result.outcome() == ProbeResult::Outcome::nothing_to_disturb) {
        add_skipped(add_case(made, "nothing to disturb", "ringback." + name, {}),
                    std::string{why_nothing_to_disturb(result.kind)});
    }
    close_suite(made, wall, "");
}

void add_troubles(xml_node suites, std::size_t id, const SuiteRecord& suite) {
    xml_node made = open_suite(suites, id, "not played", suite.began);
    add_property(made.append_child("properties"), "run", suite.run_id);
    for (const Trouble& trouble : suite.troubles) {
        const std::string where = place_text(trouble.file, trouble.place);
        xml_node test = add_case(made, where.empty() ? "ringback run" : where, "ringback", {});
        add_failure(test, "error", "not-played", trouble.what,
                    (where.empty() ? "" : where + ": ") + trouble.what);
    }
    if (suite.runs.size() < suite.planned) {
        xml_node test = add_case(made, "every planned run was played", "ringback", {});
        const std::string text =
            fmt::format("{} of {} runs were played", suite.runs.size(), suite.planned);
        add_failure(test, "error", "not-played", text, text);
    }
    close_suite(made, {}, "");
}

void add_demands(xml_node suites, std::size_t id, const SuiteRecord& suite) {
    const Coverage coverage = coverage_of(suite.runs);
    xml_node made = open_suite(suites, id, "webhook coverage", suite.began);
    add_property(made.append_child("properties"), "run", suite.run_id);
    for (const CoverageDemand& demand : suite.demands) {
        xml_node test = add_case(made, demand.text, "ringback.coverage", {});
        if (!is_met(demand, coverage)) {
            const std::string text = demand_text(demand, coverage);
            add_failure(test, "failure", "coverage", text, text);
        }
    }
    close_suite(made, {}, "");
}

}  // namespace

std::string junit_report(const SuiteRecord& suite) {
    pugi::xml_document document;
    xml_node suites = document.append_child("testsuites");
    std::size_t id{0};
    for (const RunRecord& run : suite.runs) {
        add_run(suites, id++, suite, run);
    }
    for (const ProbeResult& result : suite.probes) {
        add_probe(suites, id++, suite, result);
    }
    if (!suite.troubles.empty() || suite.runs.size() < suite.planned) {
        add_troubles(suites, id++, suite);
    }
    if (!suite.demands.empty()) {
        add_demands(suites, id, suite);
    }
    return xml_document(document);
}

}  // namespace ringback
