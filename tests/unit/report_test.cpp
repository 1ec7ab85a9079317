#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "harness/report/coverage.h"
#include "harness/report/html.h"
#include "harness/report/junit.h"
#include "harness/report/losses.h"
#include "harness/report/markdown.h"
#include "harness/report/run_json.h"
#include "harness/report/story.h"
#include "simulator/wire/utf8.h"

using namespace ringback;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// What breaks out of every report that does not look after it.
const std::string hostile{"</script><b>\"'&]]>|`\n::error::\x1b[2J\x01\xff%0A"};

json event_entry(std::uint64_t seq, const std::string& event, json payload) {
    return {{"seq", seq},
            {"time", "2026-01-05T09:00:04.000Z"},
            {"kind", "event"},
            {"call", "c-1"},
            {"delivery", seq},
            {"event", event},
            {"method", payload.is_string() ? "GET" : "POST"},
            {"url", "http://127.0.0.1:1/"},
            {"payload", std::move(payload)},
            {"wall", {{"at_us", seq * 1000}}}};
}

json api_entry(std::uint64_t seq, const std::string& path, int status, json response = nullptr) {
    json made{{"seq", seq},
              {"time", "2026-01-05T09:00:00.000Z"},
              {"kind", "api"},
              {"method", "POST"},
              {"path", path},
              {"status", status},
              {"request", {{"to", "+15550100001"}}},
              {"wall", {{"at_us", seq * 1000}}}};
    if (!response.is_null()) {
        made["response"] = std::move(response);
    }
    return made;
}

RunRecord run_of(Judged::Result result) {
    RunRecord run;
    run.scenario = "menu";
    run.about = "Asks.";
    run.file = "dir/menu.json";
    run.seed = 7;
    run.user = "u-1";
    run.modelled = std::chrono::seconds{11};
    run.wall = std::chrono::milliseconds{120};
    run.entries = {
        api_entry(1, "/v1/users/u-1/calls", 201),
        json{{"seq", 2},
             {"kind", "state"},
             {"time", "2026-01-05T09:00:04.000Z"},
             {"call", "c-1"},
             {"before", "started"},
             {"after", "active"},
             {"wall", {{"at_us", 2000}}}},
        event_entry(3, "speak", {{"eventType", "speak"}, {"status", "done"}}),
        event_entry(4, "hangup", "eventType=hangup&cause=USER_BUSY"),
        json{{"seq", 5},
             {"kind", "attempt"},
             {"time", "2026-01-05T09:00:04.000Z"},
             {"call", "c-1"},
             {"delivery", 4},
             {"event", "hangup"},
             {"attempt", 1},
             {"end", "answered"},
             {"status", 200},
             {"outcome", "delivered"},
             {"wall", {{"at_us", 5000}}}},
        api_entry(6, "/v1/users/u-1/calls/c-1/gather", 403, {{"code", "call-invalid-state"}}),
    };
    Judged held;
    held.name = "answer";
    held.file = run.file;
    held.place = {3, 5};
    held.expected = "event answer";
    held.seq = 3;
    run.verdict.judged = {held};
    run.verdict.result = result;
    if (result != Judged::Result::passed) {
        Judged lost;
        lost.result = result;
        lost.name = "say " + hostile;
        lost.file = run.file;
        lost.place = {8, 5};
        lost.expected = "within 1000 ms: POST /audio";
        lost.got = hostile;
        lost.seq = 6;
        Candidate near;
        near.what = "POST /gather";
        near.seq = 6;
        near.fields.emplace_back();
        near.fields.back().field = "body.tag";
        near.fields.back().finding.fits = false;
        near.fields.back().finding.why = "expected \"menu\", got nothing";
        lost.candidates = {near};
        run.verdict.judged.push_back(lost);
    }
    return run;
}

SuiteRecord suite_of(std::vector<Judged::Result> results) {
    SuiteRecord suite;
    suite.version = "0.1.0";
    suite.run_id = "run-1";
    suite.began = Instant{} + std::chrono::hours{24 * 365 * 50};
    suite.wall = std::chrono::seconds{1};
    suite.command = " -- npm start";
    suite.planned = results.size();
    for (const Judged::Result result : results) {
        suite.runs.push_back(run_of(result));
    }
    return suite;
}

std::string problem_by_schema(const json& report) {
    std::ifstream in{RINGBACK_SOURCE_DIR "/fixtures/report.schema.json"};
    const json schema_json = json::parse(in);
    valijson::Schema schema;
    valijson::adapters::NlohmannJsonAdapter schema_adapter{schema_json};
    valijson::SchemaParser{}.populateSchema(schema_adapter, schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter adapter{report};
    if (validator.validate(schema, adapter, &results)) {
        return {};
    }
    valijson::ValidationResults::Error error;
    std::string all;
    while (results.popError(error)) {
        for (const std::string& step : error.context) {
            all += step;
        }
        all += ": " + error.description + "\n";
    }
    return all;
}

using enum Judged::Result;

}  // namespace

