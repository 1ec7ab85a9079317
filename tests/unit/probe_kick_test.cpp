// What the receiver answered when it was told to place its call, and restarts of one that has
// placed it.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using Kind = Deviation::Kind;
using test::ProbedCall;

ProbedCall kicked(int status, const std::string& end = "answered") {
    return ProbedCall{}.placed(false).kicked(status, end).event("answer").event("hangup");
}

std::vector<Deviation> beside_202(const ProbedCall& disturbed) {
    return differences(kicked(202).behaviour(), disturbed.behaviour(), {});
}

}  // namespace

TEST_CASE("probe kick: what its user was told counts: another status, or no answer at all",
          "[probe]") {
    struct Row {
        int status;
        std::string end;
        std::string what;
    };
    for (const Row& row : {Row{500, "answered", "the kick was answered 500"},
                           Row{404, "answered", "the kick was answered 404"},
                           Row{0, "timed_out", "the kick got no answer: timed_out"},
                           Row{0, "", "the kick got no answer"}}) {
        CAPTURE(row.status, row.end);

        const auto found = beside_202(kicked(row.status, row.end));

        REQUIRE(found.size() == 1);
        CHECK(found[0].kind == Kind::kick_answer);
        CHECK(word_of(found[0].kind) == "answer to the kick");
        CHECK(found[0].what == row.what);
        CHECK(found[0].than == "202 in the clean run");
    }
}

TEST_CASE("probe kick: one success is as good as another, and without a kick there is no answer",
          "[probe]") {
    CHECK(beside_202(kicked(202)).empty());
    CHECK(beside_202(kicked(200)).empty());
    CHECK(beside_202(ProbedCall{}.placed(false).event("answer").event("hangup")).empty());
    CHECK(differences(kicked(409).behaviour(), kicked(409).behaviour(), {}).empty());
    CHECK(differences(kicked(409).behaviour(), kicked(410).behaviour(), {}).size() == 1);
}

TEST_CASE("probe kick: it is told behind the requests that are too many or missing", "[probe]") {
    const auto found = beside_202(
        ProbedCall{}.placed(false).kicked(500).event("answer").says("Hello").event("hangup"));

    REQUIRE(found.size() == 2);
    CHECK(found[0].kind == Kind::extra);
    CHECK(found[1].kind == Kind::kick_answer);
}

TEST_CASE("probe kick: the receiver is to blame, but for what it could not know or was killed for",
          "[probe]") {
    struct Row {
        ProbeKind kind;
        bool restarts;
        int status;
        std::string end;
        bool is_to_blame;
    };
    for (const Row& row : {Row{ProbeKind::early, false, 500, "answered", true},
                           Row{ProbeKind::slow_api, false, 0, "timed_out", true},
                           Row{ProbeKind::duplicates, false, 500, "answered", true},
                           Row{ProbeKind::lost, false, 504, "answered", false},
                           Row{ProbeKind::restart, true, 0, "broken", false},
                           Row{ProbeKind::restart, true, 500, "answered", true}}) {
        CAPTURE(static_cast<int>(row.kind), row.status, row.end);
        Disturbance disturbance;
        if (row.restarts) {
            disturbance.restart = Disturbance::Restart{};
        }

        const Blame blame =
            blame_for(row.kind, disturbance, beside_202(kicked(row.status, row.end)));

        CHECK(blame.failing.size() == (row.is_to_blame ? 1 : 0));
        CHECK(blame.told.size() == (row.is_to_blame ? 0 : 1));
    }
}

TEST_CASE(
    "probe restart: what it misses while it is down is told by name and no fault, nor is another "
    "end",
    "[probe]") {
    ProbedCall clean{"one"};
    clean.event("answer").event("dtmf").becomes("completed").event("hangup");
    ProbedCall down{"two"};
    down.event("answer").owes("dtmf").fails("could_not_connect");
    down.becomes("rejected").owes("hangup").fails("timed_out");
    const auto found = differences(clean.behaviour(), down.behaviour(), {});
    Disturbance misses;
    misses.restart = Disturbance::Restart{1, true};
    Disturbance stays;
    stays.restart = Disturbance::Restart{1, false};

    const Blame blame = blame_for(ProbeKind::restart, misses, found);
    const Blame of_other = blame_for(ProbeKind::restart, stays, found);

    CHECK(blame.missed == std::vector<std::string>{"dtmf"});
    REQUIRE(blame.told.size() == 2);
    CHECK(blame.told[0].what == "dtmf got no answer: could_not_connect");
    CHECK(blame.told[1].what == "{call} ends as rejected");
    REQUIRE(blame.failing.size() == 1);
    CHECK(blame.failing[0].what == "hangup got no answer: timed_out");
    CHECK(of_other.missed.empty());
    CHECK(of_other.failing.size() == 3);
}

TEST_CASE("probe kick: two runs whose users are told different things are compared with no third",
          "[probe]") {
    Inquiry inquiry{kicked(202).record(), {ProbeKind::early}, {}};

    inquiry.told(kicked(500).record());

    CHECK_FALSE(inquiry.next());
    CHECK(inquiry.refusal() ==
          "two runs that the probe left alone differ: answer to the kick the kick was answered 500 "
          "(202 in the clean run)");
}

TEST_CASE("probe restart: a receiver that has placed the call is restarted before its first event",
          "[probe]") {
    const auto gaps = [](const ProbedCall& call) {
        std::vector<std::string> made;
        for (const Disturbance& one :
             disturbances_of(ProbeKind::restart, call.behaviour(), ProbeBounds{})) {
            made.push_back(one.what);
        }
        return made;
    };

    CHECK(gaps(kicked(202)) ==
          std::vector<std::string>{"it is restarted between its own POST /calls and answer",
                                   "it is restarted between answer and hangup",
                                   "it is down from its own POST /calls on and misses answer",
                                   "it is down from answer on and misses hangup"});
    CHECK(gaps(ProbedCall{}.placed(true).event("answer").event("hangup")).size() == 2);
    CHECK(gaps(ProbedCall{}.event("answer").placed(false).event("hangup")).size() == 2);
    CHECK(gaps(ProbedCall{}.placed(false).event("answer")).size() == 2);
    CHECK(gaps(ProbedCall{}.placed(false)).empty());
    const auto first =
        disturbances_of(ProbeKind::restart, kicked(202).behaviour(), ProbeBounds{}).front();
    CHECK(first.restart == Disturbance::Restart{0, false});
}

}  // namespace ringback
