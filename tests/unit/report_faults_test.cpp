// What the closing words and the reports say of faults.
#include <catch2/catch.hpp>

#include "harness/report/fault_words.h"
#include "harness/report/losses.h"
#include "harness/report/markdown.h"
#include "harness/report/run_json.h"
#include "harness/report/suite_record.h"

using namespace ringback;

namespace {

using FaultLines = std::vector<std::string>;

FaultPlayed told_fault(std::uint32_t rule, std::string name, std::uint64_t matched,
                       std::uint64_t struck) {
    FaultPlayed fault;
    fault.rule = rule;
    fault.written = "{\"" + name + "\":true}";
    fault.name = std::move(name);
    fault.tally = {matched, struck};
    return fault;
}

FaultPlayed fault_of_set(std::string set, std::string name, std::uint64_t matched,
                         std::uint64_t struck) {
    FaultPlayed fault = told_fault(1, std::move(name), matched, struck);
    fault.set = std::move(set);
    return fault;
}

RunRecord run_under(std::string scenario, std::vector<FaultPlayed> faults) {
    RunRecord run;
    run.scenario = std::move(scenario);
    run.faults = std::move(faults);
    return run;
}

}  // namespace

TEST_CASE("fault words: each rule says how often it struck; what nothing was for is named",
          "[report][faults]") {
    const FaultWords words =
        fault_words({told_fault(1, "drop", 6, 2), told_fault(2, "delay", 0, 0)});
    CHECK(words.struck == FaultLines{R"(fault 1 {"drop":true} struck 2 of 6)",
                                     R"(fault 2 {"delay":true} struck 0 of 0)"});
    CHECK(words.idle ==
          FaultLines{R"(fault 2 {"delay":true} met nothing: there was none of what it is for)"});
    CHECK(fault_words(std::vector<FaultPlayed>{}).struck.empty());
}

TEST_CASE("fault words: a built-in set is one, and no wonder where part of it met nothing",
          "[report][faults]") {
    const FaultWords words =
        fault_words({fault_of_set("chaos", "odd", 9, 1), fault_of_set("chaos", "fail", 0, 0),
                     fault_of_set("chaos", "odd", 9, 2), fault_of_set("early", "early", 0, 0)});
    CHECK(words.struck == FaultLines{"faults chaos struck 3: odd 3", "faults early struck 0"});
    CHECK(words.idle ==
          FaultLines{"faults early met nothing: there was none of what they are for"});
}

TEST_CASE("fault words: of several runs, the command line's count over all, a scenario's over its",
          "[report][faults]") {
    FaultPlayed own = told_fault(1, "delay", 0, 0);
    own.own = true;
    const std::vector<RunRecord> runs{run_under("menu", {own, told_fault(2, "drop", 0, 0)}),
                                      run_under("busy", {told_fault(1, "drop", 4, 4)}),
                                      run_under("busy", {told_fault(1, "drop", 1, 1)})};
    const FaultWords words = fault_words(runs);
    CHECK(words.struck == FaultLines{R"(fault 1 of menu {"delay":true} struck 0 of 0)",
                                     R"(fault 2 {"drop":true} struck 5 of 5)"});
    CHECK(words.idle == FaultLines{R"(fault 1 of menu {"delay":true} met nothing: there was none )"
                                   R"(of what it is for)"});

    SuiteRecord suite;
    suite.runs = runs;
    CHECK_THAT(markdown_report(suite), Catch::Contains("met nothing"));
    CHECK(run_json(runs[0])["faults"].dump() ==
          R"([{"rule":1,"fault":"delay","written":"{\"delay\":true}","matched":0,"struck":0},)"
          R"({"rule":2,"fault":"drop","written":"{\"drop\":true}","matched":0,"struck":0}])");
    CHECK_FALSE(run_json(run_under("menu", {})).contains("faults"));
}

TEST_CASE("losses: a fake that goes on tells what it has counted itself", "[report][faults]") {
    CHECK(losses_text(losses_of(FaultTally{})).empty());
    CHECK(losses_text(losses_of(FaultTally{{}, 2, Duration{std::chrono::milliseconds{4100}}})) ==
          "2 events lost for good, first at 4.100 s");
}
