// How a script takes what faults do to the events that it expects.
#include <catch2/catch.hpp>

#include "tests/support/rehearsal.h"

namespace ringback {
namespace {

using test::Rehearsal;
using Came = Judged::Result;

const std::string answered_once = R"("steps":[{"send":"answer","id":"answer"}])";
const std::string expecting =
    R"("steps":[{"send":"answer","id":"answer","expect":{"status":204}}])";

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

}  // namespace ringback
