#include <catch2/catch.hpp>

#include "harness/scenario/load.h"
#include "tests/support/scenario_mistakes.h"

using namespace ringback;
using namespace ringback::test;

namespace {

/// Of a file "f" without mistakes.
Texts hints_in(const std::string& members) {
    const LoadedScenario loaded = read_scenario("f", R"({"version":1,)" + members + "}", {});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.scenario.has_value());
    Texts all;
    for (const Mistake& hint : loaded.hints) {
        all.push_back(to_text(hint));
    }
    return all;
}

const std::string answer = R"("steps":[{"send":"answer"},)";

}  // namespace

TEST_CASE("scenario hints: a variable that nothing uses", "[scenario]") {
    CHECK(hints_in(R"("vars":{"a":"1","b":"${a}","c":{"d":1},"to":"+15550100001"},)" + answer +
                   R"({"caller":{"press":"${c.d}"}}])") ==
          Texts{R"(f:1:30: nothing uses the variable "b")"});
    CHECK(hints_in(R"("vars":{"a":"1"},"verify":[{"resource":"/v1/${a}","match":{}}])").empty());
}

TEST_CASE("scenario hints: a case that is never taken", "[scenario]") {
    const auto branch = [](const std::string& cases) {
        return hints_in(R"("vars":{"v":"1"},)" + answer + "\n" + R"({"branch":[)" + cases +
                        R"(]},{"pause":{"speech":"${v}"}}])");
    };
    const std::string steps = R"(,"steps":[{"pause":"1s"}]})";
    const std::string audio = R"({"await":{"command":"audio"})" + steps;
    const std::string hello =
        R"({"await":{"command":"audio","match":{"body":{"tag":"a"}}})" + steps;
    const std::string gather = R"({"await":{"command":"gather"})" + steps;
    const std::string is_one = R"({"on":"${v}","is":"1")" + steps;

    CHECK(branch(hello + "," + audio + "," + gather + "," + is_one).empty());
    CHECK(branch(audio + ",\n" + hello) ==
          Texts{"f:3:1: this case is never taken: the one at 2:12 is before it"});
    CHECK(branch(is_one + ",\n" + is_one) ==
          Texts{"f:3:1: this case is never taken: the one at 2:12 is before it"});
    CHECK(branch(R"({"on":"1","is":"1")" + steps) ==
          Texts{"f:2:18: this is the same in every run, as it holds no ${...}: its case is taken "
                "always, or never"});
}

TEST_CASE("scenario hints: of the built-in ones there are none", "[scenario]") {
    for (const BuiltIn& each : built_in_scenarios()) {
        const LoadedScenario loaded = load_scenario(std::string{each.name});
        REQUIRE(loaded.scenario.has_value());
        for (const Mistake& hint : loaded.hints) {
            FAIL_CHECK(to_text(hint));
        }
    }
}

TEST_CASE("scenario mistakes: a reference leads into what that step can see", "[scenario]") {
    const auto press = [](const std::string& pressed) {
        return mistakes_in(
            R"({"version":1, "steps": [{"send": "answer", "id": "a", "set": {"odd": 1}, "extra": ["odd"]},
{"await": {"id": "say", "command": "audio"}}, {"pause": "1s", "id": "wait"},
{"caller": {"press": ")" +
            pressed + R"("}}]})");
    };
    for (const char* const fine :
         {"${a:callId}", "${a:odd}", "${a:reply}", "${a:reply.status}", "${a:reply.headers.etag}",
          "${say:body.sentence}", "${say:body[0]}", "${say:headers.x-a}", "${say:callId}"}) {
        CAPTURE(fine);
        CHECK(press(fine) == Texts{});
    }
    CHECK(press("${say:callid}") ==
          Texts{R"(f:3:22: there is no "callid" in what step "say" saw, did you mean "callId"?)"});
    CHECK(press("${a:tga}") ==
          Texts{R"(f:3:22: there is no "tga" in what step "a" saw, did you mean "tag"?)"});
    CHECK(
        press("${a:reply.satus}") ==
        Texts{
            R"(f:3:22: there is no "satus" in the reply that step "a" saw, did you mean "status"?)"});
    CHECK(
        press("${wait:x}") ==
        Texts{
            R"(f:3:22: step "wait" sees nothing that "${wait:x}" could stand for; a "send", an "await" and a "branch" do)"});
}