TEST_CASE("coverage: counts what the journals of the runs touched", "[report]") {
    const Coverage coverage = coverage_of({run_of(passed), run_of(passed)});

    const auto count = [&](const char* kind, const std::string& name) -> std::uint64_t {
        const Coverage::Kind* const found = coverage.find(kind);
        REQUIRE(found != nullptr);
        for (const Coverage::Item& item : found->items) {
            if (item.name == name) {
                return item.count;
            }
        }
        FAIL("no " << name << " among the " << kind);
        return 0;
    };
    CHECK(count("events", "speak.done") == 2);
    CHECK(count("events", "speak.started") == 0);
    CHECK(count("causes", "USER_BUSY") == 2);
    CHECK(count("causes", "NO_ANSWER") == 0);
    CHECK(count("states", "active") == 2);
    CHECK(count("commands", "create") == 2);
    CHECK(count("commands", "gather") == 0);  // it was refused
    CHECK(count("refusals", "call-invalid-state") == 2);
    CHECK(count("methods", "GET") == 2);
    CHECK(count("deliveries", "delivered") == 2);
    for (const Coverage::Kind& kind : coverage.kinds) {
        for (const Coverage::Item& item : kind.items) {
            CAPTURE(kind.name, item.name);
            CHECK((kind.name == "refusals" || !item.scenario.empty()));
        }
    }
    CHECK(coverage.find("causes")->items.size() == 7);
    CHECK(coverage.find("events")->items.size() == 32);
}

TEST_CASE("coverage: what is demanded is met or not, in numbers and per cent", "[report]") {
    const Coverage coverage = coverage_of({run_of(passed)});
    const auto met = [&](const char* text) {
        const Result<CoverageDemand> demand = coverage_demand_of(text);
        REQUIRE(demand);
        return is_met(demand.value(), coverage);
    };
    CHECK(met("causes>=1"));
    CHECK_FALSE(met("causes>=2"));
    CHECK_FALSE(met("causes>1"));
    CHECK(met("causes>0"));
    CHECK(met("methods>=100%"));
    CHECK_FALSE(met("events>=7%"));  // 2 of 30
    CHECK(met("events>=6%"));
    CHECK(met("refusals>=1"));
    CHECK(met("reasons>=0"));
    CHECK_THAT(demand_text(coverage_demand_of("methods>=2").value(), coverage),
               Contains("methods>=2: 2 of 2 touched"));
    CHECK_THAT(demand_text(coverage_demand_of("causes>=2").value(), coverage),
               Contains("causes>=2: 1 of 7 touched; never: NORMAL_CLEARING (answer-hangup), "
                        "ORIGINATOR_CANCEL (cancel-while-ringing)"));
    CHECK_FALSE(is_met(coverage_demand_of("refusals>=1").value(), coverage_of({})));
}

TEST_CASE("coverage: a demand that is none says what was expected", "[report]") {
    for (const char* text : {"", "causes", "causes>=", "causes>=x", "causes>=101%", "colours>=1",
                             "causes>=1 ", "causes<3", ">=1"}) {
        const Result<CoverageDemand> demand = coverage_demand_of(text);
        INFO(text);
        REQUIRE_FALSE(demand);
        CHECK_THAT(demand.error().what, Contains("expected KIND>=N"));
        CHECK_THAT(demand.error().what, Contains("causes, reasons"));
    }
}

TEST_CASE("report: the JSON of every outcome fits its schema", "[report]") {
    SuiteRecord suite = suite_of({passed, failed, inconclusive});
    suite.runs[1].row = 2;
    suite.demands = {coverage_demand_of("causes>=6").value()};
    suite.troubles = {{"menu.json", {3, 4}, "unknown member"}, {"", {}, "no receiver"}};
    suite.runs[0].faults = {{1, "drop", "{}", "", false, {6, 2}},
                            {2, "fail", "{}", "chaos", false, {0, 0}}};
    const json report =
        json::parse(suite_json(suite).dump(-1, ' ', false, json::error_handler_t::replace));

    CHECK(problem_by_schema(report).empty());
    CHECK(report["result"] == "failed");
    CHECK(report["runs"][1]["expectations"][1]["line"] == 8);
    CHECK(report["coverage"]["causes"]["touched"] == 1);
    CHECK(report["required_coverage"][0]["met"] == false);
    CHECK(report["began"] == "2019-12-20T00:00:00.000Z");
    json wrong = report;
    wrong["runs"][0]["wall_ms"] = "120";
    CHECK_FALSE(problem_by_schema(wrong).empty());
}

