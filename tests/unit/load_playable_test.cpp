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

TEST_CASE("load: scenarios of calls are taken, with texts beside them too", "[load]") {
    CHECK(refused(R"("steps": [{"send": "answer"}])").empty());
    CHECK(refused(R"("start": {"inbound": {}}, "steps": [{"send": "incomingcall"}])").empty());
    CHECK(refused(R"("start": {"kick": {"url": "${receiver}/dial"}})").empty());
    CHECK(refused(R"("steps": [{"send": "answer", "id": "a"}, {"await": {"command": "message",
              "match": {"body": {"tag": "${a:callId}"}}}}])")
              .empty());
}

TEST_CASE("load: a request that names no call has to be told apart from other calls'", "[load]") {
    const auto one = [](const char* match, const char* more = "") {
        return refused(std::string{R"("steps": [{"send": "answer", "id": "a"},
            {"await": {"command": "create", "match": {"body": {"tag": )"} +
                       match + "}}}}]" + more);
    };
    const auto is_told = Contains("differs from call to call");
    CHECK_THAT(refused(R"("start": {"call": {}},
        "steps": [{"await": {"command": "message"}}])"),
               is_told);
    CHECK_THAT(one(R"("second")"), is_told);
    CHECK_THAT(one(R"("${a:from}")"), is_told);
    CHECK_THAT(refused(R"("steps": [{"send": "answer", "id": "a"},
        {"await": {"method": "GET", "path": "/v1/users/${userId}/calls",
                   "match": {"query": {"to": "${a:callId}"}}}}])"),
               Contains("a look that names no call"));
    CHECK_THAT(one(R"("${runId} ${from} ${mine}")", R"(, "vars": {"mine": "x ${to}"})"), is_told);
    CHECK(one(R"("of ${a:callId}")").empty());
    CHECK(one(R"({"matches": "^${mine}"})",
              R"(, "vars": {"mine": "x ${data.n}"}, "data": [{"n": "1"}])")
              .empty());
    CHECK(one(R"("${data.n}")", R"(, "data": [{"n": "1"}, {"n": "2"}])").empty());
}

TEST_CASE("load: which requests may name nothing that is known", "[load]") {
    const auto first = [](const std::string& steps) -> std::string {
        const LoadedScenario loaded =
            read_scenario("f", R"({"version": 1, "name": "f", "steps": [)" + steps + "]}", {});
        for (const Mistake& mistake : loaded.mistakes) {
            UNSCOPED_INFO(to_text(mistake));
        }
        REQUIRE(loaded.scenario);
        const Step* const step = first_unnamed(loaded.scenario->block);
        return step == nullptr ? "" : step->id;
    };
    const auto path = [](const char* rest) {
        return std::string{
                   R"({"await": {"id": "x", "method": "POST", "path": "/v1/users/${userId})"} +
               rest + "}}";
    };
    CHECK(first(R"({"await": {"id": "x", "command": "create"}})") == "x");
    CHECK(first(R"({"await": {"id": "x", "command": "message"}})") == "x");
    CHECK(first(path(R"(/conferences")")) == "x");
    CHECK(first(path(R"(/bridges")")) == "x");
    CHECK(first(path(R"(/*")")) == "x");
    CHECK(first(path(R"(/**")")) == "x");
    CHECK(first(R"({"block": {"steps": [{"repeat": {"times": 2, "steps": [
                   {"await": {"id": "x", "command": "create"}}]}}]}})") == "x");
    CHECK(first(R"({"await": {"id": "x", "command": "update"}})").empty());
    CHECK(first(path(R"(/conferences/*/members")")).empty());
    CHECK(first(path(R"(/applications")")) == "x");
    CHECK(first(path(R"(/domains/*/endpoints")")) == "x");
    CHECK(first(path(R"(/bridges", "match": {"body": {"callIds[0]": "c"}})")).empty());
    CHECK(first(path(R"(/calls", "match": {"body": {"bridgeId": "b"}})")).empty());
}
