// What faults came to in a load run: summed up over loops and segments, written, read, told.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "harness/load/merge.h"
#include "harness/load/report_html.h"
#include "harness/load/report_markdown.h"
#include "harness/load/report_text.h"
#include "harness/load/result_json.h"
#include "tests/support/load_result.h"

using namespace ringback;
using Catch::Matchers::Contains;
using test::sample_load;

namespace {

FaultPlayed of_the_load(std::uint32_t rule, const std::string& name, const std::string& written,
                        FaultTally::Rule tally, const std::string& set = "") {
    return {rule, name, written, set, /*own=*/false, tally};
}

/// One that struck, one that nothing was for, and a set.
LoadResult faulty_load() {
    LoadResult result = sample_load();
    result.faults = {of_the_load(1, "drop", R"({"drop":true,"on":"dtmf"})", {6, 2}),
                     of_the_load(2, "delay", R"({"delay":"2s","on":"gather"})", {0, 0}),
                     of_the_load(3, "odd", R"({"odd":"nulls"})", {9, 4}, "weird"),
                     of_the_load(4, "odd", R"({"odd":"large-tag"})", {9, 0}, "weird")};
    return result;
}

}  // namespace

TEST_CASE("load faults: reports tell how often each struck, and warn of what met nothing",
          "[load][report][faults]") {
    const LoadResult result = faulty_load();
    const std::string idle{"met nothing: there was none of what it is for"};

    const std::string summary = load_summary(result, {});
    CHECK_THAT(summary, Contains("\n  faults\n"
                                 "    fault 1 {\"drop\":true,\"on\":\"dtmf\"} struck 2 of 6\n"
                                 "    fault 2 {\"delay\":\"2s\",\"on\":\"gather\"} struck 0 of 0\n"
                                 "    faults weird struck 4: odd 4\n"));
    CHECK_THAT(summary,
               Contains("\n    warning  fault 2 {\"delay\":\"2s\",\"on\":\"gather\"} met"));
    CHECK_THAT(summary, !Contains("fault 1 {\"drop\":true,\"on\":\"dtmf\"} met"));
    CHECK_THAT(load_markdown(result),
               Contains(idle) && Contains("- fault 1") && Contains("struck 2 of 6\n"));
    CHECK_THAT(load_html(result),
               Contains(idle) && Contains("struck 2 of 6</p>") &&
                   Contains("<p class=\"soft\">faults weird struck 4: odd 4</p>"));

    for (const std::string& silent : {load_summary(sample_load(), {}), load_markdown(sample_load()),
                                      load_html(sample_load())}) {
        CHECK_THAT(silent, !Contains("met nothing"));
        CHECK_THAT(silent, !Contains("struck"));
    }
}

TEST_CASE("load faults: as JSON they are read back as they were written", "[load][json][faults]") {
    const LoadResult result = faulty_load();
    const std::string text = load_json_text(result);
    const auto document = nlohmann::json::parse(text);

    CHECK(document["schema"] == "ringback-load/2");
    REQUIRE(document["faults"].size() == 4);
    CHECK(document["faults"][1]["matched"] == 0);
    CHECK(document["faults"][2]["set"] == "weird");
    const Result<LoadResult> read = load_result_of(text, "f.json");
    REQUIRE(read);
    CHECK(read.value().faults == result.faults);
    CHECK_FALSE(nlohmann::json::parse(load_json_text(sample_load())).contains("faults"));
}

TEST_CASE("load faults: tallies that cannot be are refused with their place",
          "[load][json][faults]") {
    const auto refusal_of = [](std::size_t at, const char* member, int value) {
        auto document = nlohmann::json::parse(load_json_text(faulty_load()));
        document["faults"][at][member] = value;
        const Result<LoadResult> read = load_result_of(document.dump(), "f.json");
        return read ? std::string{} : to_text(read.error());
    };
    CHECK(refusal_of(0, "rule", 0) ==
          "f.json: /faults/0/rule: expected the number of a rule, from 1 on, found 0");
    CHECK(refusal_of(2, "struck", 10) ==
          "f.json: /faults/2/struck: expected at most the 9 that it matched, found 10");
    CHECK(refusal_of(2, "struck", 9).empty());
}

TEST_CASE("load faults: what a rule came to in several segments adds up", "[load][merge][faults]") {
    LoadPart one{"a.json", faulty_load()};
    LoadPart two{"b.json", faulty_load()};
    one.result.plan.segment = {0, 2};
    two.result.plan.segment = {1, 2};
    two.result.faults[1].tally = {3, 1};
    two.result.faults.push_back(of_the_load(5, "drop", R"({"drop":true})", {1, 1}));
    const auto sum = merged({one, two});

    REQUIRE(sum);
    const std::vector<FaultPlayed>& faults = sum.value().faults;
    REQUIRE(faults.size() == 5);
    CHECK(faults[0].tally == FaultTally::Rule{12, 4});
    CHECK(faults[1].tally == FaultTally::Rule{3, 1});
    CHECK(faults[4].tally == FaultTally::Rule{1, 1});
}
