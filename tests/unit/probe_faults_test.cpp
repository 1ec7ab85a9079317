// Probes of runs in which faults that were asked for are at work as well.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using Kind = Deviation::Kind;
using test::ProbedCall;

std::vector<Deviation> compared(const ProbedCall& clean, const ProbedCall& disturbed) {
    return differences(clean.behaviour(), disturbed.behaviour(), {});
}

}  // namespace

TEST_CASE("probe faults: what a fault refused and was asked for again is no request too many",
          "[probe][faults]") {
    const ProbedCall clean = ProbedCall{}.says("one", 503, "refused").says("one").says("two");
    const ProbedCall disturbed = ProbedCall{}.says("one").says("two", 503, "refused").says("two");
    const ProbedCall twice = ProbedCall{}.says("one").says("one").says("two");
    const ProbedCall given_up = ProbedCall{}.says("one").says("two", 503, "refused");

    CHECK(compared(clean, disturbed).empty());
    REQUIRE(compared(clean, twice).size() == 1);
    CHECK(compared(clean, twice).front().kind == Kind::extra);
    REQUIRE(compared(clean, given_up).size() == 1);
    CHECK(compared(clean, given_up).front().kind == Kind::missing);
}

TEST_CASE("probe faults: what was done counts as done, though a fault has answered it",
          "[probe][faults]") {
    CHECK(compared(ProbedCall{}.says("one", 500, "acted"), ProbedCall{}.says("one")).empty());
    CHECK(compared(ProbedCall{}.says("one", 500), ProbedCall{}.says("one")).size() == 1);
}

TEST_CASE("probe faults: callbacks that were sent badly or altered may be refused",
          "[probe][faults]") {
    const ProbedCall clean = ProbedCall{}.owes("answer").answers(200);

    CHECK(compared(clean, ProbedCall{}.owes("answer").answers(400, 0).answers(200)).empty());
    CHECK(compared(clean, ProbedCall{}.owes("answer").meets("altered").answers(400)).empty());
    CHECK(compared(clean, ProbedCall{}.owes("answer").meets("altered").answers(500)).size() == 1);
    CHECK(compared(clean, ProbedCall{}.owes("answer").answers(400)).size() == 1);
}

TEST_CASE("probe faults: where they drop another event than in the clean run, lack is only told",
          "[probe][faults]") {
    const ProbedCall clean = ProbedCall{}.owes("answer").answers(200).says("one");
    for (const bool is_lost : {true, false}) {
        CAPTURE(is_lost);
        Inquiry inquiry{clean.record(), {ProbeKind::duplicates}, {}};
        inquiry.told(clean.record());
        ProbedCall disturbed = ProbedCall{}.owes("answer");
        is_lost ? disturbed.meets("lost") : disturbed.answers(200);

        const auto tried = inquiry.told(disturbed.record());

        REQUIRE(tried);
        CHECK(tried->blame.failing.size() == (is_lost ? 0 : 1));
        CHECK(tried->blame.told.size() == (is_lost ? 1 : 0));
    }
}

}  // namespace ringback
