#include <catch2/catch.hpp>

#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("engine: the clock is never led to a stale timer", "[core][engine]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, StartGather{});
    story.does(id, PressKeys{"#"});
    story.does(id, to_state(WantedState::completed));
    CHECK(story.engine.next_due() == dawn + 4200ms);
    story.wait(1s);
    CHECK(story.engine.next_due() == std::nullopt);
}

TEST_CASE("engine: numbers and draws count per user, whatever others do", "[core][engine]") {
    ModelSettings settings;
    settings.delays.answer = {1s, 9s};
    const auto answers_of_u1 = [&](int strangers) {
        Story story{settings, Seed{7}};
        std::vector<Instant> answers;
        for (int i = 0; i < 5; ++i) {
            for (int k = 0; k < strangers; ++k) {
                static_cast<void>(story.engine.create(story.engine.user("u-other"),
                                                      Story::outbound(), story.now));
            }
            story.begin(Story::outbound());
        }
        story.wait(20s);
        User& user = *story.engine.find_user("u-1");
        for (std::uint64_t n = 1; n <= 5; ++n) {
            answers.push_back(user.calls.find(n)->active_at);
        }
        return answers;
    };
    CHECK(answers_of_u1(0) == answers_of_u1(3));
}

TEST_CASE("engine: a reset user starts again at number 1 and late news is ignored",
          "[core][engine]") {
    Story story;
    const CallId before = story.begin(Story::outbound());
    story.engine.reset("u-1");
    CHECK(story.engine.find(before) == nullptr);
    CHECK(story.engine.live_calls() == 0);
    const CallId after = story.begin(Story::outbound());
    CHECK(number_of(after) == 1);
    CHECK(after != before);
    CHECK(story.does(before, FarEndHangsUp{}).refusal == Refusal::no_such_item);
    story.wait(10s);
    CHECK(story.told() == Lines{"4.000 answer"});
}

TEST_CASE("engine: live calls are capped, ended ones forgotten oldest first", "[core][engine]") {
    EngineLimits limits;
    limits.live_calls = 3;
    limits.ended_calls = 2;
    Story story{{}, Seed{1}, limits};
    std::vector<CallId> ids;
    for (int i = 0; i < 3; ++i) {
        ids.push_back(story.begin(Story::outbound()));
    }
    CHECK(story.engine.create(story.engine.user("u-1"), Story::outbound(), story.now) == nullptr);
    for (const CallId id : ids) {
        story.does(id, to_state(WantedState::completed));
        story.wait(1s);
    }
    CHECK(story.engine.find(ids[0]) == nullptr);
    CHECK(story.engine.find(ids[1]) != nullptr);
    CHECK(story.engine.known_calls() == 2);
}

TEST_CASE("engine: a call with a recording still to come is not forgotten", "[core][engine]") {
    EngineLimits limits;
    limits.ended_calls = 0;
    Story story{{}, Seed{1}, limits};
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    const CallId id = story.answered(wanted);
    story.does(id, FarEndHangsUp{});
    story.wait(1s);
    CHECK(story.engine.find(id) != nullptr);
    story.wait(1s);
    CHECK(story.told() == Lines{"4.200 hangup NORMAL_CLEARING", "6.000 recording 1 complete"});
}

TEST_CASE("engine: a budget bounds a turn and nothing is lost by it", "[core][engine]") {
    Story story;
    for (int i = 0; i < 10; ++i) {
        story.begin(Story::outbound());
    }
    CHECK_FALSE(story.engine.advance_to(story.now + 4s, 3));
    CHECK(story.engine.advance_to(story.now + 4s, 100));
    CHECK(story.told().size() == 10);
}

TEST_CASE("calls: walked newest first over forgotten pages", "[core][engine]") {
    NumberedTable<Call> table;
    for (int i = 0; i < 100; ++i) {
        table.add(Call{});
    }
    for (std::uint64_t n = 1; n <= 40; ++n) {
        table.forget(n);
    }
    for (std::uint64_t n = 64; n <= 79; ++n) {
        table.forget(n);
    }
    std::size_t seen = 0;
    table.newest_first([&](const Call&) {
        ++seen;
        return true;
    });
    CHECK(seen == 44);
    CHECK(table.size() == 44);
    CHECK(table.find(40) == nullptr);
    CHECK(table.find(41) != nullptr);
    CHECK(table.find(0) == nullptr);
    CHECK(table.find(101) == nullptr);
}

TEST_CASE("engine: a full reset takes back the far ends set since the start", "[core][engine]") {
    ModelSettings settings;
    settings.far_ends["+19195550100"] = FarEnd{FarEndAct::busy, {}, {}};
    Story story{settings};
    CHECK(story.engine.set_far_end("+19195550100", std::nullopt));
    CHECK(story.engine.set_far_end("+19195550101", FarEnd{FarEndAct::busy, {}, {}}));
    story.engine.reset_all();
    CHECK(story.engine.settings().far_ends == settings.far_ends);
}

TEST_CASE("engine: a call that is forgotten never says anything, and the next has another number",
          "[core][engine]") {
    EngineLimits limits;
    limits.live_calls = 1;
    Story story{{}, Seed{1}, limits};
    const CallId first = story.begin(Story::outbound());
    story.engine.outputs().clear();
    story.engine.forget(first);
    story.engine.forget(first);
    CHECK(story.engine.find(first) == nullptr);
    CHECK(story.engine.live_calls() == 0);
    CHECK(story.engine.next_due() == std::nullopt);
    CHECK(story.engine.advance_to(story.now + 1h));
    CHECK(story.engine.outputs().empty());
    CHECK(number_of(story.begin(Story::outbound())) == number_of(first) + 1);
}
