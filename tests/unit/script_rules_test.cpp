// The rules that a scenario sets by itself: what may come, how long things take, where they end.
#include <catch2/catch.hpp>
#include <chrono>

#include "harness/script/script.h"
#include "simulator/wire/query_object.h"
#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Rehearsal;

const std::string call = "/v1/users/u-1/calls/c-1";

void answered(Rehearsal& play) { play.answer(play.event("answer"), "answer", 200); }

/// What the model was told to take, in order: "hangup 3000", "hangup -" for its own time.
std::vector<std::string> delays_of(Rehearsal& play) {
    std::vector<std::string> told;
    for (const Wish& wish : play.script().take_wishes()) {
        if (const auto* const delay = std::get_if<WishDelay>(&wish)) {
            told.push_back(
                delay->event + " " +
                (delay->delay ? std::to_string(
                                    std::chrono::duration_cast<milliseconds>(*delay->delay).count())
                              : "-"));
        }
    }
    return told;
}

}  // namespace

TEST_CASE("script rules: what is allowed has to match as well", "[script]") {
    const std::string steps = R"("allow":[{"command":"audio","match":{"body":{"tag":"extra"}}}],
        "steps":[{"send":"answer"},{"await":{"command":"gather"}}])";
    Rehearsal play{steps};
    answered(play);
    play.request("POST", call + "/audio", {{"sentence", "x"}, {"tag", "extra"}});
    CHECK_FALSE(play.script().over());

    play.request("POST", call + "/audio", {{"sentence", "x"}, {"tag", "other"}});

    CHECK(play.problem().got == "POST " + call + "/audio -> 200 came instead");
}

TEST_CASE("script rules: the way for all else is gone when no case comes in time", "[script]") {
    const std::string steps = R"("steps":[{"send":"answer"},{"branch":[
        {"await":{"command":"gather","within":"1s"},"steps":[{"caller":{"press":"1"}}]},
        {"else":[{"await":{"id":"bye","command":"update","within":"1s"}}]}]}])";
    Rehearsal late{steps};
    answered(late);
    late.later({}, milliseconds{1100});
    CHECK_FALSE(late.script().over());
    late.request("POST", call, {{"state", "completed"}});
    CHECK(late.verdict().result == Judged::Result::passed);

    Rehearsal at_once{steps};  // what fits no case is held against the other way
    answered(at_once);
    at_once.request("POST", call, {{"state", "completed"}});
    CHECK(at_once.verdict().result == Judged::Result::passed);

    Rehearsal wrong{steps};
    answered(wrong);
    wrong.audio("x");
    CHECK(wrong.problem().name == "bye");
}

TEST_CASE("script rules: steps that are in no journal have their place in an order", "[script]") {
    const auto verdict = [](const std::string& order, const std::string& after) {
        Rehearsal play{R"("order":"ordered","steps":[{"send":"answer","id":"a"},
            {"pause":"1s","id":"wait"},{"await":{"id":"say","command":"audio"}},
            {"caller":{"hangup":true},"id":"off"},
            {"send":"hangup","id":"end"}],"verify":[{"order":[)" +
                       order + R"(]},{"never":{"api":{"command":"gather","afterEvent":")" + after +
                       R"("}}}])"};
        answered(play);
        play.request("POST", call + "/gather", {{"maxDigits", 1}}, 201);
        play.later(seconds{1}, {});
        play.audio("hello");
        play.later(seconds{1}, {});
        play.event("hangup");
        return play.verdict().result;
    };
    CHECK(verdict(R"("a","wait","say","off","end")", "wait") == Judged::Result::passed);
    CHECK(verdict(R"("a","say","wait","off","end")", "wait") == Judged::Result::failed);
    CHECK(verdict(R"("a","wait","say","off","end")", "a") == Judged::Result::failed);
}

TEST_CASE("script rules: a time that a send sets is that send's own", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer","after":"2s"},
        {"await":{"id":"say","command":"audio"}},
        {"send":"speak.started"},{"send":"speak.done","after":{"speech":"${say:body.sentence}"}},
        {"await":{"command":"audio"}},{"send":"speak.started"},{"send":"speak.done"}])"};
    CHECK(delays_of(play) == std::vector<std::string>{"answer 2000"});
    answered(play);
    CHECK(delays_of(play).empty());  // the sentence is not known yet
    play.audio("one two three four five six seven eight nine ten");
    CHECK(delays_of(play) == std::vector<std::string>{"speak.done 4000"});
    play.answer(play.event("speak", {{"status", "started"}}), "speak", 200);
    play.answer(play.event("speak", {{"status", "done"}}), "speak", 200);
    play.audio("short");
    CHECK(delays_of(play) == std::vector<std::string>{"speak.done -"});
}

TEST_CASE("script rules: in any order, too, a send has its time", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"block":{"order":"any","steps":[
        {"await":{"command":"audio"}},{"send":"hangup","after":"7s"}]}}])"};
    answered(play);
    CHECK(delays_of(play) == std::vector<std::string>{"hangup 7000"});
}

