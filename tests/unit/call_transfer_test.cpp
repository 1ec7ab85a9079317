#include <catch2/catch.hpp>

#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

namespace {

Update transfer_to(std::string number, bool whisper) {
    Update update = to_state(WantedState::transferring);
    update.transfer_to = std::move(number);
    if (whisper) {
        update.whisper = speech("one two three four five");
    }
    return update;
}

}  // namespace

TEST_CASE("transfer: leg B answers, hears the whisper alone, then the legs are joined",
          "[core][transfer]") {
    Story story;
    const CallId a = story.answered();
    const Outcome made = story.does(a, transfer_to("+19195550144", true));
    REQUIRE(made.leg != CallId::none);
    CHECK(story.call(a).state == CallState::transferring);
    CHECK(story.call(made.leg).state == CallState::started);
    CHECK(story.call(made.leg).from == "+19195550123");
    story.wait(5s);
    CHECK(story.call(a).state == CallState::transferring);
    CHECK(story.call(made.leg).state == CallState::active);
    story.wait(5s);
    CHECK(story.call(a).state == CallState::active);
    story.does(made.leg, FarEndHangsUp{});
    story.wait(60s);
    CHECK(story.told() == Lines{"2: 8.000 answer", "2: 8.300 speak started", "2: 10.300 speak done",
                                "2: 14.200 hangup NORMAL_CLEARING",
                                "1: 14.200 hangup NORMAL_CLEARING"});
    CHECK(story.call(a).state == CallState::completed);
}

TEST_CASE("transfer: what it says of the diversion is kept with the call, and tells nobody",
          "[core][transfer]") {
    Story story;
    const CallId a = story.answered();
    Update transfer = transfer_to("+15550009901", false);
    transfer.diversion = {DiversionTreatment::propagate, DiversionReason::user_busy};
    story.does(a, transfer);
    story.wait(60s);
    CHECK(story.call(a).details->transfer->diversion == transfer.diversion);
    CHECK(story.told() == Lines{"2: 5.700 hangup USER_BUSY"});

    story.does(a, transfer_to("+15550009901", false));
    CHECK(story.call(a).details->transfer->diversion == TransferDiversion{});
}

TEST_CASE("transfer: leg A hangs up before and after leg B answers", "[core][transfer]") {
    Story early;
    const CallId a = early.answered();
    early.does(a, transfer_to("+19195550144", false));
    early.wait(1s);
    early.does(a, FarEndHangsUp{});
    early.wait(60s);
    CHECK(early.told() ==
          Lines{"1: 5.200 hangup NORMAL_CLEARING", "2: 5.200 hangup ORIGINATOR_CANCEL"});

    Story late;
    const CallId other = late.answered();
    late.does(other, transfer_to("+19195550144", false));
    late.wait(10s);
    CHECK(late.call(other).state == CallState::active);
    late.does(other, to_state(WantedState::completed));
    late.wait(60s);
    CHECK(late.told() == Lines{"2: 8.000 answer", "1: 14.200 hangup NORMAL_CLEARING",
                               "2: 14.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("transfer: when leg B never comes, leg A goes on", "[core][transfer]") {
    for (const char* number : {"+15550009901", "+15550009902", "+15550009903", "+15550009917"}) {
        Story story;
        const CallId a = story.answered();
        story.does(a, transfer_to(number, true));
        story.wait(100s);
        CHECK(story.call(a).state == CallState::active);
        CHECK(story.does(a, Play{speech("still here")}) == Outcome{});
        for (const std::string& line : story.told()) {
            CHECK(line.substr(0, 3) == "2: ");
        }
    }
}

TEST_CASE("transfer: both legs keep one order even when delays are drawn", "[core][transfer]") {
    ModelSettings settings;
    settings.delays.hangup = {0ms, 5s};
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        Story story{settings, Seed{seed}};
        const CallId a = story.answered();
        const CallId b = story.does(a, transfer_to("+19195550144", false)).leg;
        story.wait(10s);
        static_cast<void>(story.told());
        story.does(b, FarEndHangsUp{});
        story.wait(60s);
        const Lines told = story.told();
        REQUIRE(told.size() == 2);
        CHECK(told[0].substr(0, 3) == "2: ");
        CHECK(story.call(b).strand == a);
    }
}

TEST_CASE("transfer: leg B transferred on lets leg A go, also from its whisper",
          "[core][transfer]") {
    for (const bool whisper : {false, true}) {
        Story story;
        const CallId a = story.answered();
        const CallId b = story.does(a, transfer_to("+19195550144", whisper)).leg;
        story.wait(whisper ? 5s : 10s);
        const CallId c = story.does(b, transfer_to("+19195550155", false)).leg;
        REQUIRE(c != CallId::none);
        story.wait(10s);
        CHECK(is_over(story.call(a).state));
        CHECK(story.call(b).state == CallState::active);
        story.does(c, FarEndHangsUp{});
        story.wait(10s);
        CHECK(is_over(story.call(b).state));
        CHECK(story.engine.live_calls() == 0);
    }
}

TEST_CASE("transfer: a second transfer lets the first party go", "[core][transfer]") {
    Story story;
    const CallId a = story.answered();
    const CallId b = story.does(a, transfer_to("+19195550144", false)).leg;
    story.wait(10s);
    const CallId c = story.does(a, transfer_to("+19195550155", false)).leg;
    story.wait(10s);
    CHECK(story.call(a).state == CallState::active);
    CHECK(story.call(b).state == CallState::completed);
    CHECK(story.call(c).state == CallState::active);
}

TEST_CASE("transfer: what a leg causes of the other comes at its place, not after all else",
          "[core][transfer]") {
    Story story;
    const CallId a = story.answered();
    const CallId b = story.does(a, transfer_to("+19195550144", true)).leg;
    story.wait(5s);
    story.engine.outputs().clear();
    REQUIRE(story.call(a).state == CallState::transferring);

    const CallId c = story.does(b, transfer_to("+19195550155", false)).leg;  // lets leg A go first

    std::vector<std::pair<CallId, CallState>> became;
    for (const Output& output : story.engine.outputs()) {
        if (const auto* change = std::get_if<Became>(&output.what)) {
            became.emplace_back(output.call, change->after);
        }
    }
    CHECK(became == decltype(became){{a, CallState::completed},
                                     {b, CallState::transferring},
                                     {c, CallState::started}});
}

TEST_CASE("transfer: a leg B that hangs up in its whisper ends leg A, and they were never joined",
          "[core][transfer]") {
    Story story;
    const CallId a = story.answered();
    const CallId b = story.does(a, transfer_to("+19195550144", true)).leg;
    story.wait(5s);
    REQUIRE(story.call(b).details->playing);
    story.engine.outputs().clear();

    story.does(b, FarEndHangsUp{});

    std::vector<std::pair<CallId, CallState>> became;
    for (const Output& output : story.engine.outputs()) {
        if (const auto* change = std::get_if<Became>(&output.what)) {
            became.emplace_back(output.call, change->after);
        }
    }
    CHECK(became == decltype(became){{b, CallState::completed}, {a, CallState::completed}});
    CHECK_FALSE(story.call(a).details->peer.joined);
    CHECK_FALSE(story.call(b).details->peer.joined);
    CHECK(story.told() == Lines{"2: 9.000 speak done"});
    story.wait(1s);
    CHECK(story.told() ==
          Lines{"2: 9.200 hangup NORMAL_CLEARING", "1: 9.200 hangup NORMAL_CLEARING"});
}
