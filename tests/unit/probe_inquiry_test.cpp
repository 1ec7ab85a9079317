// What an inquiry has played next, and what it makes of it.
#include <algorithm>
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

/// It does that in the first order of events that is tried, and elsewhere what it does in `clean`.
Blame blame_of(const ProbedCall& clean, const ProbedCall& disturbed) {
    Inquiry inquiry{clean.record(), {ProbeKind::reorder}, {}};
    inquiry.told(clean.record());
    REQUIRE(inquiry.refusal().empty());
    inquiry.told(disturbed.record());
    while (inquiry.next()) {
        inquiry.told(clean.record());
    }
    return inquiry.results()[0].tries.at(0).blame;
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

TEST_CASE("probe: a late event excuses nothing in another call", "[probe]") {
    const auto two_calls = [](bool is_late, char late, char other) {
        ProbedCall calls;
        calls.of_call('1').becomes("active").of_call('2').becomes("active");
        calls.of_call(late).owes("speak", {{"status", "done"}});
        if (is_late) {
            calls.becomes("completed").answers(200);
        } else {
            calls.answers(200).says("Hello").becomes("completed");
            calls.of_call(other).says("Hello");
        }
        return calls.of_call(other).becomes("completed");
    };
    const bool is_first = GENERATE(true, false);
    const char late = is_first ? '1' : '2';
    const char other = is_first ? '2' : '1';

    const Blame blame = blame_of(two_calls(false, late, other), two_calls(true, late, other));

    const auto audio = [](bool of_first) {
        return std::string{"POST /v1/users/u/calls/"} + (of_first ? "{call}" : "{call 2}") +
               "/audio {\"sentence\":\"Hello\"}";
    };
    REQUIRE(blame.failing.size() == 1);
    CHECK(blame.failing[0].what == audio(!is_first));
    REQUIRE(blame.told.size() == 1);
    CHECK(blame.told[0].what == audio(is_first));
}

TEST_CASE("probe: an event that was first sent in time is not late when it is sent again",
          "[probe]") {
    ProbedCall retried{"three"};
    retried.becomes("active").event("answer").says("Hello");
    retried.owes("speak", {{"status", "done"}}).answers(500).becomes("completed").answers(200, 2);
    retried.asks("/gather", {{"maxDigits", 1}}, 403).event("hangup");

    const Blame blame = blame_of(cut_off_call("one"), retried);

    CHECK(blame.told.empty());
    CHECK(std::ranges::count(blame.failing, Deviation::Kind::other_answer, &Deviation::kind) == 1);
}

TEST_CASE("probe: a late event excuses what is refused from when it was sent", "[probe]") {
    const bool was_sent = GENERATE(true, false);
    CAPTURE(was_sent);
    ProbedCall refused{"three"};
    refused.becomes("active").event("answer").says("Hello");
    refused.owes("speak", {{"status", "done"}}).becomes("completed");
    refused.asks("/gather", {{"maxDigits", 1}}, 403).answers(200, 1, was_sent ? 1 : 0);

    const Blame blame = blame_of(cut_off_call("one"), refused.event("hangup"));

    CHECK(std::ranges::count(blame.failing, Deviation::Kind::other_answer, &Deviation::kind) ==
          (was_sent ? 0 : 1));
}

TEST_CASE("probe: a late event does not excuse what the receiver's own user is told", "[probe]") {
    const Blame blame = blame_of(cut_off_call("one").kicked(202), deaf_call("three").kicked(500));

    REQUIRE(blame.failing.size() == 1);
    CHECK(blame.failing[0].kind == Deviation::Kind::kick_answer);
}

TEST_CASE("probe: what is late in the clean run excuses nothing", "[probe]") {
    const Blame blame = blame_of(deaf_call("one"), deaf_call("three", false));

    REQUIRE(blame.failing.size() == 1);
    CHECK(blame.failing[0].kind == Deviation::Kind::missing);
}

}  // namespace ringback