TEST_CASE("script rules: of sends of one name, in any order, an event is the one it fits",
          "[script]") {
    const std::string steps = R"("steps":[{"send":"answer"},{"block":{"order":"any","steps":[
        {"send":"dtmf","id":"one","match":{"dtmfDigit":"1"},"set":{"dtmfDigit":"9"}},
        {"send":"dtmf","id":"two","match":{"dtmfDigit":"2"},"set":{"dtmfDigit":"8"}}]}}])";
    Rehearsal play{steps};
    answered(play);
    CHECK(play.script().editor_of("dtmf", {{"dtmfDigit", "2"}})->id == "two");
    play.answer(play.event("dtmf", {{"dtmfDigit", "2"}}), "dtmf", 200);
    play.answer(play.event("dtmf", {{"dtmfDigit", "1"}}), "dtmf", 200);
    CHECK(play.verdict().result == Judged::Result::passed);
    CHECK(play.script().reached().back() == "one");

    Rehearsal other{steps};
    answered(other);
    other.event("dtmf", {{"dtmfDigit", "3"}});
    CHECK(other.problem().got == "dtmf says something else");
}

TEST_CASE("script rules: in an ordered block an event with other words is another one",
          "[script]") {
    const std::string steps = R"("order":"ordered","steps":[{"send":"answer"},
        {"send":"dtmf","id":"two","match":{"dtmfDigit":"2"}}])";
    Rehearsal play{steps};
    answered(play);
    play.answer(play.event("dtmf", {{"dtmfDigit", "1"}}), "dtmf", 200);
    play.answer(play.event("dtmf", {{"dtmfDigit", "2"}}), "dtmf", 200);
    CHECK(play.verdict().result == Judged::Result::passed);

    Rehearsal other{steps};
    answered(other);
    other.event("dtmf", {{"dtmfDigit", "1"}});
    other.nothing_to_come();
    CHECK(other.problem().result == Judged::Result::failed);
    CHECK(other.problem().name == "two");
    CHECK(other.problem().candidates.size() == 1);
}

TEST_CASE("script rules: what only a request brings about is the receiver's to ask for",
          "[script]") {
    const auto silent = [](const std::string& order, const std::string& event) {
        Rehearsal play{"\"order\":\"" + order + R"(","steps":[{"send":"answer"},{"send":")" +
                       event + "\"}]"};
        answered(play);
        play.nothing_to_come();
        return play.problem();
    };
    CHECK(silent("ordered", "speak.started").result == Judged::Result::failed);
    CHECK(silent("ordered", "speak.started").got ==
          "the receiver asked for nothing that brings it about");
    CHECK(silent("ordered", "hangup").result == Judged::Result::inconclusive);
    CHECK(silent("strict", "speak.started").result == Judged::Result::inconclusive);
}

TEST_CASE("script rules: in any order, each await has its own time", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"block":{"order":"any","steps":[
        {"send":"hangup"},{"await":{"id":"slow","command":"audio","within":"5s"}},
        {"await":{"id":"quick","command":"update","within":"1s"}}]}}])"};
    answered(play);
    play.nothing_to_come();
    CHECK_FALSE(play.script().over());
    play.later({}, milliseconds{1100});
    CHECK(play.problem().result == Judged::Result::failed);
    CHECK(play.problem().name == "quick");
}

TEST_CASE("script rules: an event has to come in its time as well", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer","within":"3s"}])"};
    play.later({}, milliseconds{2900});
    CHECK_FALSE(play.script().over());
    play.later({}, milliseconds{200});
    CHECK(play.problem().result == Judged::Result::failed);
    CHECK(play.problem().got == "nothing came");
}

TEST_CASE("script rules: the closest are of all that was asked, where they could be meant",
          "[script]") {
    Rehearsal play{R"("allow":[{"command":"dtmf"}],"steps":[{"send":"answer"},
        {"await":{"id":"one","command":"audio"}},{"await":{"id":"two","command":"audio"}},
        {"await":{"id":"ask","command":"gather"}},
        {"await":{"id":"three","command":"audio","match":{"body":{"tag":"x","sentence":"3"}}}}])"};
    answered(play);
    play.request("POST", call + "/dtmf", {{"dtmfOut", "1"}});
    play.audio("1");
    play.audio("3");
    play.request("POST", call + "/gather", {{"maxDigits", 1}}, 201);
    play.audio("4");

    const Judged told = play.problem();
    REQUIRE(told.candidates.size() == 3);
    CHECK(told.candidates[0].what == "POST " + call + "/audio -> 200");
    CHECK(told.candidates[0].fields.back().field != "step");
    CHECK(told.candidates[1].fields.back().finding.found == "two");
    CHECK(told.candidates[2].fields.back().finding.found == "one");
}

TEST_CASE("script rules: where an invariant broke is told by the step before it", "[script]") {
    Rehearsal play{
        "\"steps\":[{\"send\":\"answer\"},\n{\"await\":{\"command\":\"audio\"}},\n"
        R"({"caller":{"hangup":true}},{"send":"hangup"}])"};
    answered(play);
    play.audio("hello");
    play.request("GET", call + "/nothing", {}, 404);
    play.answer(play.event("hangup"), "hangup", 200);

    CHECK(play.problem().name == "invariant commands-accepted");
    CHECK(play.problem().place.line == 3);
}

