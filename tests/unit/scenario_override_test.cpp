#include <catch2/catch.hpp>

#include "harness/scenario/load.h"
#include "harness/scenario/override.h"

namespace ringback {
namespace {

using Catch::Matchers::Contains;

const std::string text = R"({
  "version": 1, "name": "t", "vars": {"digit": "1"},
  "steps": [
    {"send": "answer", "id": "up"},
    {"repeat": {"times": 1, "steps": [
      {"await": {"id": "ask", "command": "gather",
                 "match": {"body": {"prompt.sentence": "a", "maxDigits": "1"}}}}]}},
    {"send": "hangup"}]
})";

Document document() {
    std::vector<Mistake> mistakes;
    Document made = Document::parse("t.json", text, mistakes);
    REQUIRE(mistakes.empty());
    return made;
}

/// Where `pointer` leads after the edit; the edit must be taken.
nlohmann::json after(const std::string& edit, const std::string& pointer) {
    Document edited = document();
    const auto problem = apply(override_of(edit).value(), edited);
    INFO(edit << ": " << (problem ? to_text(*problem) : ""));
    REQUIRE_FALSE(problem);
    return edited.root().at(nlohmann::ordered_json::json_pointer{pointer});
}

std::string problem_of(const std::string& edit) {
    Document edited = document();
    const auto problem = apply(override_of(edit).value(), edited);
    REQUIRE(problem);
    return to_text(*problem);
}

}  // namespace

TEST_CASE("override: a value in a step, by its id, wherever the step stands", "[override]") {
    CHECK(after("ask:match.body.maxDigits=5",
                "/steps/1/repeat/steps/0/await/match/body/maxDigits") == 5);
    CHECK(after("ask:match.body.maxDigits=\"5\"",
                "/steps/1/repeat/steps/0/await/match/body/maxDigits") == "5");
    CHECK(after("up:expect.status=500", "/steps/0/expect/status") == 500);
    CHECK(after("ask:within=1s", "/steps/1/repeat/steps/0/await/within") == "1s");
    CHECK(after("vars.digit=7", "/vars/digit") == 7);
    CHECK(after("steps.2.send=timeout", "/steps/2/send") == "timeout");
    // A name that holds a dot.
    CHECK(after("ask:match.body.prompt.sentence=b",
                "/steps/1/repeat/steps/0/await/match/body/prompt.sentence") == "b");
}

TEST_CASE("override: what cannot be done is said", "[override]") {
    CHECK_THAT(problem_of("nobody:within=1s"), Contains("there is no step \"nobody\""));
    CHECK_THAT(problem_of("up:send.more=1"), Contains("leads through \"answer\""));
    CHECK_THAT(problem_of("steps.9.send=x"), Contains("has no \"9\""));
    CHECK_FALSE(override_of("within"));
    CHECK_FALSE(override_of(":a=1"));
}

TEST_CASE("override: mistakes in what was put in are told at the place it was put", "[override]") {
    const LoadedScenario loaded =
        read_scenario("t.json", text, {}, {override_of("ask:withn=1s").value()});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.mistakes.size() == 1);
    CHECK(loaded.mistakes[0].place.line == 6);
    CHECK_THAT(loaded.mistakes[0].what, Contains("withn") && Contains("within"));
}

TEST_CASE("override: a scenario is read with them", "[override]") {
    const LoadedScenario loaded =
        load_scenario("builtin:busy", {override_of("end:match.cause=NO_ANSWER").value()});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.scenario);
    const auto& send = std::get<Send>(loaded.scenario->block.steps.at(0).what);
    CHECK(send.match.fields.at(0).matcher.exact({}) == "NO_ANSWER");
}

}  // namespace ringback
