#include "harness/load/report_junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/load/outcome.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "harness/report/junit_xml.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using pugi::xml_node;

Instant began(const LoadResult& result) {
    return parse_time(result.started_at).value_or(Instant{});
}

Duration wall(const LoadResult& result) {
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>{std::min(result.duration_s, 1e9)});
}

std::string lines(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, "\n"));
}

xml_node open(xml_node suites, std::size_t id, const LoadResult& result, std::string_view of) {
    xml_node suite =
        open_suite(suites, id, fmt::format("load {}: {}", result.scenario, of), began(result));
    xml_node properties = suite.append_child("properties");
    add_property(properties, "file", result.file);
    add_property(properties, "target", result.target);
    add_property(properties, "plan", plan_text(result.plan));
    if (result.lost.events > 0) {
        add_property(properties, "lost", lost_text(result));
    }
    return suite;
}

void add_run(xml_node suites, std::size_t id, const LoadResult& result) {
    const std::string group = "ringback.load." + result.scenario;
    xml_node suite = open(suites, id, result, "run");
    xml_node believed = add_case(suite, "the generator was not the limit", group, {});
    if (!result.truth.valid()) {
        add_failure(believed, "error", "invalid", result.truth.invalid.front(),
                    lines(result.truth.invalid));
    }
    xml_node whole = add_case(suite, "everything planned was done", group, wall(result));
    if (!result.complete()) {
        const LoadCounts& counts = result.counts;
        const std::string text =
            fmt::format("{} calls were planned, {} started, {} finished, {} dropped{}{}",
                        counts.planned, counts.started, counts.finished, counts.dropped,
                        result.aborted.empty() ? "" : "; aborted: " + result.aborted,
                        result.interrupted ? "; interrupted" : "");
        add_failure(whole, "failure", "incomplete", text, text);
    }
    if (result.unexpected > 0) {
        const std::string text = unexpected_text(result);
        add_failure(add_case(suite, "no call came unexpected", group, {}), "failure", "unexpected",
                    text, text);
    }
    if (result.search) {
        xml_node found = add_case(suite, "the highest rate was found", group, {});
        if (result.search->end != SearchEnd::found) {
            const std::string text = highest_rate_text(*result.search);
            add_failure(found, "failure", "search", text,
                        text + "\n" + confidence_text(*result.search));
        }
    }
    close_suite(suite, wall(result), lines(result.truth.remarks));
}

void add_thresholds(xml_node suites, std::size_t id, const LoadResult& result) {
    xml_node suite = open(suites, id, result, "thresholds");
    for (const ThresholdResult& threshold : result.thresholds) {
        xml_node test =
            add_case(suite, threshold.expression, "ringback.load." + result.scenario, {});
        if (!result.truth.valid()) {
            add_failure(test, "error", "invalid", "not judged: the run is invalid",
                        lines(result.truth.invalid));
        } else if (!threshold.held) {
            const std::string text = fmt::format("expected {}, got {}", threshold.expression,
                                                 threshold_value_text(threshold));
            add_failure(test, "failure", "threshold", text, text);
        }
    }
    close_suite(suite, {}, "");
}

void add_steps(xml_node suites, std::size_t id, const LoadResult& result) {
    xml_node suite = open(suites, id, result, "steps");
    for (const LoadStepResult& step : result.steps) {
        xml_node test = add_case(suite, step.step, "ringback.load." + result.scenario, {});
        if (step.failed > 0) {
            const std::string text =
                fmt::format("failed in {} of {} calls", step.failed, step.passed + step.failed);
            add_failure(test, "failure", "expectation", text, text);
        }
    }
    close_suite(suite, {}, "");
}

void add_kept(xml_node suites, std::size_t id, const LoadResult& result) {
    xml_node suite = open(suites, id, result, "failing calls");
    for (const KeptFailure& kept : result.kept) {
        xml_node test = add_case(suite, fmt::format("call {}", kept.call),
                                 "ringback.load." + result.scenario, {});
        add_failure(test, "failure", "call", kept.cause, kept.story);
    }
    std::string causes;
    for (const auto& [cause, count] : ranked(result.failures)) {
        causes += fmt::format("{:>10}  {}\n", count, cause);
    }
    close_suite(suite, {}, causes);
}

}  // namespace

std::string load_junit(const LoadResult& result) {
    pugi::xml_document document;
    xml_node suites = document.append_child("testsuites");
    std::size_t id{0};
    add_run(suites, id++, result);
    if (!result.thresholds.empty()) {
        add_thresholds(suites, id++, result);
    }
    if (!result.steps.empty()) {
        add_steps(suites, id++, result);
    }
    if (!result.kept.empty()) {
        add_kept(suites, id, result);
    }
    return xml_document(document);
}

}  // namespace ringback
