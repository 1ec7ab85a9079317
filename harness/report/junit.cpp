#include "harness/report/junit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <pugixml.hpp>
#include <sstream>

#include "harness/report/story.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

using pugi::xml_node;

/// XML has no way to write most control bytes; line ends and tabs may stay.
std::string xml_text(std::string_view text) {
    constexpr std::size_t most = 1U << 20U;
    std::string clean;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of("\n\t");
        clean += printable(text.substr(0, end), most);
        if (end == std::string_view::npos) {
            break;
        }
        clean += text[end];
        text.remove_prefix(end + 1);
    }
    return clean;
}

std::string decimal(Duration time) {
    return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

/// The Ant schema wants a name; a machine without one is "localhost".
std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name.front() != '\0'
               ? xml_text(name.data())
               : "localhost";
}

/// "2026-11-23T22:09:48": the Ant schema allows neither fraction nor zone.
std::string timestamp(Instant at) {
    std::string text = time_text(at);
    text.pop_back();
    return text;
}

void set(xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(xml_text(value).c_str());
}

xml_node add_case(xml_node suite, const std::string& name, const std::string& group,
                  Duration time) {
    xml_node made = suite.append_child("testcase");
    set(made, "name", name);
    set(made, "classname", group);
    set(made, "time", decimal(time));
    return made;
}

void add_failure(xml_node test, const char* element, const char* type, const std::string& message,
                 const std::string& text) {
    xml_node made = test.append_child(element);
    set(made, "message", message);
    set(made, "type", type);
    made.append_child(pugi::node_pcdata).set_value(xml_text(text).c_str());
}

/// Counts what it holds, in the form both schemas take.
xml_node open_suite(xml_node suites, std::size_t id, const std::string& name, Instant began) {
    xml_node made = suites.append_child("testsuite");
    set(made, "name", name);
    set(made, "package", "ringback");
    set(made, "id", fmt::to_string(id));
    set(made, "timestamp", timestamp(began));
    set(made, "hostname", host_name());
    return made;
}

void close_suite(xml_node suite, Duration wall, const std::string& out) {
    const auto with = [&](const char* element) {
        const auto cases = suite.children("testcase");
        return fmt::to_string(std::count_if(cases.begin(), cases.end(), [&](xml_node test) {
            return *element == '\0' || !test.child(element).empty();
        }));
    };
    set(suite, "tests", with(""));
    set(suite, "failures", with("failure"));
    set(suite, "errors", with("error"));
    set(suite, "time", decimal(wall));
    suite.append_child("system-out")
        .append_child(pugi::node_pcdata)
        .set_value(xml_text(out).c_str());
    suite.append_child("system-err");
}

void add_property(xml_node properties, const char* name, const std::string& value) {
    xml_node made = properties.append_child("property");
    set(made, "name", name);
    set(made, "value", value);
}

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
    add_property(properties, "modelled_seconds", decimal(run.modelled));
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
    if (!suite.troubles.empty() || suite.runs.size() < suite.planned) {
        add_troubles(suites, id++, suite);
    }
    if (!suite.demands.empty()) {
        add_demands(suites, id, suite);
    }
    std::ostringstream out;
    document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
    return std::move(out).str();
}

}  // namespace ringback
