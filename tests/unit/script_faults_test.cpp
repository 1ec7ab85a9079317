// How a script takes what faults do to the events that it expects.
#include <catch2/catch.hpp>
#include <tuple>

#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using test::Rehearsal;
using Came = Judged::Result;

const std::string answered_once = R"("steps":[{"send":"answer","id":"answer"}])";
const std::string expecting =
    R"("steps":[{"send":"answer","id":"answer","expect":{"status":204}}])";

const std::string await_audio =
    R"("steps":[{"send":"answer"},{"await":{"id":"say","command":"audio"}}])";
const std::string audio_path = "/v1/users/u-1/calls/c-1/audio";
const nlohmann::json hello{{"sentence", "Hello"}};

const Judged& judged(const Verdict& verdict, const std::string& name) {
    const auto found = std::ranges::find(verdict.judged, name, &Judged::name);
    REQUIRE(found != verdict.judged.end());
    return *found;
}

}  // namespace

TEST_CASE("script faults: a dropped event is no failure, and the verdict says it was not judged",
          "[script][faults]") {
    for (const std::string& steps : {answered_once, expecting}) {
        Rehearsal play{steps};
        const auto delivery = play.event("answer");
        CHECK(play.script().awaits_answers());
        play.fault(delivery, "answer", "lost");

        CHECK(play.script().over());
        CHECK_FALSE(play.script().awaits_answers());
        const Verdict verdict = play.verdict();
        CHECK(verdict.result == Came::passed);
        CHECK_THAT(judged(verdict, "answer").expected,
                   Catch::EndsWith(": could not be judged, a fault has dropped the event"));
    }
}

TEST_CASE("script faults: an event lost while a later step runs is settled all the same",
          "[script][faults]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"send":"hangup"}])"};
    const auto first = play.event("answer");
    const auto second = play.event("hangup");
    play.fault(first, "answer", "lost");
    play.answer(second, "hangup", 200);
    CHECK_FALSE(play.script().awaits_answers());
    CHECK(play.verdict().result == Came::passed);
}

TEST_CASE("script faults: what is altered may be refused, but not where something is expected",
          "[script][faults]") {
    struct Row {
        std::string steps;
        std::string flag;
        int status;
        Came result;
    };
    const std::vector<Row> rows{
        {answered_once, "altered", 400, Came::passed},
        {answered_once, "altered", 401, Came::passed},
        {answered_once, "altered", 200, Came::passed},
        {answered_once, "altered", 500, Came::failed},
        {answered_once, "", 400, Came::failed},
        {expecting, "altered", 204, Came::passed},
        {expecting, "altered", 400, Came::failed},
    };
    for (const Row& row : rows) {
        CAPTURE(row.steps, row.flag, row.status);
        Rehearsal play{row.steps};
        const auto delivery = play.event("answer");
        play.fault(delivery, "answer", row.flag);
        play.answer(delivery, "answer", row.status, row.status < 300 ? "delivered" : "failed");
        CHECK(play.verdict().result == row.result);
    }
}

TEST_CASE("script faults: a try that was sent badly says nothing; the one after it does",
          "[script][faults]") {
    for (const int status : {204, 500}) {
        CAPTURE(status);
        Rehearsal play{expecting};
        const auto delivery = play.event("answer");
        play.answer(delivery, "answer", 400, "owed", 0);
        CHECK(play.script().awaits_answers());
        play.answer(delivery, "answer", status, status < 300 ? "delivered" : "failed", 1);
        CHECK(play.verdict().result == (status == 204 ? Came::passed : Came::failed));
    }
}

TEST_CASE("script faults: copies are for no step, and a receiver that fails on one has failed",
          "[script][faults]") {
    struct Row {
        std::string flag;
        int status;
        Came result;
    };
    for (const Row& row : {Row{"extra", 200, Came::passed}, Row{"extra", 500, Came::failed},
                           Row{"extra", 400, Came::failed}, Row{"altered", 400, Came::passed},
                           Row{"altered", 503, Came::failed}}) {
        CAPTURE(row.flag, row.status);
        Rehearsal play{answered_once};
        const auto delivery = play.event("answer");
        play.answer(delivery, "answer", 200);
        constexpr std::uint64_t copy = 77;
        play.fault(copy, "answer", row.flag);
        play.answer(copy, "answer", row.status, row.status < 300 ? "delivered" : "failed");
        CHECK(play.verdict().result == row.result);
    }
}

