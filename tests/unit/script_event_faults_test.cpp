// What a script makes of the time that faults of events take, and how it tells of them.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <utility>

#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using test::Rehearsal;
using Came = Judged::Result;

}  // namespace

TEST_CASE("script faults: the time for a request begins when the event has left as it should be",
          "[script][faults]") {
    for (const auto& [bad_tries, asks] :
         {std::pair{0, true}, std::pair{0, false}, std::pair{1, true}, std::pair{1, false}}) {
        CAPTURE(bad_tries, asks);
        Rehearsal play{R"("steps":[{"send":"answer"},)"
                       R"({"await":{"id":"say","command":"audio","within":"2s"}}])"};
        const auto delivery = play.event("answer");
        play.fault(delivery, "answer", "");
        CHECK_FALSE(play.script().deadline().has_value());
        play.later({}, std::chrono::seconds{10});
        if (bad_tries > 0) {
            play.answer(delivery, "answer", 400, "owed", 0);
            play.later({}, std::chrono::seconds{10});
        }
        CHECK_FALSE(play.script().over());
        play.answer(delivery, "answer", 200);
        CHECK(play.script().deadline().has_value());
        play.later({}, std::chrono::milliseconds{1900});
        CHECK_FALSE(play.script().over());

        if (asks) {
            play.audio("Hello");
            CHECK(play.verdict().result == Came::passed);
        } else {
            play.later({}, std::chrono::milliseconds{200});
            CHECK(play.problem().got == "nothing came, after the fault any held up answer");
        }
    }
}

TEST_CASE("script faults: an event that is lost, a copy or a retry stop no clock",
          "[script][faults]") {
    Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio","within":"2s"}}])"};
    const auto delivery = play.event("answer");
    CHECK(play.script().deadline().has_value());
    SECTION("lost") { play.fault(delivery, "answer", "lost"); }
    SECTION("a copy") { play.fault(77, "answer", "extra"); }
    SECTION("a retry") {
        play.fault(delivery, "answer", "");
        play.answer(delivery, "answer", 500, "owed", 1);
    }
    CHECK(play.script().deadline().has_value());
    play.later({}, std::chrono::milliseconds{2100});
    CHECK(play.script().over());
}

TEST_CASE("script faults: a reaction to what is still being sent is not timed",
          "[script][faults]") {
    const std::string timed = R"("steps":[{"send":"answer"},{"await":{"command":"audio",)"
                              R"("within":"5s","reaction":"<500ms"}}])";
    for (const auto& [flag, result] :
         {std::pair{"", Came::passed}, std::pair{"altered", Came::failed}}) {
        CAPTURE(flag);
        Rehearsal play{timed};
        play.fault(play.event("answer"), "answer", flag);
        play.later({}, std::chrono::seconds{1});
        play.audio("Hello");
        CHECK((play.script().over() && play.script().judged().back().result == result));
    }
}

TEST_CASE("script faults: when it had left is what the try says that has brought it",
          "[script][faults]") {
    const IdCodec ids{Seed{1}};
    AttemptMade made;
    made.attempt = 1;
    made.result.sent = test::wall(std::chrono::seconds{3});
    Entry entry;
    entry.wall = test::wall(std::chrono::seconds{9});
    entry.what = std::move(made);
    CHECK(Happening{entry, ids}.sent() == test::wall(std::chrono::seconds{3}));
}

TEST_CASE("script faults: where nothing comes, the fault that has changed the event is named",
          "[script][faults]") {
    const nlohmann::json done{{"status", "done"}};
    const std::string steps = R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                              R"({"send":"speak.started"},{"send":"speak.done"},)"
                              R"({"await":{"command":"gather"}}])";
    for (const auto& [flag, did] :
         {std::pair{"lost", "took"}, std::pair{"altered", "altered"}, std::pair{"", "held up"}}) {
        CAPTURE(flag);
        Rehearsal play{steps};
        play.answer(play.event("answer"), "answer", 200);
        play.audio("Hello");
        play.answer(play.event("speak", {{"status", "started"}}), "speak", 200);
        const auto delivery = play.event("speak", done);
        play.fault(delivery, "speak", flag);
        if (flag != std::string{"lost"}) {
            play.answer(delivery, "speak", 200);
        }
        play.later({}, std::chrono::seconds{3});
        CHECK(play.problem().got ==
              fmt::format("nothing came, after the fault any {} speak.done", did));
    }
}

TEST_CASE("script faults: of events before what came only one that is lost is still named",
          "[script][faults]") {
    for (const auto& [flag, got] :
         {std::pair{"lost", "nothing came, after the fault any took answer"},
          std::pair{"altered", "nothing came"}}) {
        CAPTURE(flag);
        Rehearsal play{R"("steps":[{"send":"answer"},{"await":{"command":"audio"}},)"
                       R"({"await":{"command":"gather"}}])"};
        const auto delivery = play.event("answer");
        play.fault(delivery, "answer", flag);
        if (flag != std::string{"lost"}) {
            play.answer(delivery, "answer", 200);
        }
        play.audio("Hello");
        play.later({}, std::chrono::seconds{3});
        CHECK(play.problem().got == got);
    }
}

}  // namespace ringback
