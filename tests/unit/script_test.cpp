#include "harness/script/script.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "harness/scenario/events.h"
#include "harness/script/align.h"
#include "harness/script/checks.h"
#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::at;
using test::Rehearsal;
using test::wall;

const std::string speak_steps = R"("steps":[
    {"send":"answer","id":"answer"},
    {"await":{"id":"say","command":"audio","match":{"body":{"sentence":{"contains":"press one"}}}}},
    {"send":"speak.started","id":"started"},
    {"send":"speak.done","id":"done"},
    {"await":{"id":"bye","command":"update","match":{"body":{"state":"completed"}}}},
    {"send":"hangup","id":"end"}])";

}  // namespace

TEST_CASE("script: a conversation as it is written passes", "[script]") {
    Rehearsal play{speak_steps};

    play.answer(play.event("answer"), "answer", 200);
    play.audio("Please press one");
    play.answer(play.event("speak", {{"status", "started"}}), "speak", 200);
    play.answer(play.event("speak", {{"status", "done"}}), "speak", 200);
    play.request("POST", "/v1/users/u-1/calls/c-1", {{"state", "completed"}});
    play.answer(play.event("hangup"), "hangup", 200);

    CHECK(play.script().over());
    CHECK_FALSE(play.script().awaits_answers());
    CHECK(play.verdict().result == Judged::Result::passed);
    CHECK(play.verdict().reached ==
          std::vector<std::string>{"answer", "say", "started", "done", "bye", "end"});
}

TEST_CASE("script: a command that comes before the callback is answered is in order", "[script]") {
    Rehearsal play{speak_steps};

    const auto answer = play.event("answer");
    play.audio("Please press one");
    play.answer(answer, "answer", 200);

    CHECK_FALSE(play.script().over());
    CHECK(play.script().reached() == std::vector<std::string>{"answer", "say"});
}

TEST_CASE("script: a second command where an event was due fails at that event", "[script]") {
    Rehearsal play{speak_steps};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("Please press one");

    play.audio("Please press one");

    CHECK(play.script().over());
    const Judged told = play.problem();
    CHECK(told.result == Judged::Result::failed);
    CHECK(told.name == "started");
    CHECK(told.expected == "the event speak.started");
    CHECK(told.got == "POST /v1/users/u-1/calls/c-1/audio -> 200 came instead");
}

TEST_CASE("script: a request with other words is a near miss, field by field", "[script]") {
    Rehearsal play{speak_steps};
    play.answer(play.event("answer"), "answer", 200);

    play.audio("Welcome");

    const Judged told = play.problem();
    CHECK(told.name == "say");
    REQUIRE(told.candidates.size() == 1);
    CHECK(told.candidates[0].misses() == 1);
    const auto& fields = told.candidates[0].fields;
    REQUIRE(fields.size() == 3);
    CHECK(fields[0].finding.fits);
    CHECK(fields[1].finding.fits);
    CHECK(fields[2].field == "body.sentence");
    CHECK_FALSE(fields[2].finding.fits);
}

TEST_CASE("script: whatever came closest is told, with why it was not the one", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"id":"first","command":"audio"}},
        {"await":{"id":"second","command":"audio"}},
        {"await":{"id":"third","command":"audio","match":{"body":{"tag":"x"}}}}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("one");
    play.audio("two");
    play.request("POST", "/v1/users/u-1/calls/c-1/gather", {{"tag", "x"}}, 201);

    const Judged told = play.problem();
    CHECK(told.name == "third");
    CHECK(told.got == "POST /v1/users/u-1/calls/c-1/gather -> 201 came instead");
    REQUIRE(told.candidates.size() == 3);
    const auto lost_for = [&](std::size_t at) {
        std::string text;
        for (const FieldFinding& field : told.candidates[at].fields) {
            text += field.finding.fits ? "" : field.field + ": " + field.finding.why + "; ";
        }
        return text;
    };
    // The nearest first, the latest before the earlier one.
    CHECK(lost_for(0) ==
          "body.tag: expected \"x\", got nothing; "
          "step: it was what step second waited for; ");
    CHECK(lost_for(1) ==
          "body.tag: expected \"x\", got nothing; "
          "step: it was what step first waited for; ");
    CHECK(lost_for(2) ==
          "path: expected /v1/users/u-1/calls/*/audio, "
          "got /v1/users/u-1/calls/c-1/gather; ");
    CHECK(told.candidates[2].after > Duration{});
    CHECK(told.candidates[0].after == Duration{});
}

