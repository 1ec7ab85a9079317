#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/conferring.h"

using namespace ringback;
using namespace ringback::test;

namespace conference_tests {
namespace {

constexpr auto none = Refusal::none;

/// What the phones of calls heard or did since the last look: "2 heard_speech Hello".
Lines on_the_phones(Conferring& conferring) {
    constexpr const char* names[] = {"pressed",    "said",    "heard_tone", "heard_speech",
                                     "heard_file", "hung_up", "answered",   "declined"};
    Lines lines;
    for (const Output& output : conferring.engine.outputs()) {
        if (const auto* news = std::get_if<OnThePhone>(&output.what)) {
            lines.push_back(std::to_string(ringback::number_of(output.call)) + " " +
                            names[static_cast<int>(news->what)] + " " + news->text);
        }
    }
    conferring.engine.outputs().clear();
    return lines;
}

}  // namespace

// Spec v1 4.10, row by row.
TEST_CASE(
    "conference: created, joined, muted, held, spoken to, left and over, each told in its turn",
    "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.host();
    CHECK(conferring.meeting(id).state == ConferenceState::created);
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"0.000 = created", "0.100 conference created"});

    const CallId call = conferring.begin(Story::outbound());
    conferring.wait(4s);
    CHECK(conferring.events() == Lines{"5.000 answer"});
    CHECK(conferring.meeting(id).state == ConferenceState::created);

    const Outcome joined = conferring.joins(id, call);
    CHECK(joined.refusal == none);
    CHECK(joined.number == 1);
    CHECK(conferring.meeting(id).state == ConferenceState::active);
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"5.000 = active", "5.000 = 1 active of 1",
                                    "5.100 conference-member 1 active of 1"});

    conferring.confer(id, muting(1, true));
    conferring.wait(1s);
    CHECK(conferring.all() ==
          Lines{"6.000 = 1 active of 1 muted", "6.100 conference-member 1 active of 1 muted"});
    conferring.confer(id, holding(1, true));
    conferring.wait(1s);
    CHECK(conferring.events() == Lines{"7.100 conference-member 1 active of 1 muted held"});

    conferring.confer(id, Play{speech("Hello everybody", "announce")});
    conferring.wait(2s);
    CHECK(conferring.events() == Lines{"8.300 conference-speak started [announce]",
                                       "9.300 conference-speak done [announce]"});
    conferring.confer(id, Play{file("http://a/b.wav")});
    conferring.wait(6s);
    CHECK(conferring.events() ==
          Lines{"10.300 conference-playback started", "15.300 conference-playback done"});
    conferring.does(call, Play{speech("Hello you")});  // to the member: it is the call's
    conferring.wait(2s);
    CHECK(conferring.events() == Lines{"16.300 speak started", "17.300 speak done"});

    conferring.confer(id, leaving(1));
    CHECK(conferring.meeting(id).state == ConferenceState::completed);
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"18.000 = 1 completed of 0 muted held", "18.000 = completed",
                                    "18.100 conference-member 1 completed of 0 muted held",
                                    "18.100 conference completed"});
    CHECK(conferring.call(call).state == CallState::active);
    CHECK(conferring.engine.next_due() == std::nullopt);
    CHECK(conferring.engine.live_conferences() == 0);
}

TEST_CASE("conference: a member whose call ends is told before the hangup, the end behind it",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId first = conferring.joined(id);
    const CallId second = conferring.joined(id);
    conferring.does(first, FarEndHangsUp{});
    CHECK(conferring.meeting(id).active_members == 1);
    conferring.wait(1s);
    CHECK(conferring.events() ==
          Lines{"11.000 conference-member 1 completed of 1", "11.200 hangup NORMAL_CLEARING"});
    conferring.does(second, Play{speech("Bye")});
    conferring.wait(500ms);
    conferring.does(second, to_state(WantedState::completed));
    CHECK(conferring.meeting(id).state == ConferenceState::completed);
    conferring.wait(1s);
    CHECK(conferring.all() ==
          Lines{"12.300 speak started", "12.500 speak done", "12.500 = 2 completed of 0",
                "12.500 conference-member 2 completed of 0", "12.500 = completed",
                "12.700 hangup NORMAL_CLEARING", "12.700 conference completed"});
}

