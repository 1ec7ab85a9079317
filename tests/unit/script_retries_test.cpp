// How a script takes requests that are made again because faults have refused them, or have kept
// their answers from saying that they were done.
#include <catch2/catch.hpp>

#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using test::Rehearsal;
using Came = Judged::Result;

const std::string say_path = "/v1/users/u-1/calls/c-1/audio";
const nlohmann::json said{{"sentence", "Hello"}};

Judged told_of(const Verdict& verdict, const std::string& name) {
    const auto found = std::ranges::find(verdict.judged, name, &Judged::name);
    REQUIRE(found != verdict.judged.end());
    return *found;
}

}  // namespace

TEST_CASE("script retries: a strict block lets be what is asked for again, and what comes of it",
          "[script][faults]") {
    struct Row {
        std::string fate;
        int first;
        nlohmann::json again;
        Came result;
    };
    for (const Row& row :
         {Row{"spoilt", 200, said, Came::passed}, Row{"acted", 500, said, Came::passed},
          Row{"spoilt", 200, {{"sentence", "Hello again"}}, Came::failed},
          Row{"", 200, said, Came::failed}}) {
        CAPTURE(row.fate, row.again);
        Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                       R"({"send":"speak.started"},{"send":"speak.done"},{"send":"hangup"}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met("any", row.fate, say_path, said, row.first);
        play.request("POST", say_path, row.again);
        for (const char* const phase : {"started", "done", "started", "done"}) {
            play.answer(play.event("speak", {{"status", phase}}), "speak", 200);
        }
        play.answer(play.event("hangup"), "hangup", 200);

        CHECK(play.verdict().result == row.result);
        if (row.result == Came::failed) {
            CHECK(play.problem().got.starts_with("POST " + say_path + " -> 200 came instead"));
        }
    }
}

TEST_CASE("script retries: what comes twice in a strict block without a fault comes instead",
          "[script][faults]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                   R"({"send":"speak.started"},{"send":"speak.done"}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("Hello");
    play.event("speak", {{"status", "started"}});
    play.event("speak", {{"status", "started"}});

    CHECK(play.problem().got == "the event speak.started came instead");
}

TEST_CASE("script retries: a count holds neither refusals by faults nor retries against a receiver",
          "[script][faults]") {
    struct Asked {
        std::string fate;
        int status;
    };
    struct Row {
        std::string bounds;
        std::vector<Asked> asked;
        std::string got;  // "": it holds
    };
    const Asked refused{"refused", 503};
    const Asked spoilt{"spoilt", 200};
    const Asked done{"", 200};
    const std::string with = " with those that a fault refused or left without an answer";
    for (const Row& row :
         {Row{R"("exactly":1)", {refused, refused, done}, ""},
          Row{R"("atMost":1)", {refused, done}, ""}, Row{R"("exactly":1)", {spoilt, done}, ""},
          Row{R"("exactly":1)", {{"acted", 500}, done}, ""},
          Row{R"("atLeast":2)", {refused, done}, ""},  // whether it tries again may be asked for
          Row{R"("exactly":1)", {done, done}, "2"},
          Row{R"("exactly":1)", {refused, done, done}, "2, 3" + with},
          Row{R"("exactly":1)", {spoilt, done, done}, "2, 3" + with},
          Row{R"("atLeast":2)", {done}, "1"}}) {
        CAPTURE(row.bounds, row.asked.size());
        Rehearsal play{
            R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}],)"
            R"("verify":[{"count":{"api":{"method":"POST","path":"/v1/users/u-1/calls/c-1/audio"}},)" +
            row.bounds + "}]"};
        play.answer(play.event("answer"), "answer", 200);
        for (const Asked& one : row.asked) {
            play.request_met("any", one.fate, say_path, said, one.status);
        }
        play.answer(play.event("hangup"), "hangup", 200);

        const Judged count = told_of(play.verdict(), "verify count");
        CHECK(count.got == row.got);
        CHECK(count.result == (row.got.empty() ? Came::passed : Came::failed));
    }
}

TEST_CASE("script retries: never does not mean what is asked for again for a fault",
          "[script][faults]") {
    const std::string call = "/v1/users/u-1/calls/c-1";
    for (const auto& [fate, result] :
         {std::pair{"spoilt", Came::passed}, std::pair{"", Came::failed}}) {
        CAPTURE(fate);
        Rehearsal play{
            R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup","id":"end"}],)"
            R"("verify":[{"never":{"api":{"method":"POST","path":"/v1/users/u-1/calls/c-1"},)"
            R"("afterEvent":"end"}}])"};
        play.answer(play.event("answer"), "answer", 200);
        play.request_met("any", fate, call, {{"state", "completed"}}, 200);
        play.answer(play.event("hangup"), "hangup", 200);
        play.request("POST", call, {{"state", "completed"}}, 403);

        CHECK(told_of(play.verdict(), "verify never").result == result);
    }
}

}  // namespace ringback
