#include <catch2/catch.hpp>
#include <sstream>

#include "harness/load/report_csv.h"
#include "harness/load/report_html.h"
#include "harness/load/report_junit.h"
#include "harness/load/report_markdown.h"
#include "harness/load/report_prometheus.h"
#include "harness/load/report_series.h"
#include "harness/load/report_text.h"
#include "harness/load/report_words.h"
#include "harness/load/search_words.h"
#include "simulator/wire/utf8.h"
#include "tests/support/golden.h"
#include "tests/support/load_result.h"

using namespace ringback;
using Catch::Matchers::Contains;
using test::check_golden;
using test::invalid_load;
using test::sample_load;
using test::sample_search;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count{0};
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("words: figures have three digits and a unit", "[load][report]") {
    CHECK(span_text(0) == "0 us");
    CHECK(span_text(999) == "999 us");
    CHECK(span_text(999.6) == "1.00 ms");
    CHECK(span_text(9'994) == "9.99 ms");
    CHECK(span_text(9'996) == "10.0 ms");
    CHECK(span_text(178'200) == "178 ms");
    CHECK(span_text(999'900) == "1.00 s");
    CHECK(span_text(3'600'000'000) == "3600 s");
    CHECK(count_text(0) == "0");
    CHECK(count_text(999) == "999");
    CHECK(count_text(1'234'567) == "1,234,567");
    CHECK(rate_text(40) == "40/s");
    CHECK(rate_text(39.56) == "39.6/s");
    CHECK(rate_text(0.25) == "0.25/s");
    CHECK(rate_text(12'000.4) == "12,000/s");
    CHECK(share_text(0) == "0 %");
    CHECK(share_text(0.07) == "7 %");
    CHECK(share_text(3.0 / 360) == "0.833 %");
    CHECK(share_text(1) == "100 %");
    CHECK(duration_text(5) == "5 s");
    CHECK(duration_text(0.5) == "0.5 s");
    CHECK(duration_text(150) == "2 m 30 s");
    CHECK(duration_text(7265) == "2 h 1 m 5 s");
}

TEST_CASE("words: a plan is told in a line, however long it is", "[load][report]") {
    using std::chrono::seconds;
    LoadPlan plan;
    plan.stages = {{seconds{5}, 20, 60}, {seconds{90}, 40, 40}};
    CHECK(plan_text(plan) == "20/s to 60/s for 5 s, 40/s for 1 m 30 s; constant arrivals, seed 42");
    plan.arrivals = Arrivals::poisson;
    plan.calls = 1000;
    plan.warmup = seconds{10};
    plan.segment = {1, 8};
    plan.stages.resize(6, {seconds{1}, 1, 1});
    CHECK(plan_text(plan) ==
          "20/s to 60/s for 5 s, 40/s for 1 m 30 s, 1/s for 1 s, 1/s for 1 s, and 2 more stages; "
          "poisson arrivals, seed 42, at most 1,000 calls, 10 s of it warm-up, segment 2/8");
    LoadPlan trace;
    trace.arrivals = Arrivals::trace;
    trace.trace.resize(3);
    CHECK(plan_text(trace) == "3 arrivals of a trace, seed 42");
}

TEST_CASE("summary: all of a run within 80 columns", "[load][report]") {
    const std::string text = load_summary(sample_load(), {});

    check_golden("load.txt", text);
    for (const std::string& line : lines_of(text)) {
        INFO(line);
        // A receiver's words in a story are those of another, already broken.
        CHECK((utf8_length(line) <= 80 || line.starts_with("FAIL menu  say")));
    }
    CHECK_THAT(text, !Contains("\x1b"));
}

TEST_CASE("summary: a search says what it found, how surely, and shows its probes",
          "[load][report]") {
    const std::string text = load_summary(sample_search(), {});

    CHECK_THAT(text, Contains("highest     40/s, at which it held response:p(99)<250ms\n"));
    CHECK_THAT(text,
               Contains("confidence  it held 3 of 3 times more; 42/s failed, 5.0 % above it\n"));
    CHECK_THAT(text, Contains("confirm ") && Contains("101 ms") && Contains("4.10 s\n"));
    CHECK_THAT(text, Contains("the last run at 40/s:\n"));
    for (const std::string& line : lines_of(text)) {
        INFO(line);
        CHECK((utf8_length(line) <= 80 || line.starts_with("FAIL menu  say")));
    }
    for (const std::string& report : {load_markdown(sample_search()), load_html(sample_search())}) {
        CHECK_THAT(report, Contains("40/s, at which it held response:p(99)&lt;250ms"));
        CHECK_THAT(report, Contains("it held 3 of 3 times more; 42/s failed, 5.0 % above it"));
    }
    CHECK_THAT(load_junit(sample_search()), Contains("the highest rate was found"));
}

TEST_CASE("words: a search says what is not known of the highest rate", "[load][report]") {
    SearchResult search;
    CHECK(highest_rate_text(search) == "not found");
    CHECK(confidence_text(search) == "");
    search.limited = 800;
    search.end = SearchEnd::at_least;
    CHECK(highest_rate_text(search) == "not found: ringback was the limit at 800/s");
    search.held = 400;
    search.confirmed = 2;
    CHECK(highest_rate_text(search) == "at least 400/s: ringback was the limit at 800/s");
    CHECK(confidence_text(search) == "it held 2 of 3 times more; nothing above it failed");
    search = {};
    search.failed = 0.1;
    search.end = SearchEnd::none_held;
    CHECK(highest_rate_text(search) == "below 0.1/s, which failed");
}

TEST_CASE("probe: it has held if all was done and every claim held", "[load][report]") {
    const WantedProbe wanted{40, ProbeRole::bisect};
    LoadResult run = sample_load();
    run.thresholds.clear();
    CHECK(probe_of(wanted, run).why ==
          "3 of 360 calls failed: say: body.tag expected \"menu\", got nothing");
    run.thresholds = {{"calls.failed:rate<1%", 3.0 / 360, true}};  // so many may
    const SearchProbe held = probe_of(wanted, run);
    CHECK(held.outcome == ProbeOutcome::held);
    CHECK(held.response_p99_us > 170'000);
    run.thresholds.push_back({"response:p(99)<100ms", 178'200, false});
    CHECK(probe_of(wanted, run).why == "response:p(99)<100ms: 178 ms");
    run.aborted = "errors:rate>5%@10s: 7.3%";
    CHECK(probe_of(wanted, run).why == run.aborted);
    CHECK(probe_of(wanted, run).outcome == ProbeOutcome::failed);
    run.truth.invalid = {"late"};
    CHECK(probe_of(wanted, run).outcome == ProbeOutcome::invalid);
}

TEST_CASE("summary: colours say what is good and bad, and move nothing", "[load][report]") {
    StoryStyle style;
    style.colour = true;
    std::string text = load_summary(invalid_load(), style);
    CHECK_THAT(text, Contains("\x1b[33minvalid\x1b[0m"));
    for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }

    CHECK(text == load_summary(invalid_load(), {}));
}

TEST_CASE("report: an invalid run says why, and gives no latency", "[load][report]") {
    const LoadResult result = invalid_load();
    for (const std::string& text :
         {load_summary(result, {}), load_markdown(result), load_junit(result)}) {
        INFO(text);
        CHECK_THAT(text, Contains("start lag p99 48.0 ms, more than 1.00 ms"));
        CHECK_THAT(text, !Contains("p50") && !Contains("p99.9") && !Contains("178 ms"));
        CHECK_THAT(text, Contains("not judged"));
    }
    CHECK_THAT(load_prometheus(result), Contains("\nringback_load_valid 0\n"));
    // second 7: no response, no service; what was sent late stays.
    CHECK_THAT(load_csv(result), Contains("\r\n7,false,40,40,40,0,0,80,160,0,120,,,,,,,,,10,40,90,"
                                          "120,0.25\r\n"));
}

TEST_CASE("report: a run that measured nothing has reports", "[load][report]") {
    const LoadResult result;
    CHECK_THAT(load_summary(result, {}), Contains("nothing was measured"));
    CHECK_THAT(load_markdown(result), Contains("## ringback load: passed"));
    CHECK_THAT(load_prometheus(result), Contains("ringback_load_calls_planned_total 0\n"));
    CHECK(lines_of(load_csv(result)).size() == 1);
    CHECK_THAT(load_junit(result), Contains("everything planned was done"));
}

TEST_CASE("csv: a header and a row a second, named as in the JSON", "[load][report]") {
    check_golden("load.csv", load_csv(sample_load()));
}

TEST_CASE("markdown: tables, a fold per failing call", "[load][report]") {
    check_golden("load.md", load_markdown(sample_load()));
}

TEST_CASE("prometheus: names with units, counters that end in _total, cumulative buckets",
          "[load][report]") {
    const std::string text = load_prometheus(sample_load());

    check_golden("load.prom", text);
    std::string family;
    for (const std::string& line : lines_of(text)) {
        INFO(line);
        std::istringstream words{line};
        std::string hash;
        std::string word;
        std::string name;
        std::string type;
        if (line.starts_with("# TYPE ")) {
            words >> hash >> word >> family >> type;
            CHECK((type != "counter" || family.ends_with("_total")));
            CHECK((type != "histogram" || family.ends_with("_seconds")));
            continue;
        }
        if (!line.starts_with("#")) {
            CHECK(line.starts_with(family));
        }
    }
}

TEST_CASE("prometheus: what a receiver said cannot leave its label", "[load][report]") {
    const std::string text = load_prometheus(sample_load());

    CHECK(count_of(text, "\n::error::") == 0);
    CHECK_THAT(text, Contains(R"(cause="say: body.tag expected \"menu\", got nothing"} 2)"));
    LoadResult twice;
    twice.failures = {{"\x01", 1}, {"\\x01", 2}};
    twice.thresholds = {{"call:max<1s", 1, true}, {"call:max<1s", 1, true}};
    CHECK(count_of(load_prometheus(twice), "threshold_held{") == 1);
}

TEST_CASE("junit: cases for the run, its thresholds, its steps and the calls that were kept",
          "[load][report]") {
    const std::string xml = load_junit(sample_load());

    CHECK(count_of(xml, "<testsuite ") == 4);
    CHECK_THAT(xml, Contains(R"(name="load menu: thresholds")"));
    CHECK_THAT(xml, Contains(R"(tests="3" failures="2" errors="0" time="0.000")"));
    CHECK_THAT(xml, Contains("expected calls.failed:rate&lt;0.1%, got 0.833 %"));
    CHECK_THAT(xml, Contains("expected reaction.none:p(95)&lt;1s, got nothing measured"));
    CHECK_THAT(xml, Contains("failed in 3 of 360 calls"));
    CHECK_THAT(xml, Contains(R"(<testcase name="call 17")"));
    CHECK_THAT(load_junit(invalid_load()),
               Contains(R"(tests="3" failures="0" errors="3" time="0.000")"));
    LoadResult cut = sample_load();
    cut.aborted = "errors:rate>5%@10s";
    cut.counts.finished = 300;
    CHECK_THAT(load_junit(cut), Contains("360 calls were planned, 360 started, 300 finished, 0 "
                                         "dropped; aborted: errors:rate&gt;5%@10s"));
}

TEST_CASE("report: nothing that a receiver says breaks out of a load report", "[load][report]") {
    LoadResult result = sample_load();
    const std::string& hostile = test::hostile_text;
    result.scenario = result.file = result.target = result.started_at = hostile;
    result.steps[0].step = hostile;
    result.timers[0].name = hostile;
    result.metrics[hostile] = test::spread(1, 2, 3);
    result.thresholds[0].expression = hostile;
    result.truth.remarks = {hostile};
    result.aborted = hostile;
    result.kept[0].story = result.kept[0].cause = hostile;
    for (const std::string& text : {load_summary(result, {}), load_junit(result),
                                    load_markdown(result), load_prometheus(result)}) {
        INFO(text);
        CHECK_THAT(text, !Contains("\x1b") && !Contains("\x01") && !Contains("\xff"));
    }
    CHECK_THAT(load_junit(result), !Contains("<b>\"'") && !Contains("</script>"));
}

TEST_CASE("series: long runs come to few points, each the worst of its seconds", "[load][report]") {
    LoadResult result = sample_load();
    const auto row = result.seconds[5];
    result.seconds.assign(3'600, row);
    result.seconds[1'801].response.p99 = 999'000;
    result.seconds[1'801].in_flight = 7'000;
    result.seconds[1'801].errors = 60;
    for (std::size_t at = 12; at < 18; ++at) {
        result.seconds[at].response = {};
    }
    const nlohmann::ordered_json series = load_series(result);

    CHECK(series["point_s"] == 6);
    REQUIRE(series["second"].size() == 600);
    CHECK(series["response"]["p99"][300] == 999);
    CHECK(series["response"]["p99"][301] == 24);
    CHECK(series["response"]["p99"][2].is_null());
    CHECK(series["in_flight"][300] == 7'000);
    CHECK(series["errors"][300] == 10);
    CHECK(series["planned"][300] == 40);
    CHECK(load_series(sample_load())["second"].size() == 12);
}

TEST_CASE("series: a distribution is all of what was measured", "[load][report]") {
    const nlohmann::ordered_json series = load_series(sample_load())["distribution"];

    CHECK(series["middle_ms"].size() == series["response"].size());
    CHECK(series["middle_ms"].size() == series["service"].size());
    for (const char* name : {"response", "service"}) {
        double sum{0};
        for (const auto& share : series[name]) {
            sum += share.get<double>();
        }
        CHECK(sum == Approx(100));
    }
    CHECK(series["middle_ms"][0].get<double>() < 0.9);
    CHECK(series["middle_ms"].back().get<double>() > 170);
    CHECK(load_series(LoadResult{})["distribution"].is_null());
}

TEST_CASE("html: nothing that a receiver says becomes markup, and no other script may run",
          "[load][report]") {
    LoadResult result = sample_load();
    const std::string& hostile = test::hostile_text;
    result.scenario = result.file = result.target = result.started_at = hostile;
    result.steps[0].step = result.thresholds[0].expression = result.aborted = hostile;
    result.metrics[hostile] = test::spread(1, 2, 3);
    result.kept[0].story = result.kept[0].cause = hostile;
    result.kept[1].run["journal"][1]["payload"] = hostile;
    const std::string page = load_html(result);

    CHECK_THAT(page, !Contains("\x1b") && !Contains("\x01") && !Contains("\xff"));
    CHECK_THAT(page, !Contains("<b>\"'"));
    CHECK(count_of(page, "</script>") == 3);
    CHECK(count_of(page, "'sha256-") == 3);
    CHECK_THAT(page, Contains("default-src 'none'") && !Contains("'unsafe-eval'") &&
                         !Contains("src=\"http"));
    CHECK(count_of(page, "<canvas ") == 6);
    CHECK_THAT(page, Contains("class=\"row bad marked\"") || Contains("class=\"row marked\""));
}

TEST_CASE("html: an invalid run says so first, and has no latency", "[load][report]") {
    const std::string page = load_html(invalid_load());
    const std::string body = page.substr(0, page.find("<script type=\"application/json\""));

    CHECK(body.find("This run is invalid") < body.find("<table"));
    CHECK_THAT(body, Contains("start lag p99 48.0 ms, more than 1.00 ms"));
    CHECK_THAT(body, !Contains("178 ms") && !Contains("<th class=\"number\">p50</th>") &&
                         !Contains("response p50"));
    CHECK(count_of(body, "<canvas ") == 4);
    CHECK_FALSE(load_series(invalid_load()).contains("response"));
    CHECK_FALSE(load_series(invalid_load()).contains("distribution"));
}

TEST_CASE("html: a kept run that is no run is no reason to fail", "[load][report]") {
    using nlohmann::json;
    LoadResult result = sample_load();
    for (const json& run :
         {json{}, json::array({1}), json{{"journal", 3}},
          json{{"journal", {1, "a", json::object(), {{"seq", "x"}}, {{"seq", -1}}, {{"seq", 2}}}},
               {"expectations", {1, {{"seq", {}}}, {{"seq", 2}, {"result", 7}}}},
               {"scenario", 5}}}) {
        result.kept[0].run = run;
        CHECK_THAT(load_html(result), Contains("call 17"));
    }
}

TEST_CASE("report: calls that nobody waited for are told in every format", "[load][report]") {
    LoadResult result = sample_load();
    const std::string words{"2 calls were placed that no kick was waiting for"};
    CHECK_THAT(load_summary(result, {}), !Contains("waiting for"));
    result.unexpected = 2;

    CHECK_THAT(load_summary(result, {}), Contains(words));
    CHECK_THAT(load_markdown(result), Contains(words));
    CHECK_THAT(load_html(result), Contains(words));
    CHECK_THAT(load_junit(result), Contains(words));
    CHECK_THAT(load_prometheus(result), Contains("\nringback_load_calls_unexpected_total 2\n"));
}

TEST_CASE("report: events that are lost for good are told in every format", "[load][report]") {
    LoadResult result = sample_load();
    CHECK_THAT(load_summary(result, {}), !Contains("lost for good"));
    CHECK_THAT(load_html(result), !Contains("lost for good"));
    result.lost = {2, 11};
    const std::string words{"2 events lost for good by faults, the first in second 12"};

    CHECK_THAT(load_summary(result, {}), Contains(words));
    CHECK_THAT(load_markdown(result), Contains(words));
    CHECK_THAT(load_html(result), Contains(words));
    CHECK_THAT(load_junit(result), Contains(words));
    CHECK_THAT(load_prometheus(result), Contains("\nringback_load_events_lost_total 2\n"));
}

TEST_CASE("prometheus: a run that goes on says so", "[load][report]") {
    CHECK_THAT(load_prometheus(sample_load()), Contains("\nringback_load_running 0\n"));
    CHECK_THAT(load_prometheus(sample_load(), Running::yes),
               Contains("\nringback_load_running 1\n"));
}