TEST_CASE("script: when nothing came, what came before is what was closest", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"id":"first","command":"audio"}},
        {"await":{"id":"second","command":"audio","within":"1s"}}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("one");
    play.later({}, seconds{1});

    const Judged told = play.problem();

    CHECK(told.got == "nothing came");
    REQUIRE(told.candidates.size() == 1);
    CHECK(told.candidates[0].fields.back().finding.why == "it was what step first waited for");
}

TEST_CASE("script: an invariant is told at the step behind which it broke", "[script]") {
    Rehearsal play{R"(
        "steps":[{"send":"answer"},
            {"await":{"id":"say","command":"audio"}}],
        "order":"ordered")"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("one");
    play.answer(play.event("hangup"), "hangup", 500, "failed");

    const Judged told = play.problem();

    CHECK(told.name == "invariant callbacks-answered");
    CHECK(told.got == "hangup: answered 500, after step say");
    CHECK(told.place.line == 3);
    // Without any step before it, and where it holds, at the file's beginning.
    for (const Judged& one : play.verdict().judged) {
        CHECK(one.place.line > 0);
    }
}

TEST_CASE("script: an await fails at its deadline, not a tick before", "[script]") {
    Rehearsal play{speak_steps};
    play.answer(play.event("answer"), "answer", 200);
    REQUIRE(play.script().deadline());
    const Duration left = *play.script().deadline() - wall(milliseconds{2});

    play.later({}, left - Duration{1});
    CHECK_FALSE(play.script().over());
    play.later({}, Duration{1});

    CHECK(play.script().over());
    CHECK(play.problem().got == "nothing came");
    CHECK(play.problem().expected == "within 2000 ms: POST /v1/users/u-1/calls/*/audio");
}

TEST_CASE("script: the clock is held while the receiver has the word", "[script]") {
    Rehearsal play{speak_steps};

    CHECK_FALSE(play.script().holds_clock());
    play.event("answer");
    CHECK(play.script().holds_clock());
    play.audio("Please press one");
    CHECK_FALSE(play.script().holds_clock());
}

TEST_CASE("script: a callback answered with 500 fails its send", "[script]") {
    Rehearsal play{speak_steps};

    play.answer(play.event("answer"), "answer", 500, "failed");

    CHECK(play.problem().name == "answer");
    CHECK(play.problem().got == "answered 500");
}

TEST_CASE("script: an answer that is still owed when the time is over has not held", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"}])"};
    play.event("answer");
    CHECK(play.script().over());
    CHECK(play.script().awaits_answers());

    play.script().out_of_time(wall(seconds{60}));

    CHECK(play.problem().got == "no answer when the time for the run was over");
}

TEST_CASE("script: a person's act comes when its time is over, and what came meanwhile waits",
          "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"caller":{"press":"1","after":"2s"}},
        {"send":"dtmf"},{"await":{"command":"audio"}}])"};
    play.answer(play.event("answer"), "answer", 200);
    CHECK(play.script().alarm() == at(seconds{2}));
    play.audio("early");

    play.later(seconds{2}, {});

    const std::vector<Wish> wishes = play.script().take_wishes();
    REQUIRE(wishes.size() == 1);
    CHECK(std::get<WishAct>(wishes[0]).text == "1");
    CHECK(play.problem().got == "POST /v1/users/u-1/calls/c-1/audio -> 200 came instead");
}

TEST_CASE("script: what would have been accepted is told, as --override takes it", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"id":"say","command":"audio",
        "match":{"body":{"sentence":{"contains":"press"},"tag":"menu","loopEnabled":"true"}}}}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.request("POST", "/v1/users/u-1/calls/c-1/audio",
                 {{"sentence", "Please press one"}, {"tag", "it's \"mine\""}});

    const Judged told = play.problem();
    CHECK(told.got == "POST /v1/users/u-1/calls/c-1/audio -> 200 came, but says something else");
    CHECK(told.accept == std::vector<std::string>{R"(say:match.body.tag="it's \"mine\"")",
                                                  R"(say:match.body.loopEnabled={"absent":true})"});
    CHECK(told.aligned.empty());
}

