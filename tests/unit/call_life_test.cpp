#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("call: the founding scenario is answer, speak started, speak done, hangup",
          "[core][call]") {
    ModelSettings settings;
    settings.delays.length_of["Hello from Bandwidth"] = 30s;
    Story story{settings};
    const CallId id = story.begin(Story::outbound());

    story.wait(5s);
    CHECK(story.does(id, Play{speech("Hello from Bandwidth")}) == Outcome{});
    story.wait(40s);
    CHECK(story.does(id, to_state(WantedState::completed)) == Outcome{});
    story.wait(100s);

    CHECK(story.told() == Lines{"4.000 answer", "5.300 speak started", "35.300 speak done",
                                "45.200 hangup NORMAL_CLEARING"});
    CHECK(story.call(id).state == CallState::completed);
    CHECK(story.call(id).active_at == dawn + 4s);
    CHECK(story.call(id).ended_at == dawn + 45s);
}

TEST_CASE("call: every failure of 4.3 has one hangup with its cause", "[core][call]") {
    struct Row {
        const char* to;
        Lines told;
        CallState state;
    };
    const Row row = GENERATE(
        Row{"+15550009901", {"1.700 hangup USER_BUSY"}, CallState::completed},
        Row{"+15550009902", {"60.000 timeout", "60.200 hangup NO_ANSWER"}, CallState::completed},
        Row{"+15550009903", {"5.200 hangup CALL_REJECTED"}, CallState::rejected},
        Row{"+15550009904", {"1.700 hangup UNALLOCATED_NUMBER"}, CallState::completed},
        Row{"+15550009905", {"1.700 hangup NORMAL_TEMPORARY_FAILURE"}, CallState::completed},
        Row{"+15550009917", {"1.500 error"}, CallState::error});
    Story story;
    const CallId id = story.begin(Story::outbound(row.to));

    story.wait(200s);

    CHECK(story.told() == row.told);
    CHECK(story.call(id).state == row.state);
    CHECK(story.call(id).active_at == never);
    CHECK(story.call(id).ended_at != never);
    CHECK_FALSE(has_unfinished_business(story.call(id)));
}

TEST_CASE("call: callTimeout ends the ringing at its second, not before", "[core][call]") {
    Story story;
    NewCall call = Story::outbound("+15550009902");
    call.call_timeout_s = 10;
    const CallId id = story.begin(call);

    story.wait(10s - 1ns);
    CHECK(story.told().empty());
    CHECK(story.call(id).state == CallState::started);
    story.wait(1ns);
    CHECK(story.told() == Lines{"10.000 timeout"});
    CHECK(story.call(id).state == CallState::completed);
}

TEST_CASE("call: an answer later than callTimeout is a timeout", "[core][call]") {
    Story story;
    NewCall call = Story::outbound();
    call.call_timeout_s = 4;
    story.begin(call);
    story.wait(60s);
    CHECK(story.told() == Lines{"4.000 timeout", "4.200 hangup NO_ANSWER"});
}

TEST_CASE("call: with hangupAfterTimeout off a timeout stands alone", "[core][call]") {
    ModelSettings settings;
    settings.switches.hangup_after_timeout = false;
    Story story{settings};
    const CallId id = story.begin(Story::outbound("+15550009902"));
    story.wait(100s);
    CHECK(story.told() == Lines{"60.000 timeout"});
    CHECK_FALSE(has_unfinished_business(story.call(id)));
}

TEST_CASE("call: cancelled while it rings, it ends with ORIGINATOR_CANCEL", "[core][call]") {
    Story story;
    const CallId id = story.begin(Story::outbound());
    story.wait(1s);
    CHECK(story.does(id, to_state(WantedState::completed)) == Outcome{});
    CHECK(story.call(id).state == CallState::completed);
    story.wait(100s);
    CHECK(story.told() == Lines{"1.200 hangup ORIGINATOR_CANCEL"});
}

