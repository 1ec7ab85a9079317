// What is told of probes that did not come to their end.
#include <catch2/catch.hpp>

#include "harness/report/html.h"
#include "harness/report/junit.h"
#include "harness/report/markdown.h"
#include "harness/report/probe_story.h"
#include "harness/report/suite_record.h"

namespace ringback {
namespace {

using Catch::Matchers::Contains;

ProbeResult lost(std::size_t played) {
    ProbeResult result;
    result.kind = ProbeKind::lost;
    result.scenario = "menu";
    result.file = "menu.json";
    result.planned = 3;
    result.possible = 3;
    result.tries.resize(played);
    for (ProbeTry& tried : result.tries) {
        tried.kind = result.kind;
        tried.disturbance.what = "answer never comes";
    }
    return result;
}

ProbeResult cut(std::size_t played, std::string why) {
    ProbeResult result = lost(played);
    result.why_not = std::move(why);
    result.not_played.assign(result.planned - played, "gather never comes");
    return result;
}

ProbeResult nothing_to_disturb() {
    ProbeResult result = lost(0);
    result.kind = ProbeKind::early;
    result.planned = 0;
    result.possible = 0;
    return result;
}

ProbeResult with_finding(ProbeResult result) {
    result.tries.at(0).blame.failing.push_back(
        {Deviation::Kind::broken_off, "the receiver ended with exit code 3", "expected", 0, 0});
    return result;
}

ProbeResult by_budget(std::size_t possible) {
    ProbeResult result = lost(3);
    result.possible = possible;
    return result;
}

SuiteRecord suite_of(ProbeResult result) {
    SuiteRecord suite;
    suite.planned = 1;
    suite.runs.resize(1);
    suite.probes.push_back(std::move(result));
    return suite;
}

/// Of a restart, one run for each: the events that were lost in it.
ProbeResult missing(const std::vector<std::vector<std::string>>& missed) {
    ProbeResult result = lost(missed.size());
    result.kind = ProbeKind::restart;
    for (std::size_t at = 0; at < missed.size(); ++at) {
        result.tries[at].kind = result.kind;
        result.tries[at].disturbance.what = "it is down";
        result.tries[at].blame.missed = missed[at];
    }
    return result;
}

}  // namespace

TEST_CASE("probe report: a line says what became of it, and why not more", "[report][probe]") {
    CHECK(probe_line(lost(3), {}) == "ok   menu  survives lost: 3 of 3 disturbed runs");
    CHECK(probe_line(by_budget(10), {}) ==
          "ok   menu  survives lost: 3 of 10 disturbed runs (--budget 3)");
    CHECK(probe_line(with_finding(lost(3)), {}) ==
          "FAIL menu  does not survive lost: 1 of 3 disturbed runs found something");
    CHECK(probe_line(with_finding(by_budget(10)), {}) ==
          "FAIL menu  does not survive lost: 1 of 3 disturbed runs found something, of 10 "
          "(--budget 3)");
    CHECK(probe_line(with_finding(cut(1, "interrupted")), {}) ==
          "FAIL menu  does not survive lost: 1 of 1 disturbed runs found something; interrupted "
          "after 1 of 3 disturbed runs");
    CHECK(probe_line(cut(2, "interrupted"), {}) ==
          "??   menu  lost: interrupted after 2 of 3 disturbed runs");
    CHECK(probe_line(cut(0, "it is gone"), {}) == "??   menu  lost: not played: it is gone");
    CHECK(probe_line(cut(2, "it is gone"), {}) ==
          "??   menu  lost: 2 of 3 disturbed runs, the rest not played: it is gone");
    CHECK_THAT(probe_line(nothing_to_disturb(), {}),
               Contains("??   menu  early: nothing to disturb: no API request of the receiver") &&
                   Contains("start.kick"));
}

TEST_CASE("probe report: what was lost while the receiver was down is told though it survives",
          "[report][probe]") {
    const ProbeResult survived = missing({{}, {"answer"}, {"dtmf", "answer"}});
    const std::string told = "3 events lost while it was down: answer twice, dtmf";

    CHECK(probe_line(survived, {}) ==
          "ok   menu  survives restart: 3 of 3 disturbed runs; " + told);
    CHECK(probe_line(with_finding(survived), {}) ==
          "FAIL menu  does not survive restart: 1 of 3 disturbed runs found something; " + told);
    CHECK(probe_line(missing({{}, {"answer"}, {}}), {}) ==
          "ok   menu  survives restart: 3 of 3 disturbed runs; 1 event lost while it was down: "
          "answer");
    CHECK(probe_line(missing({{}, {}, {}}), {}) ==
          "ok   menu  survives restart: 3 of 3 disturbed runs");
    CHECK_THAT(markdown_report(suite_of(survived)), Contains("- ✅ ok   menu") && Contains(told));
    CHECK_THAT(html_report(suite_of(survived)),
               Contains("<td class=\"passed\">survived</td><td>2 events lost while it was down: "
                        "dtmf, answer</td>"));
    CHECK_THAT(html_report(suite_of(with_finding(missing({{"<a>"}, {}, {}})))),
               Contains("exit code 3, expected; 1 event lost while it was down: &lt;a&gt;</td>"));
}

TEST_CASE("probe report: the page tells what differed and is no fault", "[report][probe]") {
    ProbeResult result = lost(3);
    const Deviation gather{Deviation::Kind::missing, "POST <gather>", "never here", 0, 1};
    result.tries[0].blame.told = {gather};
    result.tries[1].blame.told = {gather, {Deviation::Kind::other_end, "{call} ends", "so", 2, 0}};
    result.tries[2].blame.told = {{Deviation::Kind::bad_answer, "got no answer", "taken", 1, 0}};

    const std::string page = html_report(suite_of(result));

    CHECK_THAT(page,
               Contains("<td>no fault: missing request POST &lt;gather&gt;, never here</td>") &&
                   Contains("POST &lt;gather&gt;, never here, and 1 more</td>") &&
                   !Contains("got no answer"));
}

TEST_CASE("probe report: of many lost events the first eight names are told", "[report][probe]") {
    std::vector<std::string> events(3, "hangup");
    for (std::size_t at = 1; at <= 9; ++at) {
        events.push_back("e" + std::to_string(at));
    }

    CHECK_THAT(probe_line(missing({events, {}, {}}), {}),
               Contains("; 12 events lost while it was down: hangup 3 times, e1, e2, e3, e4, e5, "
                        "e6, e7 and 2 more"));
}

TEST_CASE("probe report: as JSON nothing is survived that was not played", "[report][probe]") {
    const auto gone = probe_sum_json(cut(2, "it is gone"));
    CHECK(gone["result"] == "not played");
    CHECK(gone["why"] == "it is gone");
    CHECK(gone["played"] == 2);
    CHECK(gone["planned"] == 3);
    CHECK(probe_sum_json(nothing_to_disturb())["result"] == "nothing to disturb");
    CHECK(probe_sum_json(by_budget(10))["possible"] == 10);
    CHECK(probe_sum_json(by_budget(10))["result"] == "survived");
    CHECK_FALSE(probe_sum_json(lost(3)).contains("why"));
    CHECK(probe_json(with_finding(cut(1, "interrupted")))["result"] == "failed");
}

TEST_CASE("probe report: in JUnit, HTML and markdown it is skipped, not failed",
          "[report][probe]") {
    const SuiteRecord gone = suite_of(cut(2, "it is <gone>"));
    const std::string junit = junit_report(gone);
    CHECK_THAT(junit, Contains("tests=\"3\" failures=\"0\" errors=\"0\" skipped=\"1\""));
    CHECK_THAT(junit, Contains("<testcase name=\"gather never comes\"") &&
                          Contains("<skipped>it is &lt;gone&gt;</skipped>"));
    CHECK_THAT(junit_report(suite_of(nothing_to_disturb())), Contains("<skipped>no API request"));
    CHECK_THAT(junit_report(suite_of(lost(3))), !Contains("skipped"));
    CHECK_THAT(html_report(gone),
               Contains("<td>gather never comes</td><td class=\"not-played\">not "
                        "played</td><td>it is &lt;gone&gt;</td>"));
    CHECK_THAT(markdown_report(gone), Contains("- ❔ ??   menu  lost: 2 of 3"));
}

TEST_CASE("probe report: the whole passed only where something was disturbed and nothing found",
          "[report][probe]") {
    CHECK(suite_of(lost(3)).result() == "passed");
    CHECK(suite_of(with_finding(cut(1, "interrupted"))).result() == "failed");
    CHECK(suite_of(cut(2, "interrupted")).result() == "not played");
    CHECK(suite_of(nothing_to_disturb()).result() == "inconclusive");
    SuiteRecord both = suite_of(nothing_to_disturb());
    both.probes.push_back(lost(3));
    CHECK(both.result() == "passed");
}

}  // namespace ringback