TEST_CASE("conference: terminated, all its members leave and their calls stay",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId first = conferring.joined(id);
    const CallId second = conferring.joined(id);
    conferring.confer(id, Play{speech("This will be cut")});
    conferring.wait(1s);
    conferring.engine.outputs().clear();
    conferring.confer(id, completing());
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"12.000 conference-speak done", "12.000 = 1 completed of 1",
                                    "12.000 = 2 completed of 0", "12.000 = completed",
                                    "12.100 conference-member 1 completed of 1",
                                    "12.100 conference-member 2 completed of 0",
                                    "12.100 conference completed"});
    CHECK(conferring.call(first).state == CallState::active);
    CHECK_FALSE(conferring.call(second).details->conferring);
    CHECK(conferring.call(second).details->conference == id);
    CHECK(conferring.meeting(id).members.size() == 2);
}

TEST_CASE("conference: one that nobody ever joined waits, and can be terminated",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    conferring.wait(24h);
    CHECK(conferring.meeting(id).state == ConferenceState::created);
    conferring.confer(id, completing());
    conferring.wait(1s);
    CHECK(conferring.events() == Lines{"86401.100 conference completed"});
}

TEST_CASE("conference: mute and hold for all are told to nobody and change no member",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    conferring.joined(id);
    UpdateConference update;
    update.mute = true;
    update.hold = true;
    conferring.confer(id, update);
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"6.000 = active muted held"});
    CHECK_FALSE(conferring.meeting(id).members[0].mute);
    conferring.confer(id, update);
    conferring.wait(1s);
    CHECK(conferring.all().empty());
}

TEST_CASE("conference: what is asked for again changes nothing and is not told",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    conferring.joined(id);
    conferring.confer(id, muting(1, false));
    UpdateMember tones = to_member(1);
    tones.join_tone = true;
    tones.leaving_tone = true;
    conferring.confer(id, tones);
    conferring.wait(1s);
    CHECK(conferring.all().empty());
    CHECK(conferring.meeting(id).members[0].leaving_tone);
    UpdateMember both = muting(1, true);
    both.hold = true;
    conferring.confer(id, both);
    conferring.wait(1s);
    CHECK(conferring.events() == Lines{"7.100 conference-member 1 active of 1 muted held"});
}

TEST_CASE("conference: each event says what was when it was owed, by the URL and tag of now",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId call = conferring.answered();
    conferring.joins(id, call);
    conferring.confer(id, muting(1, true));
    UpdateConference update;
    update.tag = "new";
    Route elsewhere;
    elsewhere.url = "http://127.0.0.1:9000/elsewhere";
    elsewhere.method = Method::get;
    update.route = RouteRef{elsewhere};
    conferring.confer(id, update);
    conferring.wait(1s);
    for (const Output& output : conferring.engine.outputs()) {
        if (const auto* callback = std::get_if<Callback>(&output.what)) {
            CHECK(*callback->route == elsewhere);
            CHECK(callback->strand == id);
        }
    }
    CHECK(conferring.events() == Lines{"5.100 conference-member 1 active of 1 [new]",
                                       "5.100 conference-member 1 active of 1 muted [new]"});
}

TEST_CASE("conference: its events keep the order of what happened, however delays are drawn",
          "[core][conference]") {
    ModelSettings settings;
    settings.delays.small = {0s, 10s};
    settings.delays.audio_start = Duration{};
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Conferring conferring{settings, Seed{seed}};
        const CallId id = conferring.host();
        const CallId call = conferring.begin(Story::outbound());
        conferring.wait(4s);
        conferring.joins(id, call);
        conferring.confer(id, muting(1, true));
        conferring.confer(id, muting(1, false));
        conferring.confer(id, Play{speech("Hi")});
        conferring.wait(60s);
        Lines told;
        for (const Output& output : conferring.engine.outputs()) {
            const auto* callback = std::get_if<Callback>(&output.what);
            if (callback != nullptr && callback->strand == id) {
                told.push_back(event_text(callback->event));
            }
        }
        CHECK(told == Lines{"conference created", "conference-member 1 active of 1",
                            "conference-member 1 active of 1 muted",
                            "conference-member 1 active of 1", "conference-speak started",
                            "conference-speak done"});
    }
}

TEST_CASE("conference: without a URL it lives the same life and nobody is told",
          "[core][conference]") {
    NewConference wanted = Conferring::conference();
    wanted.route = {};
    Conferring conferring;
    const CallId id = conferring.hosted(wanted);
    conferring.joined(id);
    conferring.confer(id, Play{speech("Hello")});
    conferring.wait(5s);
    conferring.confer(id, leaving(1));
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"11.000 = 1 completed of 0", "11.000 = completed"});
}

