// What becomes of a probe that has nothing to disturb, cannot be played to its end, or has a
// budget.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using Came = ProbeResult::Outcome;

/// A call that the fake places, of which the receiver hears, and that asks for nothing.
RunRecord heard(Judged::Result result = Judged::Result::passed) {
    RunRecord run = test::ProbedCall{}.event("answer").event("hangup").record();
    run.verdict.result = result;
    return run;
}

RunRecord crashed() {
    RunRecord run = heard(Judged::Result::failed);
    Judged told;
    told.result = run.verdict.result;
    told.expected = "the receiver stays up";
    told.got = "the receiver ended with exit code 3";
    run.verdict.judged.push_back(told);
    return run;
}

std::vector<Came> outcomes(const Inquiry& inquiry) {
    std::vector<Came> all;
    for (const ProbeResult& result : inquiry.results()) {
        all.push_back(result.outcome());
    }
    return all;
}

}  // namespace

TEST_CASE("probe: a probe that has nothing to disturb survives nothing", "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::early, ProbeKind::slow_api}, {}};
    inquiry.told(heard());

    CHECK_FALSE(inquiry.next());
    CHECK(outcomes(inquiry) ==
          std::vector<Came>{Came::nothing_to_disturb, Came::nothing_to_disturb});
    CHECK(nothing_was_disturbed(inquiry.results()));
    CHECK_FALSE(nothing_was_disturbed({}));
    CHECK(why_nothing_to_disturb(ProbeKind::early).find("start.kick") != std::string_view::npos);
}

TEST_CASE("probe: one that something was disturbed in makes up for one that had nothing",
          "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::duplicates, ProbeKind::early}, {}};
    inquiry.told(heard());
    inquiry.told(heard());

    CHECK(outcomes(inquiry) == std::vector<Came>{Came::survived, Came::nothing_to_disturb});
    CHECK_FALSE(nothing_was_disturbed(inquiry.results()));
}

TEST_CASE("probe: a receiver that ends in a disturbed run is that run's finding, no other's",
          "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::lost}, {}};
    inquiry.told(heard());

    const auto first = inquiry.told(crashed());
    const auto second = inquiry.told(heard());

    REQUIRE(first);
    REQUIRE(first->blame.failing.size() == 1);
    CHECK(first->blame.failing[0].what == "the receiver ended with exit code 3");
    REQUIRE(second);
    CHECK(second->blame.failing.empty());
    CHECK(inquiry.results()[0].failed() == 1);
    CHECK(inquiry.results()[0].tries.size() == 2);
    CHECK(inquiry.results()[0].why_not.empty());
}

TEST_CASE("probe: a receiver that ends in a run that was left alone can be compared with nothing",
          "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::lost}, {}};

    inquiry.told(crashed());

    CHECK_FALSE(inquiry.next());
    CHECK(inquiry.refusal() ==
          "the run that the probe left alone could not be played: the receiver ended with exit "
          "code 3");
}

TEST_CASE("probe: what could not be played is named, and found nothing", "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::lost, ProbeKind::restart, ProbeKind::early}, {}};
    inquiry.told(heard());
    inquiry.told(heard());

    inquiry.cut_short("it is gone");

    CHECK(outcomes(inquiry) ==
          std::vector<Came>{Came::not_played, Came::not_played, Came::nothing_to_disturb});
    CHECK(inquiry.results()[0].tries.size() == 1);
    CHECK(inquiry.results()[0].not_played == std::vector<std::string>{"hangup never comes"});
    CHECK(inquiry.results()[1].planned == 2);
    CHECK(inquiry.results()[1].not_played.size() == 2);
}

TEST_CASE("probe: an inquiry that has not begun is cut short as a whole", "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::duplicates}, {}};

    inquiry.cut_short("interrupted");

    CHECK(outcomes(inquiry) == std::vector<Came>{Came::not_played});
    CHECK(inquiry.results()[0].not_played ==
          std::vector<std::string>{"every event comes twice",
                                   "every event comes twice, both at the same time"});
}

TEST_CASE("probe: a failing order that is being made small counts when it is cut short",
          "[probe]") {
    Inquiry inquiry{heard(), {ProbeKind::reorder}, {}};
    inquiry.told(heard());
    inquiry.told(heard());
    inquiry.told(crashed());  // an event 1 s late

    inquiry.cut_short("interrupted");

    CHECK(outcomes(inquiry) == std::vector<Came>{Came::failed});
    CHECK(inquiry.results()[0].why_not == "interrupted");
    CHECK(inquiry.results()[0].not_played.empty());
}

TEST_CASE("probe: a budget cuts, and what there would be is counted before", "[probe]") {
    ProbeBounds two;
    two.budget = 2;
    Inquiry inquiry{heard(), {ProbeKind::reorder, ProbeKind::restart}, two};
    inquiry.told(heard());
    inquiry.cut_short("interrupted");

    const ProbeResult& orders = inquiry.results()[0];
    CHECK(orders.planned == 2);
    CHECK(orders.possible > orders.planned);
    CHECK(orders.possible ==
          count_disturbances(ProbeKind::reorder, behaviour_of(heard().entries), {}));
    CHECK(inquiry.results()[1].possible == 2);
    ProbeBounds stays_up;
    stays_up.can_stay_down = false;
    CHECK(count_disturbances(ProbeKind::restart, behaviour_of(heard().entries), stays_up) == 1);
}

}  // namespace ringback
