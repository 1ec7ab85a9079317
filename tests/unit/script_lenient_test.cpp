#include <algorithm>
#include <catch2/catch.hpp>

#include "harness/script/script.h"
#include "tests/support/rehearsal.h"

// A disturbed run is played for what it puts in; whether its steps hold is nobody's question.

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Rehearsal;

const Leniency lenient{milliseconds{100}};

const std::string menu_steps = R"("steps":[
    {"send":"answer","id":"answer"},
    {"await":{"id":"say","command":"audio"}},
    {"send":"speak.started"},
    {"send":"speak.done","id":"done"},
    {"caller":{"press":"1","after":"1s"}},
    {"send":"dtmf","id":"digits"},
    {"await":{"id":"bye","command":"update","match":{"body":{"state":"completed"}}}},
    {"send":"hangup","id":"end"}])";

bool is_wished(Script& script, CallerAct::What what) {
    const auto wishes = script.take_wishes();
    return std::ranges::any_of(wishes, [what](const Wish& wish) {
        const auto* const act = std::get_if<WishAct>(&wish);
        return act != nullptr && act->what == what;
    });
}

}  // namespace

TEST_CASE("lenient script: what comes unasked is let be, and the person still presses the key",
          "[script]") {
    Rehearsal play{menu_steps, lenient};
    play.answer(play.event("answer"), "answer", 500);
    play.audio("Hello");
    play.audio("Hello");
    play.event("speak", {{"status", "started"}});
    play.event("speak", {{"status", "done"}});
    REQUIRE_FALSE(play.script().over());

    play.later(seconds{1}, {});

    CHECK(is_wished(play.script(), CallerAct::What::press));
    CHECK_FALSE(play.script().over());
}

TEST_CASE("lenient script: what can no longer come is passed over, to the end", "[script]") {
    Rehearsal play{menu_steps, lenient};
    play.answer(play.event("answer"), "answer", 200);

    play.later({}, milliseconds{150});
    play.nothing_to_come();  // no audio
    play.nothing_to_come();  // so nothing is spoken
    play.nothing_to_come();
    play.later(seconds{1}, {});
    CHECK(is_wished(play.script(), CallerAct::What::press));
    play.nothing_to_come();
    play.later({}, milliseconds{150});
    play.nothing_to_come();
    play.nothing_to_come();

    CHECK(play.script().over());
    CHECK(play.script().reached() == std::vector<std::string>{"answer", "caller (line 6)"});
}

TEST_CASE("lenient script: the clock waits for an awaited request, but not for long", "[script]") {
    Rehearsal play{menu_steps, lenient};
    play.event("answer");
    CHECK(play.script().holds_clock());
    REQUIRE(play.script().deadline());
    CHECK(*play.script().deadline() == test::wall(milliseconds{101}));  // an entry a millisecond

    play.later({}, milliseconds{99});
    play.nothing_to_come();
    CHECK(play.script().holds_clock());
    play.later({}, milliseconds{2});
    CHECK_FALSE(play.script().holds_clock());

    play.audio("Hello");  // late, and still what was awaited
    CHECK(play.script().reached() == std::vector<std::string>{"answer", "say"});
}

TEST_CASE("lenient script: after an interruption it waits anew", "[script]") {
    Rehearsal play{menu_steps, lenient};
    play.event("answer");
    play.later({}, milliseconds{150});
    REQUIRE_FALSE(play.script().holds_clock());

    play.script().wait_anew(test::wall(milliseconds{400}));

    CHECK(play.script().holds_clock());
    CHECK(*play.script().deadline() == test::wall(milliseconds{500}));
}

TEST_CASE("lenient script: of a branch that waits the other way is taken", "[script]") {
    Rehearsal play{R"("steps":[{"send":"answer"},
        {"branch":[{"await":{"command":"audio"},"steps":[{"pause":"1s"}]},{"else":[{"caller":{"hangup":true}}]}]}])",
                   lenient};
    play.event("answer");

    play.later({}, milliseconds{150});
    play.nothing_to_come();
    play.later({}, {});

    CHECK(is_wished(play.script(), CallerAct::What::hang_up));
    CHECK(play.script().over());
}

TEST_CASE("lenient script: a receiver that has ended ends it too", "[script]") {
    Rehearsal play{menu_steps, lenient};
    play.event("answer");

    play.script().start_failed("the receiver stays up", "its process has ended");

    CHECK(play.script().over());
    REQUIRE_FALSE(play.script().judged().empty());
    CHECK(play.script().judged().back().got == "its process has ended");
}

}  // namespace ringback