// Faults of the API's answers.

TEST_CASE("script faults: an awaited request that a fault refused is told as sent, and by which",
          "[script][faults]") {
    struct Row {
        std::string fault;
        int status;
        int times;
        std::string got;
    };
    const std::string sent = "the receiver sent POST " + audio_path + ", and the fault ";
    for (const Row& row :
         {Row{"fail", 500, 1, sent + "fail refused it with 500; then nothing came"},
          Row{"rate_limit", 429, 1, sent + "rate_limit refused it with 429; then nothing came"},
          Row{"unavailable", 503, 3,
              sent + "unavailable refused it with 503, 3 times by now; then nothing came"}}) {
        CAPTURE(row.fault);
        Rehearsal play{await_audio};
        play.answer(play.event("answer"), "answer", 200);
        for (int n = 0; n < row.times; ++n) {
            play.request_met(row.fault, "refused", audio_path, hello, row.status);
        }
        CHECK_FALSE(play.script().over());
        CHECK(play.script().holds_clock());
        play.later({}, std::chrono::seconds{3});

        const Verdict verdict = play.verdict();
        CHECK(verdict.result == Came::failed);
        CHECK(judged(verdict, "say").got == row.got);
        REQUIRE_FALSE(judged(verdict, "say").candidates.empty());
        CHECK(judged(verdict, "say").candidates.front().fields.back().finding.why ==
              "the fault " + row.fault + " refused it");
        CHECK(judged(verdict, "invariant commands-accepted").result == Came::passed);
    }
}

TEST_CASE("script faults: a receiver that asks again after a fault has refused it has passed",
          "[script][faults]") {
    for (const std::string& steps :
         {await_audio, R"("order":"ordered",)" + await_audio,
          std::string{R"("steps":[{"send":"answer"},{"block":{"order":"any","steps":[
            {"await":{"command":"audio"}}]}}])"},
          std::string{R"("steps":[{"send":"answer"},{"branch":[
            {"await":{"command":"audio"},"steps":[{"pause":"1s"}]}]}])"}}) {
        CAPTURE(steps);
        Rehearsal play{steps};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met("unavailable", "refused", audio_path, hello, 503);
        CHECK_FALSE(play.script().over());
        play.audio("Hello");
        play.later(std::chrono::seconds{1}, {});

        CHECK(play.script().over());
        CHECK(play.verdict().result == Came::passed);
    }
}

TEST_CASE("script faults: what comes in place of a request that a fault refused is told with it",
          "[script][faults]") {
    Rehearsal play{await_audio};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("fail", "refused", audio_path, hello, 500);
    play.request("POST", "/v1/users/u-1/calls/c-1", {{"state", "completed"}});

    CHECK(play.problem().got ==
          "the receiver sent POST " + audio_path +
              ", and the fault fail refused it with 500; then POST /v1/users/u-1/calls/c-1 -> 200 "
              "came instead");
}

TEST_CASE("script faults: a refusal that a step expects is one, though a fault has made it",
          "[script][faults]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio","answered":[503]}}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("unavailable", "refused", audio_path, hello, 503);

    CHECK(play.script().over());
    CHECK(play.verdict().result == Came::passed);
}

TEST_CASE("script faults: what was done is done, whatever a fault has answered",
          "[script][faults]") {
    Rehearsal play{await_audio};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("fail", "acted", audio_path, hello, 500);

    CHECK(play.script().over());
    CHECK(play.verdict().result == Came::passed);
}

TEST_CASE("script faults: where nothing comes behind an answer that met a fault, it is named",
          "[script][faults]") {
    const std::string met = "the answer to POST " + audio_path + " had met the fault reset_peer";
    const std::string acted =
        "the fault fail had answered POST " + audio_path + " with 500 though it was done";
    for (const auto& [fault, fate, status, told] :
         {std::tuple{"reset_peer", "spoilt", 200, met}, std::tuple{"fail", "acted", 500, acted}}) {
        CAPTURE(fate);
        Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                       R"({"await":{"command":"gather"}}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met(fault, fate, audio_path, hello, status);
        play.later({}, std::chrono::seconds{3});

        CHECK(play.problem().got == "nothing came; before, " + told);
    }
}

