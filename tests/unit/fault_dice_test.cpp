#include "simulator/core/fault_dice.h"

#include <catch2/catch.hpp>

#include "tests/support/seeds.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

FaultRule drop_rule() {
    FaultRule rule;
    rule.name = "drop";
    rule.what = FaultRule::OfCallbacks{{}, fault::Drop{}};
    return rule;
}

Event event_of(std::uint64_t call, EventType type = EventType::dtmf) {
    Event event;
    event.type = type;
    event.call = call_id(UserSlot{1}, call);
    return event;
}

/// Which of that many events of a call meet anything, and by what draws.
std::vector<std::uint64_t> met_by(FaultDice& dice, std::uint64_t call, int events) {
    std::vector<std::uint64_t> draws;
    for (int i = 0; i < events; ++i) {
        const auto met = dice.on_event(event_of(call), 7, 0s).met;
        draws.push_back(met.empty() ? 1'000'000 : met[0].draw);
    }
    return draws;
}

}  // namespace

TEST_CASE("fault dice: a rule is met by the events that it is for, in its time", "[core][faults]") {
    FaultRule rule = drop_rule();
    std::get<FaultRule::OfCallbacks>(rule.what).on = {EventType::speak, EventFilter::Phase::done};
    rule.from = 1s;
    rule.until = 2s;
    FaultDice dice{{{rule}, {}}, Seed{1}};
    Event done = event_of(1, EventType::speak);
    done.detail = AudioDetail{true};
    Event started = event_of(1, EventType::speak);
    started.detail = AudioDetail{false};

    CHECK(dice.on_event(done, 7, 999ms).met.empty());
    CHECK(dice.on_event(done, 7, 1s).met.size() == 1);
    CHECK(dice.on_event(started, 7, 1s).met.empty());
    CHECK(dice.on_event(event_of(1), 7, 1s).met.empty());
    CHECK(dice.on_event(done, 7, 2s).met.empty());
}

TEST_CASE("fault dice: the n-th is the n-th of each call, and so many are so many of each",
          "[core][faults]") {
    FaultRule second = drop_rule();
    second.nth = 2;
    FaultRule once = drop_rule();
    once.times = 1;
    FaultDice dice{{{second, once}, {}}, Seed{1}};
    for (const std::uint64_t call : {1U, 2U}) {
        const auto first = dice.on_event(event_of(call), 7, 0s).met;
        REQUIRE(first.size() == 1);
        CHECK(first[0].number == 2);
        const auto next = dice.on_event(event_of(call), 7, 0s).met;
        REQUIRE(next.size() == 1);
        CHECK(next[0].number == 1);
        CHECK(dice.on_event(event_of(call), 7, 0s).met.empty());
    }
}

TEST_CASE("fault dice: of a rule that does nothing it is said by which draw, and why",
          "[core][faults]") {
    using Why = DrawMissed::Why;
    FaultRule hopeless = drop_rule();
    hopeless.toxicity = 0;
    FaultRule second = drop_rule();
    second.nth = 2;
    FaultRule later = drop_rule();
    later.from = 1s;
    FaultRule once = drop_rule();
    once.name = "once";
    once.what = FaultRule::OfCallbacks{{}, fault::Delay{}};
    once.times = 1;
    FaultRule shuffled = drop_rule();
    shuffled.what = FaultRule::OfCallbacks{{}, fault::Shuffle{}};
    FaultRule elsewhere = drop_rule();
    std::get<FaultRule::OfCallbacks>(elsewhere.what).on.type = EventType::hangup;
    FaultDice dice{{{hopeless, second, later, once, shuffled, shuffled, elsewhere}, {}}, Seed{1}};
    const auto told = [](const FaultDice::Roll& roll) {
        std::vector<std::pair<std::uint32_t, Why>> all;
        for (const DrawMissed& one : roll.missed) {
            all.emplace_back(one.rule, one.why);
            CHECK(one.draw < 1'000'000);
        }
        return all;
    };
    using Told = std::vector<std::pair<std::uint32_t, Why>>;

    const auto first = dice.on_event(event_of(1), 7, 0s);
    CHECK(told(first) ==
          Told{{1, Why::chance}, {2, Why::nth}, {3, Why::window}, {6, Why::another}});
    REQUIRE(first.met.size() == 2);
    CHECK(first.met[0].number == 4);
    CHECK(first.met[1].number == 5);
    const auto lost = dice.on_event(event_of(1), 7, 0s);
    CHECK(
        told(lost) ==
        Told{{1, Why::chance}, {3, Why::window}, {4, Why::times}, {5, Why::lost}, {6, Why::lost}});
    CHECK(dice.names()->at(3) == "once");
    REQUIRE(lost.met.size() == 1);
    CHECK(lost.met[0].number == 2);

    // What was drawn is the same, whether the rule strikes by it or not.
    FaultRule always = hopeless;
    always.toxicity = 1'000'000;
    FaultDice other{{{always}, {}}, Seed{1}};
    CHECK(other.on_event(event_of(1), 7, 0s).met.at(0).draw == first.missed[0].draw);
}

