// How answers are judged: of callbacks over both of their URLs, and of a kick.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>

#include "harness/script/reply.h"
#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using nlohmann::json;
using test::Rehearsal;

std::string one_send(const std::string& expect) {
    return R"("steps":[{"send":"answer","id":"answer","expect":)" + expect + "}]";
}

const std::string kick_steps =
    R"("start":{"kick":{"url":"${receiver}/dial",
                        "expect":{"status":202,"latency":"<100ms","body":{"ok":true}}}},
       "steps":[{"quiet":"1ms"}])";

SeenReply replied(int status) {
    SeenReply seen;
    seen.end = "answered";
    seen.status = status;
    seen.body = json{{"ok", true}};
    return seen;
}

}  // namespace

TEST_CASE("script reply: where the fallback is to take an event, the first URL's failure is none",
          "[script][reply]") {
    Rehearsal play{one_send(R"({"deliveredVia":"fallback","attempts":2})")};
    const auto delivery = play.event("answer");

    play.answer(delivery, "answer", 500, "owed", 1);
    CHECK(play.script().awaits_answers());
    play.answer(delivery, "answer", 200, "delivered_by_fallback", 2);

    CHECK_FALSE(play.script().awaits_answers());
    CHECK(play.verdict().result == Judged::Result::passed);
}

TEST_CASE("script reply: a sending that was lost with its connection and made again is no attempt",
          "[script][reply]") {
    for (const char* const expect :
         {R"({"attempts":1})", R"({"status":"2xx"})", R"({"deliveredVia":"callback"})"}) {
        CAPTURE(expect);
        Rehearsal play{one_send(expect)};
        const auto delivery = play.event("answer");

        play.sending_is_lost(delivery, "answer");
        CHECK(play.script().awaits_answers());
        play.answer(delivery, "answer", 200, "delivered", 2);

        CHECK_FALSE(play.script().awaits_answers());
        CHECK(play.verdict().result == Judged::Result::passed);
    }
}

TEST_CASE("script reply: what took an event in the end, and how often it was tried, is told",
          "[script][reply]") {
    struct Row {
        std::string expect;
        int status;
        std::string outcome;
        int attempt;
        std::string expected;
        std::string got;
    };
    const std::vector<Row> rows{
        {R"({"deliveredVia":"fallback"})", 200, "delivered", 1,
         "answer answered 200..299, taken by the fallback URL",
         "taken by the callback URL, at attempt 1: answered 200"},
        {R"({"deliveredVia":"fallback"})", 404, "failed", 2,
         "answer answered 200..299, taken by the fallback URL",
         "taken by neither URL, at attempt 2: answered 404"},
        {R"({"deliveredVia":"callback"})", 200, "delivered_by_fallback", 2,
         "answer answered 200..299, taken by the callback URL",
         "taken by the fallback URL, at attempt 2: answered 200"},
        {R"({"deliveredVia":"none"})", 200, "delivered", 1, "answer taken by neither URL",
         "taken by the callback URL, at attempt 1: answered 200"},
        {R"({"deliveredVia":"none","status":"5xx"})", 404, "failed", 1,
         "answer answered 500..599, taken by neither URL", "answered 404"},
        {R"({"attempts":1})", 200, "delivered", 3, "answer answered 200..299, at attempt 1",
         "answered 200 at attempt 3"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.expect, row.outcome);
        Rehearsal play{one_send(row.expect)};

        play.answer(play.event("answer"), "answer", row.status, row.outcome, row.attempt);

        CHECK(play.verdict().result == Judged::Result::failed);
        CHECK(play.problem().expected == row.expected);
        CHECK(play.problem().got == row.got);
    }
}

TEST_CASE("script reply: an event that nobody is to take has passed when nobody did",
          "[script][reply]") {
    for (const char* const expect :
         {R"({"deliveredVia":"none"})", R"({"deliveredVia":"none","status":500})"}) {
        CAPTURE(expect);
        Rehearsal play{one_send(expect)};

        play.answer(play.event("answer"), "answer", 500, "failed", 2);

        CHECK(play.verdict().result == Judged::Result::passed);
    }
}

TEST_CASE(
    "script reply: a later try does not mend the first answer of a send that asks for a "
    "status only",
    "[script][reply]") {
    Rehearsal play{one_send(R"({"status":200})")};
    const auto delivery = play.event("answer");

    play.answer(delivery, "answer", 500, "owed", 1);
    play.answer(delivery, "answer", 200, "delivered_by_fallback", 2);

    CHECK(play.problem().got == "answered 500");
}