TEST_CASE("report: a run that did not take place is not a passed one", "[report]") {
    SuiteRecord suite = suite_of({passed});
    CHECK(suite.result() == "passed");
    CHECK(suite.counts_text() == "1 of 1 runs: 1 passed, 0 failed, 0 inconclusive");
    suite.planned = 2;
    CHECK(suite.result() == "not played");
    suite.runs.push_back(run_of(inconclusive));
    CHECK(suite.result() == "inconclusive");
    suite.troubles = {{"", {}, "no receiver"}};
    CHECK(suite.result() == "not played");
    suite.runs.push_back(run_of(failed));
    CHECK(suite.result() == "failed");
    CHECK(SuiteRecord{}.result() == "not played");
}

TEST_CASE("junit: failed is a failure, inconclusive an error, what was not played an error",
          "[report]") {
    SuiteRecord suite = suite_of({failed, inconclusive});
    suite.planned = 3;
    suite.demands = {coverage_demand_of("causes>=6").value()};
    const std::string xml = junit_report(suite);

    CHECK_THAT(xml, Contains(R"(tests="2" failures="1" errors="0" time="0.120")"));
    CHECK_THAT(xml, Contains(R"(tests="2" failures="0" errors="1" time="0.120")"));
    CHECK_THAT(xml, Contains("2 of 3 runs were played"));
    CHECK_THAT(xml, Contains(R"(<testcase name="causes&gt;=6")") ||
                        Contains(R"(<testcase name="causes>=6")"));
    CHECK_THAT(xml, Contains("dir/menu.json:8:5"));
    CHECK_THAT(xml, Contains("ringback run dir/menu.json --seed 7 -- npm start"));
    // From entry 3 to entry 6.
    CHECK_THAT(xml, Contains(R"(classname="ringback.menu" time="0.003")"));
}

TEST_CASE("report: nothing that a receiver says breaks out of a report", "[report]") {
    const SuiteRecord suite = suite_of({failed});
    for (const std::string& text :
         {junit_report(suite), html_report(suite), markdown_report(suite)}) {
        CHECK_THAT(text, !Contains("\x1b") && !Contains("\x01") && !Contains("\xff"));
    }
    for (const std::string& text : {junit_report(suite), html_report(suite)}) {
        CHECK_THAT(text, !Contains("<b>\"'") && !Contains("</script>"));
    }
    for (const std::string& line : annotations(suite, {})) {
        CHECK(line.find('\n') == std::string::npos);
        CHECK(line.starts_with("::error file=dir/menu.json,line=8,col=5,title=menu"));
        // What ends the title is not what the receiver wrote.
        CHECK(line.find("%3A%3Aerror%3A%3A") < line.find("::", 2));
    }
}

TEST_CASE("annotations: places are told below the workspace, built-in scenarios without",
          "[report]") {
    SuiteRecord suite = suite_of({inconclusive});
    for (Judged& told : suite.runs[0].verdict.judged) {
        told.file = "/home/ci/app/tests/menu.json";
    }
    suite.troubles = {{"builtin:busy", {}, "no receiver, 100% sure"}};
    const auto lines = annotations(suite, {"/home/ci/app", "/home/ci/app/service"});

    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "::error title=ringback::no receiver, 100%25 sure");
    CHECK_THAT(lines[1],
               Catch::StartsWith("::warning file=tests/menu.json,line=8,col=5,title=menu%3A say"));

    const auto file_of = [&](const std::string& file) {
        suite.runs[0].verdict.judged.back().file = file;
        const std::string line = annotations(suite, {"/home/ci/app", "/home/ci/app/service"})[1];
        return line.substr(0, line.find("title="));
    };
    CHECK(file_of("calls/menu.json") == "::warning file=service/calls/menu.json,line=8,col=5,");
    CHECK(file_of("../menu.json") == "::warning file=menu.json,line=8,col=5,");
    CHECK(file_of("/tmp/menu.json") == "::warning file=/tmp/menu.json,line=8,col=5,");
    CHECK(file_of("builtin:busy") == "::warning ");
}

TEST_CASE("story: the place where nothing came is marked as well, in text and in the picture",
          "[report]") {
    RunRecord run = run_of(failed);
    Judged& lost = run.verdict.judged.back();
    lost.name = "ask";
    const std::string decided = failure_story(run, "", {});
    CHECK_THAT(decided, Contains("#6") && Contains("└── here: ask\n"));
    lost.seq = 0;

    CHECK_THAT(failure_story(run, "", {}), Contains("└── here: ask\n"));
    CHECK_THAT(failure_story(run, "", {80, false, false}), Contains("^-- here: ask\n"));
    CHECK_THAT(html_report(SuiteRecord{"", "", {}, {}, "", 1, {run}, {}, {}, {}, 1}),
               Contains("class=\"row bad marked\"") && Contains("here: ask"));
}