TEST_CASE("script: a step that comes too early is told beside the order", "[script]") {
    Rehearsal play{speak_steps};
    play.answer(play.event("answer"), "answer", 200);
    play.request("POST", "/v1/users/u-1/calls/c-1", {{"state", "completed"}});

    const Judged told = play.problem();
    CHECK(told.name == "say");
    CHECK(told.accept.empty());
    REQUIRE(told.aligned.size() == 5);
    CHECK(told.aligned[0].expected == "answer");
    CHECK(told.aligned[0].done == "answer");
    CHECK(told.aligned[0].seq == 1);
    CHECK(told.aligned[1].expected == "say");
    CHECK(told.aligned[1].done.empty());
    CHECK(told.aligned[4].expected == "bye");
    CHECK(told.aligned[4].done == "bye");
    CHECK(told.aligned[4].seq == 3);
}

TEST_CASE("script: two orders are laid side by side", "[script]") {
    using Row = std::array<std::string, 2>;
    const auto rows = [](const std::vector<std::string>& expected,
                         const std::vector<std::string>& done) {
        std::vector<std::pair<std::string, std::uint64_t>> numbered;
        for (const std::string& name : done) {
            numbered.emplace_back(name, numbered.size() + 1);
        }
        std::vector<Row> made;
        for (const AlignedStep& row : aligned(expected, numbered)) {
            made.push_back({row.expected, row.done});
        }
        return made;
    };
    CHECK(rows({"a", "b", "c"}, {"a", "b", "c"}) ==
          std::vector<Row>{{"a", "a"}, {"b", "b"}, {"c", "c"}});
    CHECK(rows({"a", "b", "c"}, {"a", "c", "b"}) ==
          std::vector<Row>{{"a", "a"}, {"", "c"}, {"b", "b"}, {"c", ""}});
    CHECK(rows({"a"}, {}) == std::vector<Row>{{"a", ""}});
    CHECK(rows({}, {"x"}) == std::vector<Row>{{"", "x"}});
    CHECK(rows({}, {}).empty());
}

TEST_CASE("script: quiet is broken by a command, and over when its time is", "[script]") {
    const std::string steps = R"("steps":[{"send":"answer"},{"quiet":"5s"}])";
    Rehearsal loud{steps};
    loud.answer(loud.event("answer"), "answer", 200);
    loud.audio("hello");
    CHECK(loud.problem().expected == "nothing more for a while");

    Rehearsal still{steps};
    still.answer(still.event("answer"), "answer", 200);
    still.later(seconds{5}, {});
    CHECK(still.script().over());
    CHECK(still.verdict().result == Judged::Result::passed);
}

TEST_CASE("script: in an ordered block other requests may come in between", "[script]") {
    Rehearsal play{
        R"("order":"ordered","steps":[{"send":"answer"},{"await":{"command":"gather"}}])"};
    play.answer(play.event("answer"), "answer", 200);

    play.audio("hello");
    play.event("speak", {{"status", "started"}});
    play.request("POST", "/v1/users/u-1/calls/c-1/gather", {{"maxDigits", 1}}, 201);

    CHECK(play.script().over());
    CHECK(play.verdict().result == Judged::Result::passed);
}

TEST_CASE("script: a block in any order takes its steps as they come, each once", "[script]") {
    const std::string steps = R"("steps":[{"send":"answer"},{"block":{"order":"any","steps":[
        {"await":{"id":"a","command":"audio"}},{"await":{"id":"g","command":"gather"}}]}}])";
    Rehearsal play{steps};
    play.answer(play.event("answer"), "answer", 200);
    play.request("POST", "/v1/users/u-1/calls/c-1/gather", {{"maxDigits", 1}}, 201);
    play.audio("hello");
    CHECK(play.script().over());
    CHECK(play.verdict().result == Judged::Result::passed);

    Rehearsal twice{steps};
    twice.answer(twice.event("answer"), "answer", 200);
    twice.audio("hello");
    twice.audio("hello");
    CHECK(twice.problem().result == Judged::Result::failed);
}

TEST_CASE("script: a branch goes the way the receiver chooses", "[script]") {
    const std::string steps = R"("steps":[{"send":"answer"},{"branch":[
        {"await":{"command":"gather"},"steps":[{"caller":{"press":"1"}}]},
        {"await":{"command":"update","match":{"body":{"state":"completed"}}},
         "steps":[{"send":"hangup"}]}]}])";
    Rehearsal play{steps};
    play.answer(play.event("answer"), "answer", 200);

    play.request("POST", "/v1/users/u-1/calls/c-1", {{"state", "completed"}});
    play.answer(play.event("hangup"), "hangup", 200);

    CHECK(play.script().over());
    CHECK(play.verdict().result == Judged::Result::passed);
}