TEST_CASE("conference: the 21st active member is one too many, and a place left is free again",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    std::vector<CallId> calls;
    for (int i = 0; i < 22; ++i) {
        calls.push_back(conferring.begin(Story::outbound()));
    }
    conferring.wait(4s);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(conferring.joins(id, calls[i]).number == i + 1);
    }
    CHECK(conferring.joins(id, calls[20]).refusal == Refusal::conference_full);
    CHECK(conferring.meeting(id).active_members == 20);
    conferring.confer(id, leaving(7));
    CHECK(conferring.joins(id, calls[20]).number == 21);
    CHECK(conferring.joins(id, calls[21]).refusal == Refusal::conference_full);
    conferring.does(calls[0], FarEndHangsUp{});
    CHECK(conferring.joins(id, calls[21]).number == 22);
    CHECK(conferring.joins(id, conferring.answered()).refusal == Refusal::conference_full);
}

TEST_CASE("conference: who may join", "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId other = conferring.hosted();
    const CallId ringing = conferring.begin(Story::outbound());
    CHECK(conferring.joins(id, ringing).refusal == Refusal::invalid_state);
    conferring.does(ringing, to_state(WantedState::completed));
    CHECK(conferring.joins(id, ringing).refusal == Refusal::already_ended);
    const CallId call = conferring.joined(id);
    CHECK(conferring.joins(id, call).refusal == Refusal::already_member);
    CHECK(conferring.joins(other, call).refusal == Refusal::already_member);
    conferring.confer(id, leaving(1));
    CHECK(conferring.joins(other, call).refusal == none);
    CHECK(conferring.call(call).details->conference == other);
    CHECK(conferring.joins(id, conferring.answered()).refusal == Refusal::conference_over);
    CHECK(conferring.joins(other, call_id(UserSlot{9}, 1)).refusal == Refusal::no_such_item);
    const CallId of_another_user =
        conferring.engine.create(conferring.engine.user("u-2"), Story::outbound(), conferring.now)
            ->id;
    conferring.wait(5s);
    CHECK(conferring.joins(other, of_another_user).refusal == Refusal::no_such_item);
}

TEST_CASE("conferences and bridges take no call that is under control of a document",
          "[core][conference][bridge]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    NewCall by_get = Story::outbound();
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    route.method = Method::get;
    by_get.route = RouteRef{route};
    const CallId call = conferring.answered(by_get);
    User& user = conferring.engine.user("u-1");
    const CallId bridge = conferring.engine.create_bridge(user, true, {call}, conferring.now).leg;
    bxml::Document document;
    document.steps.push_back({bxml::Pause{60s}, {}});
    conferring.does(call, DocumentCame{EventType::answer, route.url,
                                       Shared<bxml::Document>{std::move(document)}});
    REQUIRE(is_under_document(conferring.call(call)));

    CHECK(conferring.joins(id, call).refusal == Refusal::invalid_state);
    CHECK(conferring.engine.create_bridge(user, true, {call}, conferring.now).refusal ==
          Refusal::in_another_bridge);
    // Named again where it was before the document, it may stay; once out, it stays out.
    const auto put = [&](const std::vector<CallId>& calls) {
        return conferring.engine.update_bridge(bridge, std::nullopt, calls, conferring.now);
    };
    CHECK(put({call}).refusal == Refusal::none);
    const CallId other = conferring.answered();
    CHECK(put({other}).refusal == Refusal::none);
    CHECK(put({other, call}) == Outcome{Refusal::invalid_state, 0, call});
    CHECK(conferring.engine.create_bridge(user, true, {call}, conferring.now) ==
          Outcome{Refusal::invalid_state, 0, call});
    CHECK(conferring.call(call).details->bridge == CallId::none);
    CHECK_FALSE(conferring.call(call).details->conferring);
}

TEST_CASE("conference: strict, only calls created for it join", "[core][conference]") {
    ModelSettings settings;
    settings.switches.strict_conference = true;
    Conferring conferring{settings};
    const CallId id = conferring.hosted();
    const CallId other = conferring.hosted();
    NewCall tied = Story::outbound();
    tied.conference = id;
    const CallId call = conferring.answered(tied);
    CHECK(conferring.joins(id, conferring.answered()).refusal == Refusal::other_conference);
    CHECK(conferring.joins(other, call).refusal == Refusal::other_conference);
    CHECK(conferring.joins(id, call).refusal == none);
}

