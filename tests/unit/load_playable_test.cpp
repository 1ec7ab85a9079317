#include <catch2/catch.hpp>

#include "harness/load/playable.h"
#include "harness/scenario/load.h"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

std::string refused(const std::string& members) {
    const LoadedScenario loaded =
        read_scenario("f", R"({"version": 1, "name": "f", )" + members + "}", {});
    for (const Mistake& mistake : loaded.mistakes) {
        UNSCOPED_INFO(to_text(mistake));
    }
    REQUIRE(loaded.scenario);
    const auto why = refuse_under_load(*loaded.scenario);
    return why ? to_text(*why) : std::string{};
}

}  // namespace

TEST_CASE("load: it plays calls, and no scenario of messages", "[load]") {
    CHECK_THAT(refused(R"("start": {"message": {"text": "Hi"}}, "steps": [{"pause": "1s"}])"),
               Contains("f:1:") && Contains("begins with a message"));
    CHECK_THAT(refused(R"("start": {"kick": {"url": "${receiver}/send"},
                                    "await": {"command": "message"}},
                          "steps": [{"send": "sms.sent"}])"),
               Contains("f:2:") && Contains("a kick that asks for a call"));
    for (const char* steps :
         {R"({"caller": {"text": "Hi"}})", R"({"block": {"steps": [{"caller": {"text": "Hi"}}]}})",
          R"({"repeat": {"times": 2, "steps": [{"caller": {"text": "Hi"}}]}})",
          R"({"branch": [{"on": "a", "is": "b", "steps": [{"pause": "1s"}]},
                         {"else": [{"caller": {"text": "Hi"}}]}]})"}) {
        CAPTURE(steps);
        CHECK_THAT(refused(R"("steps": [)" + std::string{steps} + "]"),
                   Contains(R"(no "caller" that sends a "text")"));
    }
}

TEST_CASE("load: scenarios of calls are played, with texts beside them too", "[load]") {
    CHECK(refused(R"("steps": [{"send": "answer"}])").empty());
    CHECK(refused(R"("start": {"inbound": {}}, "steps": [{"send": "incomingcall"}])").empty());
    CHECK(refused(R"("start": {"kick": {"url": "${receiver}/dial"}})").empty());
    CHECK(refused(R"("steps": [{"send": "answer"}, {"await": {"command": "message"}}])").empty());
}
