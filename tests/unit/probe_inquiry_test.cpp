// What an inquiry has played next, and what it makes of it.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using test::menu_call;
using test::ProbedCall;

}  // namespace

TEST_CASE(
    "probe: an inquiry begins with a run in which nothing is wrong, and refuses where that differs",
    "[probe]") {
    Inquiry inquiry{menu_call("one").record(), {ProbeKind::duplicates}, {}};
    REQUIRE(inquiry.next());
    CHECK(inquiry.next()->faults.rules.empty());

    CHECK_FALSE(inquiry.told(ProbedCall{"two"}.event("answer").record()));

    CHECK_FALSE(inquiry.next());
    CHECK(inquiry.refusal() ==
          "two runs that the probe left alone differ: missing request POST "
          "/v1/users/u/calls/{call}/audio {\"sentence\":\"Hello\"} (never here, once in the clean "
          "run)");
}

TEST_CASE("probe: an inquiry tries one thing after the other and keeps the journal of what fails",
          "[probe]") {
    Inquiry inquiry{menu_call("one").record(), {ProbeKind::duplicates, ProbeKind::lost}, {}};
    inquiry.told(menu_call("two").record());

    std::vector<std::string> tried;
    while (const auto next = inquiry.next()) {
        const bool fails = next->what == "gather never comes";
        const auto told = inquiry.told(fails ? ProbedCall{"x"}.becomes("active").record()
                                             : menu_call("x").record());
        REQUIRE(told);
        CHECK(told->blame.failing.empty() != fails);
        tried.push_back(told->disturbance.what);
    }

    CHECK(tried.size() == 8);
    const auto results = inquiry.take_results();
    REQUIRE(results.size() == 2);
    CHECK(results[0].survived());
    CHECK(results[0].tries[0].run.entries.empty());
    CHECK_FALSE(results[1].survived());
    CHECK(results[1].failed() == 1);
    CHECK(results[1].tries[4].run.entries.size() == 1);
}

TEST_CASE("probe: an inquiry that is cut short has survived nothing that it did not try",
          "[probe]") {
    Inquiry inquiry{menu_call("one").record(), {ProbeKind::duplicates, ProbeKind::lost}, {}};
    inquiry.told(menu_call("two").record());
    inquiry.told(menu_call("three").record());
    inquiry.told(menu_call("four").record());

    inquiry.cut_short("interrupted");

    CHECK(inquiry.results()[0].survived());
    CHECK_FALSE(inquiry.results()[1].survived());
    CHECK(inquiry.results()[1].why_not == "interrupted");
    CHECK(inquiry.results()[1].not_played.size() == 6);
    CHECK_FALSE(inquiry.next());
}

}  // namespace ringback