TEST_CASE("conference: a call that is only tied to one does nothing to it", "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    NewCall tied = Story::outbound();
    tied.conference = id;
    const CallId call = conferring.answered(tied);
    conferring.does(call, PressKeys{"5"});
    conferring.does(call, FarEndHangsUp{});
    conferring.wait(1s);
    CHECK(conferring.all() == Lines{"5.000 dtmf 5", "5.200 hangup NORMAL_CLEARING"});
    CHECK(conferring.meeting(id).state == ConferenceState::created);
}

TEST_CASE("conference: its keys are its own, or the call's, by the profile", "[core][conference]") {
    for (const KeyProfile profile : {KeyProfile::interpret_digits, KeyProfile::passthru_digits}) {
        Conferring conferring;
        const CallId id = conferring.hosted(Conferring::conference(profile));
        const CallId call = conferring.joined(id);
        conferring.does(call, StartGather{});
        conferring.does(call, PressKeys{"1#"});
        const Lines told = conferring.events();
        if (profile == KeyProfile::passthru_digits) {
            CHECK(told ==
                  Lines{"6.000 dtmf 1", "6.000 dtmf #", "6.000 gather terminating-digit 1"});
            continue;
        }
        CHECK(told.empty());
        conferring.wait(5s);
        CHECK(conferring.events() == Lines{"11.000 gather inter-digit-timeout "});
        conferring.does(call, PressKeys{"7"});
        CHECK(on_the_phones(conferring) == Lines{"1 pressed 7"});
        conferring.confer(id, leaving(1));
        conferring.does(call, PressKeys{"2"});
        CHECK(conferring.events() == Lines{"11.000 dtmf 2"});
    }
}

// Spec v1 2.3: the other keys are volumes, which nobody can look at.
TEST_CASE("conference: with * a member hears nothing until it presses that again, by the profile",
          "[core][conference]") {
    for (const KeyProfile profile : {KeyProfile::interpret_digits, KeyProfile::passthru_digits}) {
        Conferring conferring;
        const CallId id = conferring.hosted(Conferring::conference(profile));
        const CallId first = conferring.joined(id);
        conferring.joined(id);
        const auto hears = [&] {
            conferring.engine.outputs().clear();
            conferring.confer(id, Play{speech("hello")});
            conferring.wait(5s);
            return on_the_phones(conferring);
        };
        const Lines both{"1 heard_speech hello", "2 heard_speech hello"};
        CHECK(hears() == both);
        conferring.does(first, PressKeys{"10*"});
        CHECK(hears() ==
              (profile == KeyProfile::interpret_digits ? Lines{"2 heard_speech hello"} : both));
        CHECK_FALSE(conferring.meeting(id).members[0].mute);
        CHECK_FALSE(conferring.meeting(id).members[0].hold);
        conferring.does(first, PressKeys{"*"});
        CHECK(hears() == both);
    }
}

TEST_CASE("conference: everybody hears what is played and the tones but who is on hold",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    conferring.joined(id);
    conferring.joined(id);
    conferring.confer(id, holding(1, true));
    AddMember loud;
    loud.call = conferring.answered();
    loud.join_tone = true;
    loud.leaving_tone = true;
    conferring.engine.outputs().clear();
    conferring.confer(id, loud);
    CHECK(on_the_phones(conferring) == Lines{"2 heard_tone join", "3 heard_tone join"});
    conferring.confer(id, Play{file("http://a/b.wav")});
    conferring.wait(6s);
    CHECK(on_the_phones(conferring) ==
          Lines{"2 heard_file http://a/b.wav", "3 heard_file http://a/b.wav"});
    conferring.confer(id, leaving(3));
    CHECK(on_the_phones(conferring) == Lines{"2 heard_tone leave"});
    UpdateConference hold;
    hold.hold = true;
    conferring.confer(id, hold);
    conferring.confer(id, Play{speech("Nobody hears this")});
    conferring.wait(6s);
    CHECK(on_the_phones(conferring).empty());
}