TEST_CASE("story: no line but the commands is wider than the terminal", "[report]") {
    RunRecord run = run_of(failed);
    Judged& lost = run.verdict.judged.back();
    lost.name = "await (line 2097)";
    run.scenario = "a-scenario-with-a-name-of-some-length";
    lost.file = "tests/calls/of/the/whole/company/menu.json";
    lost.got = "POST /v1/users/u-1/calls/c-1/gather -> 201 came instead, and more of that";
    FieldFinding path;
    path.field = "body.interDigitTimeout";
    path.finding.fits = true;
    path.finding.found = "/v1/users/u-ringback/calls/c-5xq7vhfnfpqgemj7ggu7zia/audio";
    FieldFinding word = path;
    word.finding.found = std::string(200, 'x');
    lost.candidates[0].fields = {path, word};
    CHECK_THAT(failure_story(run, "", {}),
               Contains("/v1/users/u-ringback/calls/\n                                "
                        "c-5xq7vhfnfpqgemj7ggu7zia/audio\n"));
    std::istringstream lines{failure_story(run, "", {})};
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        const bool command = line.starts_with("  again:") || line.starts_with("  accept:");
        CHECK((command || utf8_length(line) <= 80));
    }
}

TEST_CASE("story: the call is the one that failed; a file is named as a shell takes it",
          "[report]") {
    RunRecord run = run_of(failed);
    run.file = "my calls/menu.json";
    run.entries.back()["call"] = "c-2";

    const std::string text = failure_story(run, " -- npm start", {});

    CHECK_THAT(text, Contains("  seed 7, call c-2\n"));
    CHECK_THAT(text, Contains("ringback run 'my calls/menu.json' --seed 7 -- npm start\n"));
}

TEST_CASE("report: events that are lost for good are told in every format, and when the first was",
          "[report][faults]") {
    SuiteRecord suite = suite_of({passed, passed});
    CHECK(suite_json(suite).dump().find("lost_events") == std::string::npos);
    CHECK_THAT(markdown_report(suite), !Contains("lost for good"));
    RunRecord& run = suite.runs[0];
    for (const char* const time : {"2026-01-05T09:00:06.500Z", "2026-01-05T09:00:07.000Z"}) {
        run.entries.push_back(json{{"seq", run.entries.size() + 1},
                                   {"kind", "fault"},
                                   {"time", time},
                                   {"fault", "drop"},
                                   {"lost", true},
                                   {"delivery", 9}});
    }
    const Losses losses = losses_of(run.entries);
    CHECK(losses.events == 2);
    const std::string words = losses_text(losses);
    CHECK_THAT(words, Catch::StartsWith("2 events lost for good, first at "));
    CHECK_THAT(summary_line(run, {}), Contains("; " + words));
    CHECK_THAT(html_report(suite), Contains(words));
    CHECK_THAT(junit_report(suite), Contains(words));
    CHECK_THAT(markdown_report(suite), Contains("2 events lost for good, in 1 of 2 runs."));
    CHECK(run_json(run)["lost_events"]["events"] == 2);
    CHECK(run_json(run)["lost_events"]["first_ms"] ==
          std::chrono::duration_cast<std::chrono::milliseconds>(losses.first).count());
}

TEST_CASE("markdown: a table, a fold per failure, the coverage", "[report]") {
    SuiteRecord suite = suite_of({passed, failed});
    suite.runs[1].scenario = "a|b";
    const std::string text = markdown_report(suite);

    CHECK_THAT(text, Catch::StartsWith("## ringback: failed\n\n2 of 2 runs: 1 passed, 1 failed"));
    CHECK_THAT(text, Contains("| ✅ | menu | 1 of 1 | 11.0 s | 0.1 s | 7 |"));
    CHECK_THAT(text, Contains("<details><summary>❌ a\\|b</summary>"));
    CHECK_THAT(text, Contains("| causes | 1 of 7 | NORMAL\\_CLEARING"));
}

TEST_CASE("html: ladders are pictures whose rows open what was said", "[report]") {
    const std::string page = html_report(suite_of({passed, failed}));

    CHECK_THAT(page, Contains("<svg class=\"ladder\""));
    CHECK_THAT(page, Contains("<a href=\"#r1-6\">") && Contains("id=\"r1-6\""));
    CHECK_THAT(page, Contains("class=\"row bad marked\""));
    // What failed stands before what passed.
    CHECK(page.find("<section id=\"run-1\">") < page.find("<section id=\"run-0\">"));
    CHECK_THAT(page, !Contains("http-equiv=\"refresh\"") && !Contains("src=\"http"));
}