TEST_CASE("script faults: an event that nobody asked for is missing for a request that was refused",
          "[script][faults]") {
    Rehearsal play{R"("order":"ordered","steps":[{"send":"answer"},{"send":"speak.started"}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("unavailable", "refused", audio_path, hello, 503);
    play.nothing_to_come();

    CHECK(play.problem().got ==
          "the receiver asked for nothing that brings it about; before, the fault unavailable had "
          "refused POST " +
              audio_path + " with 503");
}

TEST_CASE("script faults: what was refused and done later is not brought up again",
          "[script][faults]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                   R"({"await":{"command":"gather"}}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("unavailable", "refused", audio_path, hello, 503);
    play.audio("Hello");
    play.later({}, std::chrono::seconds{3});

    CHECK(play.problem().got == "nothing came");
}

TEST_CASE("script faults: commands-accepted counts refusals of the API, none that a fault has made",
          "[script][faults]") {
    for (const auto& [fate, result] :
         {std::pair{"refused", Came::passed}, std::pair{"acted", Came::passed},
          std::pair{"spoilt", Came::failed}, std::pair{"", Came::failed}}) {
        CAPTURE(fate);
        Rehearsal play{R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met("any", fate, audio_path, hello, 409);
        play.answer(play.event("hangup"), "hangup", 200);

        const Verdict verdict = play.verdict();
        CHECK(verdict.result == result);
        CHECK(judged(verdict, "invariant commands-accepted").result == result);
    }
}

TEST_CASE("script faults: a disturbed run waits for the request to come again as well",
          "[script][faults]") {
    Rehearsal play{await_audio, Leniency{std::chrono::milliseconds{500}}};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("unavailable", "refused", audio_path, hello, 503);
    CHECK(play.script().holds_clock());
    CHECK_FALSE(play.script().over());
    play.audio("Hello");
    CHECK(play.script().over());
}

TEST_CASE("script faults: what was done and not heard of may be asked for again, and refused",
          "[script][faults]") {
    struct Row {
        std::string fate;  // of the first answer
        int first;
        nlohmann::json again;  // what is asked then
        int refusal;
        Came result;
    };
    const nlohmann::json other{{"sentence", "Hello again"}};
    for (const Row& row :
         {Row{"spoilt", 200, hello, 403, Came::passed}, Row{"acted", 500, hello, 409, Came::passed},
          Row{"spoilt", 200, other, 403, Came::passed},
          Row{"spoilt", 200, hello, 400, Came::passed},
          Row{"spoilt", 200, other, 400, Came::failed}, Row{"", 200, hello, 403, Came::failed},
          Row{"spoilt", 403, hello, 403, Came::failed},
          Row{"refused", 503, hello, 403, Came::failed}}) {
        CAPTURE(row.fate, row.first, row.again, row.refusal);
        Rehearsal play{R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met("any", row.fate, audio_path, hello, row.first);
        play.request("POST", audio_path, row.again, row.refusal);
        play.answer(play.event("hangup"), "hangup", 200);

        CHECK(judged(play.verdict(), "invariant commands-accepted").result == row.result);
    }
}

TEST_CASE("script faults: whoever has heard in the end that it was done is excused no more",
          "[script][faults]") {
    Rehearsal play{R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.request_met("any", "spoilt", audio_path, hello, 200);
    play.audio("Hello");
    play.request("POST", audio_path, hello, 403);
    play.answer(play.event("hangup"), "hangup", 200);

    CHECK(judged(play.verdict(), "invariant commands-accepted").result == Came::failed);
}

TEST_CASE("script faults: a hangup that was not heard of is asked for again behind its event",
          "[script][faults]") {
    const std::string call = "/v1/users/u-1/calls/c-1";
    for (const auto& [fate, result] :
         {std::pair{"spoilt", Came::passed}, std::pair{"", Came::failed}}) {
        CAPTURE(fate);
        Rehearsal play{R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.requests_are_about("c-1");
        play.request_met("any", fate, call, {{"state", "completed"}}, 200);
        play.answer(play.event("hangup"), "hangup", 200);
        play.request("POST", call, {{"state", "completed"}}, 403);

        const Verdict verdict = play.verdict();
        CHECK(judged(verdict, "invariant no-command-after-hangup").result == result);
        CHECK(judged(verdict, "invariant commands-accepted").result == result);
    }
}

}  // namespace ringback