TEST_CASE("call: the person hangs up, by admin or by magic number", "[core][call]") {
    Story story;
    const CallId id = story.answered();
    CHECK(story.does(id, FarEndHangsUp{}) == Outcome{});
    story.wait(1s);
    CHECK(story.told() == Lines{"4.200 hangup NORMAL_CLEARING"});

    Story magic;
    magic.begin(Story::outbound("+15550009907"));
    magic.wait(60s);
    CHECK(magic.told() == Lines{"4.000 answer", "9.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("call: the person on the phone can answer or decline before the plan does",
          "[core][call]") {
    Story story;
    const CallId first = story.begin(Story::outbound("+15550009902"));
    story.wait(1s);
    CHECK(story.does(first, FarEndAnswers{}) == Outcome{});
    CHECK(story.does(first, FarEndAnswers{}).refusal == Refusal::invalid_state);
    CHECK(story.told() == Lines{"1.000 answer"});

    Story other;
    const CallId second = other.begin(Story::outbound());
    CHECK(other.does(second, FarEndDeclines{}) == Outcome{});
    other.wait(60s);
    CHECK(other.told() == Lines{"0.200 hangup CALL_REJECTED"});
    CHECK(other.call(second).state == CallState::rejected);
}

TEST_CASE("call: the state x command table of 2.1.5 holds in every cell", "[core][call]") {
    enum class In { started_in, started_out, active, transferring, completed, rejected };
    struct Row {
        In in;
        WantedState wanted;
        Refusal refusal;
        CallState after;
    };
    using W = WantedState;
    using S = CallState;
    const Row row =
        GENERATE(Row{In::started_in, W::active, Refusal::none, S::active},
                 Row{In::started_in, W::rejected, Refusal::none, S::rejected},
                 Row{In::started_in, W::completed, Refusal::none, S::completed},
                 Row{In::started_in, W::transferring, Refusal::invalid_state, S::started},
                 Row{In::started_out, W::active, Refusal::invalid_state, S::started},
                 Row{In::started_out, W::rejected, Refusal::invalid_state, S::started},
                 Row{In::started_out, W::completed, Refusal::none, S::completed},
                 Row{In::started_out, W::transferring, Refusal::invalid_state, S::started},
                 Row{In::active, W::active, Refusal::none, S::active},
                 Row{In::active, W::rejected, Refusal::invalid_state, S::active},
                 Row{In::active, W::completed, Refusal::none, S::completed},
                 Row{In::active, W::transferring, Refusal::none, S::transferring},
                 Row{In::transferring, W::active, Refusal::invalid_state, S::transferring},
                 Row{In::transferring, W::rejected, Refusal::invalid_state, S::transferring},
                 Row{In::transferring, W::completed, Refusal::none, S::completed},
                 Row{In::transferring, W::transferring, Refusal::invalid_state, S::transferring},
                 Row{In::completed, W::active, Refusal::already_ended, S::completed},
                 Row{In::completed, W::rejected, Refusal::already_ended, S::completed},
                 Row{In::completed, W::completed, Refusal::already_ended, S::completed},
                 Row{In::completed, W::transferring, Refusal::already_ended, S::completed},
                 Row{In::rejected, W::active, Refusal::already_ended, S::rejected},
                 Row{In::rejected, W::rejected, Refusal::already_ended, S::rejected},
                 Row{In::rejected, W::completed, Refusal::already_ended, S::rejected},
                 Row{In::rejected, W::transferring, Refusal::already_ended, S::rejected});
    Story story;
    const CallId id =
        story.begin(row.in == In::started_in || row.in == In::rejected ? Story::inbound(false)
                                                                       : Story::outbound());
    Update transfer = to_state(W::transferring);
    transfer.transfer_to = "+19195550144";
    if (row.in == In::active || row.in == In::transferring || row.in == In::completed) {
        story.wait(4s);
    }
    if (row.in == In::transferring) {
        REQUIRE(story.does(id, transfer).refusal == Refusal::none);
    } else if (row.in == In::completed) {
        story.does(id, to_state(W::completed));
    } else if (row.in == In::rejected) {
        story.does(id, to_state(W::rejected));
    }

    Update wanted = row.wanted == W::transferring ? transfer : to_state(row.wanted);
    CHECK(story.does(id, wanted).refusal == row.refusal);
    CHECK(story.call(id).state == row.after);
}

TEST_CASE("call: active on an active call is a no-op, or refused by its switch", "[core][call]") {
    Story story;
    const CallId id = story.answered();
    CHECK(story.does(id, to_state(WantedState::active)) == Outcome{});
    story.wait(10s);
    CHECK(story.told().empty());

    ModelSettings settings;
    settings.switches.active_again_is_refused = true;
    Story strict{settings};
    const CallId other = strict.answered();
    CHECK(strict.does(other, to_state(WantedState::active)).refusal == Refusal::invalid_state);
}

TEST_CASE("call: an empty update is a no-op even on an ended call, any change is not",
          "[core][call]") {
    Story story;
    const CallId id = story.answered();
    CHECK(story.does(id, Update{}) == Outcome{});
    story.does(id, to_state(WantedState::completed));
    CHECK(story.does(id, Update{}) == Outcome{});
    Update tag;
    tag.tag = "late";
    CHECK(story.does(id, tag).refusal == Refusal::already_ended);
    CHECK(story.does(id, Play{speech("hi")}).refusal == Refusal::already_ended);
    CHECK(story.does(id, SendTones{"1"}).refusal == Refusal::already_ended);
    CHECK(story.does(id, StartGather{}).refusal == Refusal::already_ended);
}

TEST_CASE("call: tag and callbackUrl of a live call can change for the events that follow",
          "[core][call]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.tag = "one";
    const CallId id = story.begin(wanted);
    story.wait(4s);
    CHECK(story.told() == Lines{"4.000 answer [one]"});

    Update update;
    update.tag = "two";
    Route elsewhere;
    elsewhere.url = "http://127.0.0.1:9001/other";
    update.route = RouteRef{elsewhere};
    story.does(id, update);
    story.does(id, Play{speech("hi", "mine")});
    story.wait(2s);
    story.does(id, to_state(WantedState::completed));
    story.wait(1s);

    for (const Output& output : story.engine.outputs()) {
        if (const auto* callback = std::get_if<Callback>(&output.what)) {
            CHECK(callback->route->url == "http://127.0.0.1:9001/other");
        }
    }
    CHECK(story.told() == Lines{"4.300 speak started [mine]", "5.300 speak done [mine]",
                                "6.200 hangup NORMAL_CLEARING [two]"});
}

TEST_CASE("call: without a callback URL nothing is raised, but the call lives", "[core][call]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.route = RouteRef{};
    const CallId id = story.begin(wanted);
    story.wait(5s);
    CHECK(story.told().empty());
    CHECK(story.call(id).state == CallState::active);
}

TEST_CASE("inbound: answered by itself when the receiver has been told", "[core][call]") {
    Story story;
    const CallId id = story.begin(Story::inbound(true));
    CHECK(story.told() == Lines{"0.000 incomingcall"});
    CHECK(story.call(id).state == CallState::started);
    story.wait(1s);
    story.does(id, IncomingTold{false});
    CHECK(story.told() == Lines{"1.000 answer"});
    CHECK(story.call(id).state == CallState::active);
    story.does(id, IncomingTold{false});
    CHECK(story.told().empty());
}

TEST_CASE("inbound: answered by hand from inside the handler, also with autoAnswer",
          "[core][call]") {
    for (const bool auto_answer : {false, true}) {
        Story story;
        const CallId id = story.begin(Story::inbound(auto_answer));
        CHECK(story.does(id, to_state(WantedState::active)) == Outcome{});
        CHECK(story.call(id).state == CallState::active);
        story.does(id, IncomingTold{false});
        story.wait(1s);
        CHECK(story.told() == Lines{"0.000 incomingcall", "0.100 answer"});
    }
}

TEST_CASE("inbound: rejected, given up, and with no URL to tell", "[core][call]") {
    Story rejected;
    const CallId first = rejected.begin(Story::inbound(false));
    rejected.does(first, to_state(WantedState::rejected));
    rejected.wait(100s);
    CHECK(rejected.told() == Lines{"0.000 incomingcall", "0.200 hangup CALL_REJECTED"});
    CHECK(rejected.call(first).state == CallState::rejected);

    Story given_up;
    given_up.begin(Story::inbound(false));
    given_up.wait(100s);
    CHECK(given_up.told() == Lines{"0.000 incomingcall", "60.200 hangup ORIGINATOR_CANCEL"});

    Story hung_up;
    const CallId third = hung_up.begin(Story::inbound(false));
    hung_up.wait(3s);
    hung_up.does(third, FarEndHangsUp{});
    hung_up.wait(100s);
    CHECK(hung_up.told() == Lines{"0.000 incomingcall", "3.200 hangup ORIGINATOR_CANCEL"});

    Story silent;
    NewCall wanted = Story::inbound(true);
    wanted.route = RouteRef{};
    const CallId fourth = silent.begin(wanted);
    CHECK(silent.call(fourth).state == CallState::completed);
    CHECK(std::count_if(silent.engine.outputs().begin(), silent.engine.outputs().end(),
                        [](const Output& one) {
                            return std::holds_alternative<NoCallbackUrl>(one.what);
                        }) == 1);
}

TEST_CASE("inbound: when its URLs fail the call goes to the fallback number", "[core][call]") {
    Story story;
    NewCall wanted = Story::inbound(true);
    wanted.fallback_number = "+19195550144";
    const CallId id = story.begin(wanted);
    story.does(id, IncomingTold{true});
    CHECK(story.call(id).state == CallState::transferring);
    story.wait(10s);
    CHECK(story.told() == Lines{"1: 0.000 incomingcall", "1: 0.000 answer", "2: 4.000 answer"});
    CHECK(story.call(id).state == CallState::active);
}

TEST_CASE("call: an answer event still owed comes before the hangup", "[core][call]") {
    Story story;
    const CallId id = story.begin(Story::inbound(false));
    story.does(id, to_state(WantedState::active));
    story.does(id, to_state(WantedState::completed));
    story.wait(10s);
    CHECK(story.told() ==
          Lines{"0.000 incomingcall", "0.000 answer", "0.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("call: nothing is told before the answer of a call answered by hand", "[core][call]") {
    Story story;
    const CallId id = story.begin(Story::inbound(false));
    story.does(id, to_state(WantedState::active));
    story.does(id, PressKeys{"1"});
    story.wait(1s);
    CHECK(story.told() == Lines{"0.000 incomingcall", "0.000 answer", "0.000 dtmf 1"});
}

TEST_CASE("call: magic delays are drawn from their range by the call's own stream",
          "[core][call]") {
    ModelSettings settings;
    settings.delays.slow_answer = {10s, 30s};
    std::set<Instant> answers;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        Story story{settings, Seed{seed}};
        const CallId id = story.begin(Story::outbound("+15550009906"));
        story.wait(59s);
        CHECK(story.call(id).active_at >= dawn + 10s);
        CHECK(story.call(id).active_at <= dawn + 30s);
        answers.insert(story.call(id).active_at);
    }
    CHECK(answers.size() > 1);
}
