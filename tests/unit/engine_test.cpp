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

TEST_CASE("engine: half of what is over is forgotten at a time, the oldest first, and nothing else",
          "[core][engine]") {
    Story story;
    std::vector<CallId> calls;
    std::vector<CallId> messages;
    for (int i = 0; i < 4; ++i) {
        calls.push_back(story.begin(Story::outbound()));
        NewMessage message;
        message.direction = Direction::in;  // that is all that happens to it
        messages.push_back(
            story.engine.create(story.engine.user("u-1"), std::move(message), story.now)->id);
    }
    const CallId alive = story.begin(Story::outbound());
    for (const CallId id : calls) {
        story.does(id, to_state(WantedState::completed));
        story.wait(1s);
    }

    story.engine.forget_half_of_what_is_over();
    CHECK(story.engine.find(calls[1]) == nullptr);
    CHECK(story.engine.find(calls[2]) != nullptr);
    CHECK(story.engine.find_message(messages[1]) == nullptr);
    CHECK(story.engine.find_message(messages[2]) != nullptr);
    story.engine.forget_half_of_what_is_over();
    story.engine.forget_half_of_what_is_over();
    CHECK(story.engine.known_calls() == 1);
    CHECK(story.engine.known_messages() == 0);
    CHECK(story.engine.find(alive) != nullptr);
}

TEST_CASE("engine: of many users those of whom there is nothing left are forgotten, and no others",
          "[core][engine]") {
    EngineLimits limits;
    limits.users = 3;
    limits.ended_calls = 0;
    Story story{{}, Seed{1}, limits};
    const auto call_of = [&story](const std::string& user) {
        return story.engine.create(story.engine.user(user), Story::outbound(), story.now)->id;
    };
    const CallId kept = call_of("u-calls");
    static_cast<void>(story.engine.apply(story.engine.user("u-owns"),
                                         CreateApplication{Application{.name = "a"}}, story.now));
    const CallId over = call_of("u-over");
    story.does(over, to_state(WantedState::completed));
    story.wait(1s);
    REQUIRE(story.engine.find(over) == nullptr);
    CHECK(story.engine.find_user("u-over") != nullptr);

    static_cast<void>(call_of("u-new"));
    CHECK(story.engine.find_user("u-over") == nullptr);
    CHECK(story.engine.find(kept) != nullptr);
    CHECK(story.engine.find_user("u-owns") != nullptr);
    // Who has something stays, however many there are; what they have is bounded elsewhere.
    for (int i = 0; i < 20; ++i) {
        static_cast<void>(call_of("u-" + std::to_string(i)));
    }
    CHECK(story.engine.users().size() == 23);
    // Many who have only looked leave nothing.
    for (int i = 0; i < 1000; ++i) {
        static_cast<void>(story.engine.user("u-empty-" + std::to_string(i)));
    }
    CHECK(story.engine.users().size() <= 2 * 23);
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