TEST_CASE("script: a repeat is gone through as often as it says", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},
        {"repeat":{"times":2,"steps":[{"await":{"command":"audio"}}]}},{"quiet":"1s"}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("one");
    play.audio("two");
    CHECK(play.script().alarm().has_value());

    play.audio("three");

    CHECK(play.problem().expected == "nothing more for a while");
}

TEST_CASE("script: where the model has nothing to tell any more, a send is inconclusive",
          "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"send":"hangup"}])"};
    play.answer(play.event("answer"), "answer", 200);

    play.script().nothing_to_come(at({}), wall(seconds{1}));

    CHECK(play.verdict().result == Judged::Result::inconclusive);
}

TEST_CASE("script: a refused command fails, unless the script expects the refusal", "[script]") {
    const std::string path = "/v1/users/u-1/calls/c-1/audio";
    Rehearsal strict{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}}])"};
    strict.answer(strict.event("answer"), "answer", 200);
    strict.request("POST", path, {{"sentence", "x"}}, 403);
    CHECK(strict.problem().got == "POST " + path + " -> 403: the API refused it");

    Rehearsal told{R"("steps":[{"send":"answer"},{"await":{"command":"audio","answered":403}}])"};
    told.answer(told.event("answer"), "answer", 200);
    told.request("POST", path, {{"sentence", "x"}}, 403);
    CHECK(told.verdict().result == Judged::Result::passed);
}

TEST_CASE(
    "script: a command to a call that has hung up breaks an invariant that can be switched off",
    "[script]") {
    const std::string steps = R"("order":"ordered","steps":[{"send":"answer"},{"send":"hangup"}])";
    const auto play_it = [](Rehearsal& play) {
        play.answer(play.event("answer"), "answer", 200);
        play.answer(play.event("hangup"), "hangup", 200);
        play.request("POST", "/v1/users/u-1/calls/c-1/audio", {{"sentence", "x"}});
    };
    Rehearsal strict{steps};
    play_it(strict);
    CHECK(strict.verdict().result == Judged::Result::passed);  // no call named: not that call's

    const Verdict verdict = strict.verdict();
    CHECK(std::ranges::any_of(verdict.judged, [](const Judged& told) {
        return told.name == "invariant no-command-after-hangup";
    }));
    Rehearsal off{steps + R"(,"invariants":{"no-command-after-hangup":false})"};
    play_it(off);
    const Verdict without = off.verdict();
    CHECK(std::ranges::none_of(without.judged, [](const Judged& told) {
        return told.name == "invariant no-command-after-hangup";
    }));
}

TEST_CASE("script: verify counts, orders and forbids over the whole run", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer","id":"a"},{"await":{"id":"say","command":"audio"}}],
        "verify":[{"order":["a","say"]},{"count":{"await":"say"},"exactly":1},
                  {"count":{"event":"answer"},"atLeast":2}])"};
    play.answer(play.event("answer"), "answer", 200);
    play.audio("hello");

    const Judged told = play.problem();

    CHECK(told.name == "verify count");
    CHECK(told.expected == "at least 2 of event answer");
    CHECK(told.got == "1");
}

TEST_CASE("script: a scenario file may switch off exactly the invariants there are", "[script]") {
    std::vector<std::string_view> names;
    for (const Invariant& invariant : invariants()) {
        names.push_back(invariant.name);
    }
    CHECK(invariant_names() == names);
}

TEST_CASE("script: paths match by segment, with stars", "[script]") {
    CHECK(means_path("/v1/users/u/calls", "/v1/users/u/calls"));
    CHECK(means_path("/v1/users/*/calls/*", "/v1/users/u/calls/c-1"));
    CHECK(means_path("/v1/users/u/**", "/v1/users/u/calls/c-1/audio"));
    CHECK_FALSE(means_path("/v1/users/u/calls", "/v1/users/u/calls/c-1"));
    CHECK_FALSE(means_path("/v1/users/u/calls/*", "/v1/users/u/calls"));
    CHECK_FALSE(means_path("/v1/users/u/calls/*", "/v1/users/u/calls/"));
    CHECK(means_event("speak", "speak.started"));
    CHECK_FALSE(means_event("speak", "speaker"));
}

}  // namespace ringback