TEST_CASE("fault dice: what another rule has decided does not count among its times",
          "[core][faults]") {
    FaultRule first = drop_rule();
    first.nth = 1;
    FaultRule once = drop_rule();
    once.what = FaultRule::OfCallbacks{{}, fault::Delay{}};
    once.times = 1;
    FaultDice dice{{{first, once}, {}}, Seed{1}};
    CHECK(dice.on_event(event_of(1), 7, 0s).missed.at(0).why == DrawMissed::Why::lost);
    const auto second = dice.on_event(event_of(1), 7, 0s);
    REQUIRE(second.met.size() == 1);
    CHECK(second.met[0].number == 2);
    const auto third = dice.on_event(event_of(1), 7, 0s);
    CHECK(third.met.empty());
    CHECK(third.missed.at(1).why == DrawMissed::Why::times);
    CHECK(dice.totals() == std::vector<FaultTally::Rule>{{3, 1}, {3, 1}});
}

TEST_CASE("fault dice: as many meet a rule as its toxicity says", "[core][faults]") {
    FaultRule rule = drop_rule();
    rule.toxicity = 250'000;
    FaultDice dice{{{rule}, {}}, Seed{3}};
    int met = 0;
    for (std::uint64_t call = 1; call <= 10'000; ++call) {
        met += dice.on_event(event_of(call), 7, 0s).met.empty() ? 0 : 1;
    }
    CHECK(met > 2'300);
    CHECK(met < 2'700);
}

TEST_CASE("fault dice: what a call meets is its own, whatever others do", "[property][faults]") {
    for (const Seed seed : test::seeds(50)) {
        CAPTURE(test::number_of(seed));
        FaultRule rule = drop_rule();
        rule.toxicity = 500'000;
        FaultDice alone{{{rule}, {}}, seed};
        const auto expected = met_by(alone, 5, 20);

        // Another rule behind it, other calls and requests in between.
        FaultRule other = drop_rule();
        other.toxicity = 300'000;
        FaultDice crowded{{{rule, other}, {}}, seed};
        std::vector<std::uint64_t> found;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            static_cast<void>(crowded.on_event(event_of(6), 7, 0s));
            static_cast<void>(crowded.on_request("POST", "/v1/users/u/calls", 7, 0s));
            const auto met = crowded.on_event(event_of(5), 7, 0s).met;
            found.push_back(!met.empty() && met[0].number == 1 ? met[0].draw : 1'000'000);
        }
        REQUIRE(found == expected);
    }
}

TEST_CASE("fault dice: a plan's own seed counts, not the network's", "[core][faults]") {
    FaultRule rule = drop_rule();
    rule.toxicity = 500'000;
    FaultDice one{{{rule}, Seed{9}}, Seed{1}};
    FaultDice other{{{rule}, Seed{9}}, Seed{2}};
    FaultDice third{{{rule}, {}}, Seed{2}};
    const auto draws = met_by(one, 1, 20);
    CHECK(met_by(other, 1, 20) == draws);
    CHECK(met_by(third, 1, 20) != draws);
}

TEST_CASE("fault dice: requests are counted for each user", "[core][faults]") {
    FaultRule rule;
    rule.name = "fail";
    rule.nth = 2;
    rule.what = FaultRule::OfAnswers{{"POST", "/v1/users/*/calls"}, fault::Fail{}};
    FaultDice dice{{{rule}, {}}, Seed{1}};
    CHECK(dice.on_request("POST", "/v1/users/a/calls", 1, 0s).met.empty());
    CHECK(dice.on_request("GET", "/v1/users/a/calls", 1, 0s).met.empty());
    CHECK(dice.on_request("POST", "/v1/users/b/calls", 2, 0s).met.empty());
    CHECK(dice.on_request("POST", "/v1/users/a/calls", 1, 0s).met.size() == 1);
    CHECK(dice.on_request("POST", "/v1/users/a/calls", 1, 0s).met.empty());
    CHECK(dice.on_event(event_of(1), 1, 0s).met.empty());
}

TEST_CASE("fault dice: of each rule it is known how often it was for something, and struck",
          "[core][faults]") {
    FaultRule elsewhere = drop_rule();
    std::get<FaultRule::OfCallbacks>(elsewhere.what).on.type = EventType::hangup;
    FaultRule once = drop_rule();
    once.times = 1;
    FaultRule late = drop_rule();
    late.what = FaultRule::OfCallbacks{{}, fault::Delay{}};
    FaultRule fail;
    fail.what = FaultRule::OfAnswers{{"POST", "/v1/users/*/calls"}, fault::Fail{}};
    fail.nth = 9;
    FaultDice dice{{{elsewhere, once, late, fail}, {}}, Seed{1}};
    CHECK(dice.totals() == std::vector<FaultTally::Rule>(4));

    static_cast<void>(dice.on_event(event_of(1), 7, 0s));  // lost: nothing else is seen of it
    static_cast<void>(dice.on_event(event_of(1), 7, 0s));
    static_cast<void>(dice.on_request("POST", "/v1/users/a/calls", 7, 0s));
    static_cast<void>(dice.on_request("GET", "/v1/users/a/calls", 7, 0s));

    CHECK(dice.totals() == std::vector<FaultTally::Rule>{{0, 0}, {2, 1}, {2, 1}, {1, 0}});
}
