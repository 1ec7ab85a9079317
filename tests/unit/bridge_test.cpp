#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "tests/support/bridging.h"

using namespace ringback;
using namespace ringback::test;

namespace bridge_tests {
namespace {

using Standing = BridgeCandidate::Standing;

constexpr CallId own{101};
constexpr CallId ours{102};
constexpr CallId third{103};

ModelSettings settled() { return {}; }

/// A bridge in a state, as one step after the other brings it there.
struct Alone {
    ModelSettings settings{settled()};
    Effects effects{};
    Bridge bridge{};

    Outcome does(const BridgeInput& input) {
        return step(bridge, input, Turn{dawn, &settings, nullptr, 1}, effects);
    }
};

/// "created" (empty), "waiting" (two that ring), "active", "hold", "lone" (active, one call),
/// "completed".
Alone in(const std::string& state) {
    Alone it;
    const BridgeCandidates two{{own, Standing::up}, {ours, Standing::up}};
    const BridgeCandidates ringing{{own, Standing::ringing}, {ours, Standing::ringing}};
    const bool empty = state == "created";
    const bool waiting = state == "waiting";
    REQUIRE(it.does(BeginBridge{true, empty     ? BridgeCandidates{}
                                      : waiting ? ringing
                                                : two}) == Outcome{});
    if (state == "hold") {
        it.does(UpdateBridge{false, {}});
    } else if (state == "lone") {
        it.does(BridgedNews{own, GroupNews::ended});
    } else if (state == "completed") {
        it.does(UpdateBridge{{}, BridgeCandidates{}});
    }
    it.effects = {};
    return it;
}

}  // namespace

TEST_CASE("bridge: every command in every state is taken or refused as the contract says",
          "[core][bridge]") {
    struct Row {
        const char* what;
        BridgeInput command;
        /// In the order created, waiting, active, hold, lone, completed.
        std::array<const char*, 6> expected;
    };
    const auto put = [](BridgeCandidates calls) { return UpdateBridge{{}, std::move(calls)}; };
    const Row row = GENERATE_COPY(
        Row{"no change",
            UpdateBridge{},
            {"created", "created", "active", "hold", "active", "completed"}},
        Row{"audio on",
            UpdateBridge{true, {}},
            {"created", "created", "active", "active", "active", "refused bridge_is_over"}},
        Row{"audio off",
            UpdateBridge{false, {}},
            {"created", "created", "hold", "hold", "hold", "refused bridge_is_over"}},
        Row{"nobody",
            put({}),
            {"completed", "completed", "completed", "completed", "completed",
             "refused bridge_is_over"}},
        Row{"one that is up",
            put({{third, Standing::up}}),
            {"created", "created", "active", "hold", "active", "refused bridge_is_over"}},
        Row{"two that are up",
            put({{ours, Standing::up}, {third, Standing::up}}),
            {"active", "active", "active", "hold", "active", "refused bridge_is_over"}},
        Row{"one that rings",
            put({{third, Standing::ringing}}),
            {"created", "created", "active", "hold", "active", "refused bridge_is_over"}},
        Row{"the same twice",
            put({{third, Standing::up}, {third, Standing::up}}),
            {"created", "created", "active", "hold", "active", "refused bridge_is_over"}},
        Row{"three",
            put({{own, Standing::up}, {ours, Standing::up}, {third, Standing::up}}),
            {"refused too_many_calls", "refused too_many_calls", "refused too_many_calls",
             "refused too_many_calls", "refused too_many_calls", "refused bridge_is_over"}},
        Row{"an unknown one",
            put({{third, Standing::unknown}}),
            {"refused no_such_item", "refused no_such_item", "refused no_such_item",
             "refused no_such_item", "refused no_such_item", "refused bridge_is_over"}},
        Row{"one of another bridge",
            put({{third, Standing::elsewhere}}),
            {"refused in_another_bridge", "refused in_another_bridge", "refused in_another_bridge",
             "refused in_another_bridge", "refused in_another_bridge", "refused bridge_is_over"}},
        Row{"one that has ended",
            put({{third, Standing::unfit}}),
            {"refused call_not_active", "refused call_not_active", "refused call_not_active",
             "refused call_not_active", "refused call_not_active", "refused bridge_is_over"}},
        Row{"a new call",
            JoinBridge{third},
            {"created", "refused too_many_calls", "refused too_many_calls",
             "refused too_many_calls", "active", "refused bridge_is_over"}},
        Row{"audio to hear",
            Play{speech("hello")},
            {"refused no_active_calls", "refused no_active_calls", "active", "hold", "active",
             "refused no_active_calls"}},
        Row{"stop",
            StopPlaying{},
            {"refused no_active_calls", "refused no_active_calls", "refused nothing_playing",
             "refused nothing_playing", "refused nothing_playing", "refused no_active_calls"}},
        Row{"a call answers",
            BridgedNews{ours, GroupNews::answered},
            {"created", "created", "active", "hold", "active", "completed"}},
        Row{"a call ends",
            BridgedNews{ours, GroupNews::ended},
            {"created", "created", "active", "hold", "completed", "completed"}},
        Row{"a stranger ends",
            BridgedNews{third, GroupNews::ended},
            {"created", "created", "active", "hold", "active", "completed"}},
        Row{"a stale timer",
            TimerFired{Timer{TimerKind{}, 77, 0}},
            {"created", "created", "active", "hold", "active", "completed"}});
    const std::map<Refusal, std::string> names{{Refusal::too_many_calls, "too_many_calls"},
                                               {Refusal::no_such_item, "no_such_item"},
                                               {Refusal::in_another_bridge, "in_another_bridge"},
                                               {Refusal::call_not_active, "call_not_active"},
                                               {Refusal::no_active_calls, "no_active_calls"},
                                               {Refusal::bridge_is_over, "bridge_is_over"},
                                               {Refusal::nothing_playing, "nothing_playing"}};
    constexpr std::array states{"created", "waiting", "active", "hold", "lone", "completed"};
    for (std::size_t n = 0; n < states.size(); ++n) {
        CAPTURE(row.what, states[n]);
        Alone it = in(states[n]);
        const Bridge before = it.bridge;

        const Outcome outcome = it.does(row.command);

        CHECK((outcome.refusal == Refusal::none
                   ? std::string{word(it.bridge.state)}
                   : "refused " + names.at(outcome.refusal)) == row.expected[n]);
        if (outcome.refusal != Refusal::none) {
            CHECK(it.bridge == before);
            CHECK(it.effects == Effects{});
        }
        CHECK(it.bridge.calls.size() <= most_bridged_calls);
        CHECK((it.bridge.activated_at != never) ==
              (it.bridge.state == BridgeState::active || it.bridge.state == BridgeState::hold ||
               before.activated_at != never));
        CHECK((it.bridge.completed_at != never) == (it.bridge.state == BridgeState::completed));
    }
}

TEST_CASE("bridge: a refusal names the call that is the reason, the first of the table's order",
          "[core][bridge]") {
    Alone it = in("created");
    const auto refused = [&](BridgeCandidates calls) {
        return it.does(UpdateBridge{{}, std::move(calls)});
    };
    CHECK(refused({{own, Standing::unfit}, {ours, Standing::elsewhere}}) ==
          Outcome{Refusal::in_another_bridge, 0, ours});
    CHECK(refused({{own, Standing::up}, {ours, Standing::unfit}}) ==
          Outcome{Refusal::call_not_active, 0, ours});
    CHECK(refused({{own, Standing::unfit}, {CallId::none, Standing::unknown}}) ==
          Outcome{Refusal::no_such_item, 0, CallId::none});
}

TEST_CASE("bridge: two active calls are joined at once, and hear each other until both are gone",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.begin(Story::outbound());
    const CallId b = story.begin(Story::outbound());
    story.wait(5s);
    const CallId id = story.bridge({a, b});
    CHECK(story.became() == Lines{"5.000 created active 1 2"});
    CHECK(story.bridge_of(a) == id);
    CHECK(story.of(id).activated_at == dawn + 5s);
    story.wait(1s);
    story.hang_up(a);
    CHECK(story.became() == Lines{"6.000 active active 2"});
    CHECK(story.bridge_of(a) == CallId::none);
    CHECK(story.call(b).state == CallState::active);
    story.wait(1s);
    story.hang_up(b);
    CHECK(story.became() == Lines{"7.000 active completed"});
    CHECK(story.of(id).completed_at == dawn + 7s);
    CHECK(story.engine.live_bridges() == 0);
}

TEST_CASE("bridge: calls made with bridgeId join by themselves, each at its answer",
          "[core][bridge]") {
    Bridging story;
    const CallId id = story.bridge({});
    const CallId a = story.dialled(id);
    story.wait(1s);
    const CallId b = story.dialled(id);
    CHECK(story.became() ==
          Lines{"0.000 created created", "0.000 created created 1", "1.000 created created 1 2"});
    CHECK(story.bridge_of(a) == id);
    story.wait(3s);  // the first is answered
    CHECK(count_up(story.of(id)) == 1);
    CHECK(story.became().empty());
    story.wait(1s);  // and the second
    CHECK(story.became() == Lines{"5.000 created active 1 2"});
    CHECK(story.bridge_of(b) == id);
}

TEST_CASE("bridge: a call that is not answered leaves it as it was, and another may be dialled",
          "[core][bridge]") {
    Bridging story;
    const CallId id = story.bridge({});
    story.dialled(id, "+15550009901");  // busy
    story.wait(10s);
    CHECK(story.became() ==
          Lines{"0.000 created created", "0.000 created created 1", "1.500 created created"});
    CHECK(refusal_of_one_more(story.of(id)) == Refusal::none);
    const CallId a = story.dialled(id);
    story.wait(5s);
    story.hang_up(a);
    CHECK(story.of(id).state == BridgeState::completed);
    CHECK(refusal_of_one_more(story.of(id)) == Refusal::bridge_is_over);
}

TEST_CASE("bridge: who rings, hangs up, fails or is forgotten leaves it", "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId ringing = story.begin(Story::outbound());
    const CallId id = story.bridge({a, ringing});
    SECTION("the ringing one is cancelled") {
        story.hang_up(ringing);
        CHECK(story.of(id).calls == std::vector<BridgedCall>{{a, true}});
        CHECK(story.of(id).state == BridgeState::created);
    }
    SECTION("the person on the phone hangs up") {
        CHECK(story.does(a, FarEndHangsUp{}) == Outcome{});
        CHECK(story.of(id).calls == std::vector<BridgedCall>{{ringing, false}});
    }
    SECTION("the call was never heard of") {
        story.engine.forget(a);
        CHECK(story.of(id).calls == std::vector<BridgedCall>{{ringing, false}});
        CHECK(story.put(id, {a}) == Refusal::no_such_item);
    }
    SECTION("the platform breaks") {
        story.put(id, {a, story.begin(Story::outbound("+15550009917"))});
        story.wait(2s);
        CHECK(story.of(id).calls == std::vector<BridgedCall>{{a, true}});
    }
}

TEST_CASE("bridge: which calls may be in one depends on their state", "[core][bridge]") {
    Bridging story;
    const CallId active = story.answered();
    const CallId ringing = story.begin(Story::outbound());
    const CallId incoming = story.begin(Story::inbound(false));
    const CallId ended = story.begin(Story::outbound());
    story.hang_up(ended);
    const CallId transferring = story.answered();
    Update transfer = to_state(WantedState::transferring);
    transfer.transfer_to = "+19195550100";
    const CallId leg_b = story.does(transferring, transfer).leg;
    const CallId strangers =
        story.engine.create(story.engine.user("u-2"), Story::outbound(), story.now)->id;

    CHECK(story.refusal_of_new({active}) == Refusal::none);
    CHECK(story.refusal_of_new({active}) == Refusal::in_another_bridge);
    CHECK(story.refusal_of_new({ringing}) == Refusal::none);
    CHECK(story.refusal_of_new({incoming}) == Refusal::call_not_active);
    CHECK(story.refusal_of_new({ended}) == Refusal::call_not_active);
    CHECK(story.refusal_of_new({transferring}) == Refusal::none);
    CHECK(story.refusal_of_new({leg_b}) == Refusal::none);
    CHECK(story.refusal_of_new({strangers}) == Refusal::no_such_item);
    CHECK(story.refusal_of_new({CallId::none}) == Refusal::no_such_item);
    CHECK(story.refusal_of_new({message_id(UserSlot{1}, 1)}) == Refusal::no_such_item);
}

TEST_CASE("bridge: a call that is transferred stays in it, and the leg it causes does not join",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId b = story.answered();
    const CallId id = story.bridge({a, b});
    Update transfer = to_state(WantedState::transferring);
    transfer.transfer_to = "+19195550100";
    const CallId leg_b = story.does(a, transfer).leg;
    story.wait(10s);
    CHECK(story.of(id).state == BridgeState::active);
    CHECK(story.bridge_of(a) == id);
    CHECK(story.bridge_of(leg_b) == CallId::none);
    story.hang_up(leg_b);  // and with it a
    CHECK(story.of(id).calls == std::vector<BridgedCall>{{b, true}});
}

TEST_CASE("bridge: new callIds replace the old ones, and those who leave stay active",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId b = story.answered();
    const CallId c = story.answered();
    const CallId id = story.bridge({a, b});
    static_cast<void>(story.became());
    CHECK(story.put(id, {b, c}) == Refusal::none);
    CHECK(story.became() == Lines{"12.000 active active 2 3"});
    CHECK(story.bridge_of(a) == CallId::none);
    CHECK(story.call(a).state == CallState::active);
    CHECK(story.audio(id, false) == Refusal::none);
    CHECK(story.put(id, {c}) == Refusal::none);
    CHECK(story.became() == Lines{"12.000 active hold silent 2 3", "12.000 hold hold silent 3"});
    CHECK(story.put(id, {}) == Refusal::none);
    CHECK(story.became() == Lines{"12.000 hold completed silent"});
    CHECK(story.call(c).state == CallState::active);
    CHECK(story.refusal_of_new({a, b}) == Refusal::none);
}

TEST_CASE("bridge: without audio it stays created, until the audio is on", "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId b = story.answered();
    const CallId id = story.bridge({a, b}, false);
    CHECK(story.of(id).state == BridgeState::created);
    CHECK(story.audio(id, true) == Refusal::none);
    CHECK(story.of(id).state == BridgeState::active);
    CHECK(story.audio(id, false) == Refusal::none);
    CHECK(story.of(id).state == BridgeState::hold);
}

TEST_CASE("bridge: what is played is heard on both phones, and no event says so",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId b = story.answered();
    const CallId id = story.bridge({a, b});
    static_cast<void>(story.heard());
    CHECK(story.plays(id, speech("hello")) == Refusal::none);
    story.wait(10s);
    CHECK(story.heard() == Lines{"1: 8.300 hello", "2: 8.300 hello"});
    CHECK_FALSE(story.of(id).playing);
    CHECK(story.stops(id) == Refusal::nothing_playing);
    CHECK(story.plays(id, file("http://h/x.wav")) == Refusal::none);
    story.wait(1s);
    CHECK(story.stops(id) == Refusal::none);
    CHECK(story.stops(id) == Refusal::nothing_playing);
    CHECK(story.told().empty());
}

TEST_CASE("bridge: what replaces other audio, or is stopped before it begins, is heard alone",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId id = story.bridge({a});
    CHECK(story.plays(id, speech("one")) == Refusal::none);
    CHECK(story.plays(id, speech("two")) == Refusal::none);
    story.wait(10s);
    CHECK(story.heard() == Lines{"1: 4.300 two"});
    CHECK(story.plays(id, speech("three")) == Refusal::none);
    CHECK(story.stops(id) == Refusal::none);
    story.wait(10s);
    CHECK(story.heard().empty());
}

TEST_CASE("bridge: who comes while a loop plays hears it, and it ends with the last call",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId id = story.bridge({a});
    Audio music = file("http://h/music.wav");
    music.loop = true;
    CHECK(story.plays(id, music) == Refusal::none);
    story.wait(60s);
    CHECK(story.heard() == Lines{"1: 4.300 http://h/music.wav"});
    const CallId b = story.dialled(id);
    story.wait(5s);
    CHECK(story.heard() == Lines{"2: 68.000 http://h/music.wav"});
    story.hang_up(a);
    CHECK(story.of(id).playing);
    story.hang_up(b);
    CHECK_FALSE(story.of(id).playing);
    story.wait(60s);
    CHECK_FALSE(story.engine.next_due().has_value());
}

TEST_CASE("engine: bridges are bounded, and completed ones are forgotten oldest first",
          "[core][bridge]") {
    EngineLimits limits;
    limits.live_bridges = 3;
    limits.ended_bridges = 2;
    Bridging story{{}, Seed{1}, limits};
    const std::array all{story.bridge({}), story.bridge({}), story.bridge({})};
    CHECK(story.refusal_of_new({}) == Refusal::no_room);
    for (const CallId id : all) {
        CHECK(story.put(id, {}) == Refusal::none);
    }
    CHECK(story.engine.live_bridges() == 0);
    CHECK(story.engine.known_bridges() == 2);
    CHECK(story.engine.find_bridge(all[0]) == nullptr);
    CHECK(story.engine.knows(all[1]));
    CHECK(story.put(all[0], {}) == Refusal::no_such_item);
}

TEST_CASE("engine: a reset forgets a user's bridges, and their audio wakes nobody",
          "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId id = story.bridge({a});
    CHECK(story.plays(id, speech("hello")) == Refusal::none);
    const bool everybody = GENERATE(true, false);
    everybody ? story.engine.reset_all() : story.engine.reset("u-1");
    CHECK(story.engine.live_bridges() == 0);
    CHECK(story.engine.find_bridge(id) == nullptr);
    CHECK_FALSE(story.engine.next_due().has_value());
    CHECK(number_of(story.bridge({})) == 1);
}

TEST_CASE("engine: a bridge that is forgotten lets its calls go", "[core][bridge]") {
    Bridging story;
    const CallId a = story.answered();
    const CallId id = story.bridge({a});
    story.engine.forget(id);
    CHECK(story.engine.live_bridges() == 0);
    CHECK(story.bridge_of(a) == CallId::none);
    CHECK(story.refusal_of_new({a}) == Refusal::none);
}

}  // namespace bridge_tests