TEST_CASE("script rules: what cannot be made out is never passed over", "[script]") {
    const std::string say =
        R"("steps":[{"send":"answer"},{"await":{"id":"say","command":"audio"}},)";
    const auto told = [&](const std::string& step) {
        Rehearsal play{say + step + "]"};
        answered(play);
        play.audio("hello");
        play.later(seconds{1}, {});
        return play.problem();
    };
    const Judged unknown = told(R"({"caller":{"press":"${say:body.tag}"}})");
    CHECK(unknown.result == Judged::Result::inconclusive);
    CHECK(unknown.place.line == 1);
    CHECK(unknown.got.find("say:body.tag") != std::string::npos);
    CHECK(told(R"({"caller":{"press":"${say:body.sentence}"}})").got ==
          "press: expected keys of 0-9, *, #, A-D, found \"hello\"");
    CHECK(told(R"({"pause":{"speech":"${say:body.tag}"}})").result == Judged::Result::inconclusive);
}

TEST_CASE("script rules: repeats in each other end, whatever they stand for", "[script]") {
    Rehearsal play = Rehearsal::of(R"({"version":1,"name":"n","vars":{"n":1000},"steps":[
        {"send":"answer"},{"repeat":{"times":"${n}","steps":[{"repeat":{"times":"${n}","steps":[
        {"repeat":{"times":"${n}","steps":[{"pause":"0ms"}]}}]}}]}}]})");
    play.script().bindings().vars.open()["n"] = 1000;
    answered(play);
    CHECK(play.script().over());
    CHECK(play.problem().result == Judged::Result::inconclusive);
    CHECK(play.problem().got ==
          "this is one step more than the 100000 that a run may have, those that are repeated "
          "counted each time");
}

TEST_CASE("script rules: a run may have a hundred thousand events, and not one more", "[script]") {
    Rehearsal play{R"("order":"ordered",
        "steps":[{"send":"answer"},{"await":{"command":"gather","within":"1h"}}])"};
    answered(play);
    for (int n = 2; n <= 100'000; ++n) {
        play.event("dtmf");
    }
    REQUIRE_FALSE(play.script().over());

    play.event("dtmf");

    CHECK(play.problem().result == Judged::Result::inconclusive);
    CHECK(play.problem().got == "this is one event more than the 100000 that a run may have");
}

TEST_CASE("script rules: all waits together may be so long, to the millisecond", "[script]") {
    struct Row {
        const char* last;
        Judged::Result result;
    };
    for (const Row& row :
         {Row{R"({"pause":"20m"})", Judged::Result::passed},
          Row{R"({"pause":"1200001ms"})", Judged::Result::inconclusive},
          Row{R"({"quiet":"1200001ms"})", Judged::Result::inconclusive},
          Row{R"({"caller":{"hangup":true,"after":"1200001ms"}})", Judged::Result::inconclusive},
          Row{R"({"send":"hangup","after":"1200001ms"})", Judged::Result::inconclusive}}) {
        CAPTURE(row.last);
        Rehearsal play{std::string{R"("steps":[{"send":"answer"},{"pause":"40m"},)"} + row.last +
                       R"(,{"pause":"0ms"}])"};
        play.script().may_wait(std::chrono::hours{1});
        answered(play);
        play.later(std::chrono::minutes{40}, {});
        play.later(std::chrono::minutes{20}, {});
        REQUIRE(play.script().over());
        CHECK(play.verdict().result == row.result);
        if (row.result == Judged::Result::inconclusive) {
            CHECK(play.problem().got ==
                  "the waits of this run come to 1h1ms together, and may come to 1h: "
                  "--timeout makes that more");
        }
    }
}

TEST_CASE("script rules: a query is edited in its place", "[script]") {
    CHECK(edited_query(
              "eventType=speak&tag=a+b&status=started",
              {{"tag", "x y&z"}, {"status", nullptr}, {"more", {1, 2}}, {"gone", nullptr}}) ==
          "eventType=speak&tag=x%20y%26z&more=%5B1%2C2%5D");
    CHECK(edited_query("", {{"a", 1}}) == "a=1");
    CHECK(query_object("a=b+c&d=%26") == json{{"a", "b c"}, {"d", "&"}});
}

}  // namespace ringback

TEST_CASE("script rules: a message's events are told apart by what they say", "[script]") {
    const auto name = [](const char* payload) {
        return ringback::event_name("sms", nlohmann::json::parse(payload));
    };
    CHECK(name(R"({"direction":"in","state":"received"})") == "sms.received");
    CHECK(name(R"({"state":"sent"})") == "sms.sent");
    CHECK(name(R"({"state":"sent","deliveryState":"waiting"})") == "sms.sent");
    CHECK(name(R"({"state":"sent","deliveryState":"delivered"})") == "sms.delivered");
    CHECK(name(R"({"state":"sent","deliveryState":"not-delivered"})") == "sms.not-delivered");
    CHECK(name(R"({"state":"error","deliveryState":"not-delivered"})") == "sms.error");
}