TEST_CASE("script reply: a document is held against XPaths, and what it lacks is told",
          "[script][reply]") {
    const std::string menu =
        R"("start":{"inbound":{"callbackHttpMethod":"GET"}},
           "steps":[{"send":"answer","id":"answer","expect":{"body":{"allOf":[
                       {"xpath":"/Response/Gather/@requestUrl"},
                       {"xpath":{"expression":"//SpeakSentence","contains":"Press"}}]}}},
                    {"send":"gather"},{"send":"redirect"},{"send":"hangup"}])";
    const auto play = [&](const json& document) {
        auto played = std::make_unique<Rehearsal>(menu);
        played->answer(played->event("answer"), "answer", 200, "delivered", 1, document);
        for (const char* const next : {"gather", "redirect", "hangup"}) {
            played->answer(played->event(next), next, 200);
        }
        return played;
    };
    CHECK(play("<Response><Gather requestUrl='/a'><SpeakSentence>Press 1</SpeakSentence></Gather>"
               "</Response>")
              ->verdict()
              .result == Judged::Result::passed);

    const std::vector<std::pair<json, std::string>> wrong{
        {"<Response/>", "expected it to have /Response/Gather/@requestUrl, got \"<Response/>\""},
        {"<Response><Gather requestUrl='/a'/></Response>",
         "at //SpeakSentence: expected it to contain \"Press\", got nothing"},
        {"Press 1",
         "expected it to have /Response/Gather/@requestUrl, got \"Press 1\", which is no XML: "
         "line 1, column 1: expected the start tag <Response>, found \"Press\""},
        {json(), "expected it to have /Response/Gather/@requestUrl, got nothing"}};
    for (const auto& [document, why] : wrong) {
        CAPTURE(document);
        const auto played = play(document);

        const Judged problem = played->problem();

        CHECK(problem.name == "answer");
        CHECK(problem.got == "its answer says something else");
        REQUIRE(problem.candidates.size() == 1);
        CHECK(problem.candidates.front().fields.front().field == "body");
        CHECK(problem.candidates.front().fields.front().finding.why == why);
    }
}

TEST_CASE("script reply: the clock is held until the answer is there that may be a document",
          "[script][reply]") {
    for (const bool asks : {true, false}) {
        CAPTURE(asks);
        Rehearsal play{fmt::format(
            R"("start":{{"inbound":{{"callbackHttpMethod":"GET"}}}},
               "steps":[{{"send":"answer"{}}},{{"caller":{{"press":"1","after":"2s"}}}}])",
            asks ? R"(,"expect":{"body":{"xpath":"/Response"}})" : "")};
        CHECK_FALSE(play.script().holds_clock());

        const auto delivery = play.event("answer");
        CHECK(play.script().holds_clock() == asks);
        play.answer(delivery, "answer", 200, "delivered", 1, "<Response/>");

        CHECK_FALSE(play.script().holds_clock());
    }
}

TEST_CASE("script reply: a kick is judged by status, latency and body", "[script][reply][kick]") {
    SeenReply late = replied(202);
    late.latency_ms = 250;
    SeenReply other = replied(202);
    other.body = json{{"ok", false}};
    SeenReply none;
    none.end = "no answer";
    none.error = "connection refused";
    const std::vector<std::pair<SeenReply, std::string>> wrong{
        {replied(500), "answered 500"},
        {late, "answered 202 after 250 ms"},
        {other, "its answer says something else"},
        {none, "no answer: connection refused"}};
    for (const auto& [seen, got] : wrong) {
        CAPTURE(got);
        Rehearsal play{kick_steps};

        play.script().kick_answered(seen);

        CHECK(play.script().over());
        CHECK(play.problem().name == "start");
        CHECK(play.problem().expected ==
              "POST http://127.0.0.1:1/dial answered 202, latency < 100 ms");
        CHECK(play.problem().got == got);
    }

    Rehearsal play{kick_steps};
    play.script().kick_answered(other);
    REQUIRE(play.problem().candidates.size() == 1);
    CHECK(play.problem().candidates.front().fields.front().field == "body.ok");
}

TEST_CASE("script reply: of the URL that a kick goes to nobody is shown the password",
          "[script][reply][kick]") {
    for (const std::string user : {"me:s3cret", "me:${to}", "${to}"}) {
        CAPTURE(user);
        Rehearsal play{R"("start":{"kick":{"url":"http://)" + user +
                       R"(@127.0.0.1:1/dial"}},"steps":[{"quiet":"1ms"}])"};

        play.script().kick_answered(replied(200));
        CHECK(play.script().judged().front().expected.find("POST http://***@127.0.0.1:1/dial ") ==
              0);
    }
}

TEST_CASE("script reply: a run waits for the answer to its kick", "[script][reply][kick]") {
    Rehearsal play{kick_steps};
    CHECK(play.script().awaits_answers());

    play.script().kick_answered(replied(202));

    CHECK_FALSE(play.script().awaits_answers());
    CHECK(play.script().judged().front().result == Judged::Result::passed);
}

TEST_CASE("script reply: a kick that is never answered has failed when the time is over",
          "[script][reply][kick]") {
    Rehearsal play{kick_steps};
    play.later(std::chrono::seconds{1}, std::chrono::seconds{1});
    CHECK(play.script().over());
    CHECK(play.script().awaits_answers());

    play.script().out_of_time(test::wall(std::chrono::seconds{60}));

    CHECK(play.problem().name == "start");
    CHECK_FALSE(play.script().awaits_answers());
}

}  // namespace ringback