TEST_CASE("conference: audio is stopped, looped and replaced as a call's is",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    CHECK(conferring.confer(id, StopPlaying{}).refusal == Refusal::nothing_playing);
    Audio loop = speech("Please wait");
    loop.loop = true;
    conferring.confer(id, Play{loop});
    conferring.wait(1h);
    CHECK(conferring.events() == Lines{"1.300 conference-speak started"});
    conferring.confer(id, Play{file("http://a/b.wav")});
    conferring.confer(id, StopPlaying{});
    CHECK(conferring.confer(id, StopPlaying{}).refusal == Refusal::nothing_playing);
    conferring.wait(1s);
    CHECK(conferring.events() == Lines{"3601.000 conference-speak done",
                                       "3601.000 conference-playback started",
                                       "3601.100 conference-playback done"});
    CHECK(conferring.engine.next_due() == std::nullopt);
}

TEST_CASE("conference: what plays ends with the last member, and is told before that",
          "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId call = conferring.joined(id);
    conferring.confer(id, Play{speech("Hello")});
    conferring.does(call, FarEndHangsUp{});
    conferring.wait(1s);
    CHECK(conferring.events() ==
          Lines{"6.000 conference-speak started", "6.000 conference-speak done",
                "6.000 conference-member 1 completed of 0", "6.200 hangup NORMAL_CLEARING",
                "6.200 conference completed"});
}

// Every command in every state: what is refused changes nothing.
TEST_CASE("conference: state by command, what is refused and why", "[core][conference]") {
    enum class State { created, active, completed };
    struct Command {
        const char* name;
        std::function<Outcome(Conferring&, CallId)> give;
        Refusal in_created;
        Refusal in_active;
        Refusal in_completed;
    };
    constexpr auto over = Refusal::conference_over;
    constexpr auto no_item = Refusal::no_such_item;
    UpdateConference settings;
    settings.tag = "t";
    settings.hold = true;
    const auto input = [](const ConferenceInput& given) {
        return [given](Conferring& conferring, CallId id) { return conferring.confer(id, given); };
    };
    const std::vector<Command> commands{
        {"state completed", input(completing()), none, none, over},
        {"settings", input(settings), none, none, over},
        {"nothing", input(UpdateConference{}), none, none, over},
        {"play", input(Play{speech("Hello")}), none, none, over},
        {"stop", input(StopPlaying{}), Refusal::nothing_playing, Refusal::nothing_playing, over},
        {"add a call",
         [](Conferring& conferring, CallId id) {
             return conferring.joins(id, conferring.answered());
         },
         none, none, over},
        {"add nobody", input(AddMember{}), no_item, no_item, no_item},
        {"mute member 1", input(muting(1, true)), no_item, none, over},
        {"hold member 1", input(holding(1, true)), no_item, none, over},
        {"remove member 1", input(leaving(1)), no_item, none, over},
        {"mute member 2, who has left", input(muting(2, true)), no_item, Refusal::member_left,
         over},
        {"remove member 2", input(leaving(2)), no_item, Refusal::member_left, over},
        {"mute member 0", input(muting(0, true)), no_item, no_item, no_item},
        {"mute member 9", input(muting(9, true)), no_item, no_item, no_item},
        {"a stale timer", input(TimerFired{Timer{TimerKind{}, 999, 0}}), none, none, none},
        {"a timer of no kind", input(TimerFired{Timer{TimerKind{}, 0, 9}}), none, none, none},
        {"news of a stranger", input(GroupTold{call_id(UserSlot{1}, 99), GroupNews::ended}), none,
         none, none},
        {"news of an answer", input(GroupTold{call_id(UserSlot{1}, 1), GroupNews::answered}), none,
         none, none},
    };
    for (const Command& command : commands) {
        for (const State state : {State::created, State::active, State::completed}) {
            CAPTURE(command.name, static_cast<int>(state));
            Conferring conferring;
            const CallId id = conferring.hosted();
            if (state != State::created) {
                conferring.joined(id);
                conferring.joined(id);
                conferring.confer(id, leaving(2));
            }
            if (state == State::completed) {
                conferring.confer(id, completing());
            }
            conferring.wait(10s);
            conferring.engine.outputs().clear();
            const Conference before = conferring.meeting(id);
            const Refusal expected = state == State::created  ? command.in_created
                                     : state == State::active ? command.in_active
                                                              : command.in_completed;

            const Refusal refusal = command.give(conferring, id).refusal;

            CHECK(refusal == expected);
            if (refusal != none) {
                Conference after = conferring.meeting(id);
                CHECK(after == before);
                for (const Output& output : conferring.engine.outputs()) {
                    CHECK(output.call != id);
                }
            }
        }
    }
}

