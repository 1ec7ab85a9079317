// What an inquiry has played next, and what it makes of it.
#include <catch2/catch.hpp>

#include "harness/probe/inquiry.h"
#include "tests/support/probed_call.h"

namespace ringback {
namespace {

using test::menu_call;
using test::ProbedCall;

/// The caller hangs up while a digit is awaited, and the receiver takes leave of a call that is
/// over.
ProbedCall cut_off_call(const std::string& run) {
    ProbedCall call{run};
    call.becomes("active").event("answer").says("Hello").speak("done");
    call.asks("/gather", {{"maxDigits", 1}}, 201).becomes("completed");
    return call.event("gather").asks("", {{"state", "completed"}}, 403).event("hangup");
}

/// The same, but it hears too late that its sentence was heard; `asks` all the same.
ProbedCall deaf_call(const std::string& run, bool asks = true) {
    ProbedCall call{run};
    call.becomes("active").event("answer").says("Hello");
    call.owes("speak", {{"status", "done"}}).becomes("completed").answers(200);
    if (asks) {
        call.asks("/gather", {{"maxDigits", 1}}, 403);
    }
    return call.event("hangup");
}

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

TEST_CASE("probe: who hears of an event when the call is over is not to blame for what is refused",
          "[probe]") {
    const bool asks = GENERATE(true, false);
    CAPTURE(asks);
    Inquiry inquiry{cut_off_call("one").record(), {ProbeKind::reorder}, {}};
    inquiry.told(cut_off_call("two").record());
    REQUIRE(inquiry.refusal().empty());

    const auto told = inquiry.told(deaf_call("three", asks).record());

    REQUIRE(told);
    CHECK(told->blame.failing.empty());
    REQUIRE(told->blame.told.size() == 2);
    CHECK(told->blame.told[0].kind ==
          (asks ? Deviation::Kind::other_answer : Deviation::Kind::missing));
    CHECK(told->blame.told[1].kind == Deviation::Kind::missing);
}

TEST_CASE("probe: who hears of an event when the call is over is to blame for what is too much",
          "[probe]") {
    Inquiry inquiry{cut_off_call("one").record(), {ProbeKind::reorder}, {}};
    inquiry.told(cut_off_call("two").record());

    inquiry.told(deaf_call("three").says("Good-bye", 403).record());
    while (inquiry.next()) {
        inquiry.told(cut_off_call("smaller").record());
    }

    REQUIRE(inquiry.results()[0].failed() == 1);
    const Blame& blame = inquiry.results()[0].tries[0].blame;
    REQUIRE(blame.failing.size() == 1);
    CHECK(blame.failing[0].kind == Deviation::Kind::extra);
}

TEST_CASE("probe: a request that is refused while the call goes on is no matter of lateness",
          "[probe]") {
    ProbedCall refused{"three"};
    refused.becomes("active").event("answer").says("Hello").speak("done");
    refused.asks("/gather", {{"maxDigits", 1}}, 400).becomes("completed").event("hangup");
    Inquiry inquiry{cut_off_call("one").record(), {ProbeKind::reorder}, {}};
    inquiry.told(cut_off_call("two").record());

    inquiry.told(refused.record());
    while (inquiry.next()) {
        inquiry.told(cut_off_call("smaller").record());
    }

    REQUIRE(inquiry.results()[0].failed() == 1);
    CHECK(inquiry.results()[0].tries[0].blame.failing[0].kind == Deviation::Kind::other_answer);
}

}  // namespace ringback