TEST_CASE(
    "conference: a client that changes its mind while the clock stands owes no more than so much",
    "[core][conference]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    conferring.joined(id);
    for (int i = 0; i < 5000; ++i) {
        conferring.confer(id, muting(1, i % 2 == 0));
        REQUIRE(conferring.meeting(id).owed.size() <= 1000);
    }
    conferring.wait(1s);
    CHECK(conferring.events().size() == 5000);
}

TEST_CASE("engine: a conference, a call and a message of one number are three things",
          "[core][engine]") {
    Conferring conferring;
    const CallId id = conferring.host();
    const CallId call = conferring.begin(Story::outbound());
    CHECK(ringback::number_of(id) == ringback::number_of(call));
    CHECK(resource_of(id) == Resource::conference);
    CHECK(conferring.engine.find(id) == nullptr);
    CHECK(conferring.engine.find_message(id) == nullptr);
    CHECK(conferring.engine.find_conference(call) == nullptr);
    CHECK(conferring.engine.knows(id));
    CHECK(conferring.does(id, FarEndHangsUp{}).refusal == Refusal::no_such_item);
    CHECK(conferring.confer(call, completing()).refusal == Refusal::no_such_item);
}

TEST_CASE("engine: conferences that are over are forgotten oldest first, the others never",
          "[core][engine]") {
    EngineLimits limits;
    limits.over_conferences = 1;
    limits.live_conferences = 3;
    limits.conference_members = 1;
    Conferring conferring{ModelSettings{}, Seed{1}, limits};
    const CallId first = conferring.host();
    const CallId second = conferring.host();
    const CallId third = conferring.host();
    CHECK(conferring.engine.create(conferring.engine.user("u-1"), Conferring::conference(),
                                   conferring.now) == nullptr);
    const CallId call = conferring.answered();
    CHECK(conferring.joins(first, call).refusal == none);
    CHECK(conferring.joins(second, conferring.answered()).refusal == Refusal::no_room);
    conferring.confer(first, completing());
    conferring.confer(second, completing());
    CHECK(conferring.engine.live_conferences() == 1);
    conferring.wait(10s);
    conferring.host();
    CHECK_FALSE(conferring.engine.knows(first));
    CHECK(conferring.engine.knows(second));
    CHECK(conferring.engine.knows(third));
    CHECK(conferring.call(call).details->conference == CallId::none);
    CHECK(conferring.joins(third, call).refusal == none);  // there is room again
}

TEST_CASE("engine: a conference forgotten or reset is never heard of again", "[core][engine]") {
    Conferring conferring;
    const CallId id = conferring.host();
    const CallId call = conferring.answered();
    conferring.joins(id, call);
    conferring.engine.forget(id);
    CHECK(conferring.engine.live_conferences() == 0);
    CHECK(conferring.call(call).details->conference == CallId::none);
    conferring.engine.outputs().clear();
    conferring.does(call, FarEndHangsUp{});
    conferring.wait(60s);
    CHECK(conferring.events() == Lines{"4.200 hangup NORMAL_CLEARING"});
    conferring.host();
    conferring.engine.reset("u-1");
    CHECK(conferring.engine.live_conferences() == 0);
    conferring.engine.outputs().clear();
    conferring.wait(60s);
    CHECK(conferring.events().empty());
    CHECK(conferring.engine.next_due() == std::nullopt);
    conferring.host();
    conferring.engine.reset_all();
    CHECK(conferring.engine.live_conferences() == 0);
    CHECK(conferring.engine.known_conferences() == 0);
}

TEST_CASE("engine: a call forgotten while it confers has left", "[core][engine]") {
    Conferring conferring;
    const CallId id = conferring.hosted();
    const CallId call = conferring.joined(id);
    conferring.engine.forget(call);
    CHECK(conferring.meeting(id).state == ConferenceState::completed);
    CHECK(conferring.meeting(id).active_members == 0);
}

TEST_CASE("an event, an output and a call are no larger for conferences", "[core]") {
    CHECK(sizeof(Call) == 272);
    CHECK(sizeof(ConferenceDetail) == sizeof(void*));
    CHECK(sizeof(ConferenceBecame) <= sizeof(Callback));
}

}  // namespace conference_tests
