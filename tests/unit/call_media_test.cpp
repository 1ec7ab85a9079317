#include <catch2/catch.hpp>

#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("audio: speech lasts 0.4 s a word, one second at least", "[core][audio]") {
    const Delays delays;
    CHECK(length_of(speech("Hi"), delays) == 1s);
    CHECK(length_of(speech("one two  three"), delays) == 1200ms);
    CHECK(length_of(speech(" \t"), delays) == 1s);
    CHECK(length_of(file("http://x/a.wav"), delays) == 5s);
    std::string long_text;
    for (int i = 0; i < 75; ++i) {
        long_text += "word ";
    }
    CHECK(length_of(speech(long_text), delays) == 30s);
}

TEST_CASE("audio: a file plays from started to done", "[core][audio]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, Play{file("http://x/a.wav", "music")});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.300 playback started [music]", "9.300 playback done [music]"});
}

TEST_CASE("audio: stopped early it is done at once, and cannot be stopped twice", "[core][audio]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, Play{speech("one two three four five six seven")});
    story.wait(1s);
    CHECK(story.does(id, StopPlaying{}) == Outcome{});
    CHECK(story.does(id, StopPlaying{}).refusal == Refusal::nothing_playing);
    story.wait(60s);
    CHECK(story.told() == Lines{"4.300 speak started", "5.100 speak done"});
    CHECK(story.does(id, StopPlaying{}).refusal == Refusal::nothing_playing);
}

TEST_CASE("audio: stopped before it was heard it still has both events", "[core][audio]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, Play{speech("one")});
    story.does(id, StopPlaying{});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.000 speak started", "4.100 speak done"});
}

TEST_CASE("audio: a loop starts once and ends only when stopped", "[core][audio]") {
    Story story;
    const CallId id = story.answered();
    Audio loop = file("http://x/hold.wav");
    loop.loop = true;
    story.does(id, Play{loop});
    story.wait(3600s);
    CHECK(story.told() == Lines{"4.300 playback started"});
    story.does(id, StopPlaying{});
    story.wait(1s);
    CHECK(story.told() == Lines{"3604.100 playback done"});
}

TEST_CASE("audio: the new one replaces what plays, whose done event comes first", "[core][audio]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, Play{speech("one two three four five six", "A")});
    story.wait(1s);
    story.does(id, Play{file("http://x/b.wav", "B")});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.300 speak started [A]", "5.000 speak done [A]",
                                "5.300 playback started [B]", "10.300 playback done [B]"});
}

TEST_CASE("audio: not on a call that rings", "[core][audio]") {
    Story story;
    const CallId id = story.begin(Story::outbound());
    CHECK(story.does(id, Play{speech("hi")}).refusal == Refusal::invalid_state);
    CHECK(story.does(id, StopPlaying{}).refusal == Refusal::invalid_state);
}

TEST_CASE("hang-up: done, gather hung-up, hangup, recording, transcription", "[core][audio]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    wanted.transcription_enabled = true;
    const CallId id = story.answered(wanted);
    story.does(id, StartGather{});
    story.does(id, Play{speech("one two three four five six seven eight nine")});
    story.wait(1s);
    story.does(id, PressKeys{"7"});
    story.does(id, Say{"Call me back"});
    story.does(id, FarEndHangsUp{});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.300 speak started", "5.000 dtmf 7", "5.000 speak done",
                                "5.000 gather hung-up 7", "5.200 hangup NORMAL_CLEARING",
                                "7.000 recording 1 complete",
                                "17.000 transcription \"Call me back\""});
}

TEST_CASE("hang-up: the recording event waits for a later hangup event", "[core][audio]") {
    ModelSettings settings;
    settings.delays.save = Duration{};
    Story story{settings};
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    const CallId id = story.answered(wanted);
    story.does(id, FarEndHangsUp{});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.200 hangup NORMAL_CLEARING", "4.200 recording 1 complete"});
}

TEST_CASE("gather: ends for each of its reasons", "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    StartGather two;
    two.gather.max_digits = 2;
    two.gather.tag = "menu";

    CHECK(story.does(id, two) == Outcome{Refusal::none, 1, CallId::none});
    CHECK(story.does(id, two).refusal == Refusal::duplicate_gather);
    story.does(id, PressKeys{"25"});
    CHECK(story.told() ==
          Lines{"4.000 dtmf 2", "4.000 dtmf 5", "4.000 gather max-digits 25 [menu]"});

    CHECK(story.does(id, StartGather{}).number == 2);
    story.does(id, PressKeys{"2#"});
    CHECK(story.told() ==
          Lines{"4.000 dtmf 2", "4.000 dtmf #", "4.000 gather terminating-digit 2"});

    story.does(id, StartGather{});
    story.wait(60s);
    CHECK(story.told() == Lines{"9.000 gather inter-digit-timeout "});

    story.does(id, StartGather{});
    story.wait(4s);
    story.does(id, PressKeys{"1"});
    story.wait(60s);
    CHECK(story.told() == Lines{"68.000 dtmf 1", "73.000 gather inter-digit-timeout 1"});

    CHECK(story.does(id, StartGather{}).number == 5);
    CHECK(story.does(id, StopGather{5}) == Outcome{});
    CHECK(story.call(id).details->gathers[4].reason == GatherReason::cancelled);
    CHECK(story.does(id, StopGather{5}).refusal == Refusal::invalid_state);
    CHECK(story.does(id, StopGather{6}).refusal == Refusal::no_such_item);
    story.wait(1s);
    CHECK(story.told() == Lines{"128.100 gather cancelled "});
}

TEST_CASE("gather: the timer waits for the prompt's end, a key cuts the prompt", "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    StartGather gather;
    gather.prompt = speech("one two three four five");  // 2 s from 4.3 on
    story.does(id, gather);
    story.wait(2s);
    CHECK(story.call(id).details->playing);
    story.wait(10s);
    CHECK(story.told() == Lines{"11.300 gather inter-digit-timeout "});

    story.does(id, gather);
    story.wait(1s);
    story.does(id, PressKeys{"1"});
    CHECK_FALSE(story.call(id).details->playing);
    story.wait(5s - 1ns);
    CHECK(story.told() == Lines{"17.000 dtmf 1"});
    story.wait(1ns);
    CHECK(story.told() == Lines{"22.000 gather inter-digit-timeout 1"});
}

TEST_CASE("gather: one stopped and the next one ended at once, both have their event",
          "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, StartGather{});
    story.does(id, StopGather{1});
    story.does(id, StartGather{});
    story.does(id, PressKeys{"#"});
    story.wait(1s);
    CHECK(story.told() ==
          Lines{"4.000 dtmf #", "4.000 gather terminating-digit ", "4.100 gather cancelled "});

    story.does(id, StartGather{});
    story.does(id, StopGather{3});
    story.does(id, StartGather{});
    story.does(id, FarEndHangsUp{});
    story.wait(1s);
    CHECK(story.told() == Lines{"5.000 gather cancelled ", "5.000 gather hung-up ",
                                "5.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("gather: a looping prompt ends with the first key only", "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    StartGather gather;
    gather.prompt = file("http://x/p.wav");
    gather.prompt->loop = true;
    story.does(id, gather);
    story.wait(600s);
    CHECK(story.told().empty());
    story.does(id, PressKeys{"1"});
    story.wait(60s);
    CHECK(story.told() == Lines{"604.000 dtmf 1", "609.000 gather inter-digit-timeout 1"});
}

TEST_CASE("gather: prompts are told only when the switch says so", "[core][gather]") {
    ModelSettings settings;
    settings.switches.prompt_events = true;
    Story story{settings};
    const CallId id = story.answered();
    StartGather gather;
    gather.prompt = speech("hello");
    story.does(id, gather);
    story.wait(60s);
    CHECK(story.told() ==
          Lines{"4.300 speak started", "5.300 speak done", "10.300 gather inter-digit-timeout "});
}

TEST_CASE("gather: suppressDtmf leaves only the gather event; no terminator means none",
          "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    StartGather gather;
    gather.gather.suppress_dtmf = true;
    gather.gather.terminating_digits = "";
    gather.gather.max_digits = 2;
    story.does(id, gather);
    story.does(id, PressKeys{"1#"});
    CHECK(story.told() == Lines{"4.000 gather max-digits 1#"});
}

TEST_CASE("keys: one event each, not kept for a later gather, scripted by number",
          "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, PressKeys{"5"});
    story.does(id, StartGather{});
    story.wait(60s);
    CHECK(story.told() == Lines{"4.000 dtmf 5", "9.000 gather inter-digit-timeout "});

    Story scripted;
    const CallId second = scripted.answered(Story::outbound("+15550009910"));
    scripted.does(second, StartGather{});
    scripted.wait(60s);
    CHECK(scripted.told() == Lines{"6.000 dtmf 1", "6.500 dtmf 2", "7.000 dtmf 3", "7.500 dtmf 4",
                                   "8.000 dtmf #", "8.000 gather terminating-digit 1234"});

    Story pressing;
    pressing.begin(Story::outbound("+15550009908"));
    pressing.wait(60s);
    CHECK(pressing.told() == Lines{"4.000 answer", "6.000 dtmf 5"});
}

TEST_CASE("tones: the far end hears each digit after the waits, requests one behind the other",
          "[core][gather]") {
    Story story;
    const CallId id = story.answered();
    story.engine.outputs().clear();
    story.does(id, SendTones{"1,2W"});
    story.does(id, SendTones{"3"});
    story.wait(60s);
    Lines heard;
    for (const Output& output : story.engine.outputs()) {
        const auto& news = std::get<OnThePhone>(output.what);
        REQUIRE(news.what == OnThePhone::What::heard_tone);
        heard.push_back(seconds_text(output.at - dawn) + " " + news.text);
    }
    CHECK(heard == Lines{"4.000 1", "4.600 2", "5.700 3"});
}

TEST_CASE("recording: on and off twice makes two, each with its event", "[core][recording]") {
    Story story;
    const CallId id = story.answered();
    Update on;
    on.recording_enabled = true;
    Update off;
    off.recording_enabled = false;
    for (int i = 0; i < 2; ++i) {
        story.does(id, on);
        story.does(id, on);
        story.wait(3s);
        story.does(id, off);
        story.does(id, off);
        CHECK(story.call(id).details->recordings.back().state == Recording::State::saving);
        story.wait(3s);
    }
    CHECK(story.told() == Lines{"9.000 recording 1 complete", "15.000 recording 2 complete"});
    CHECK(story.call(id).details->recordings.size() == 2);
}

TEST_CASE("recording: its maximum ends it, a failing one says so, an unanswered call has none",
          "[core][recording]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    wanted.recording_max_s = 7;
    const CallId id = story.answered(wanted);
    story.wait(60s);
    CHECK(story.told() == Lines{"13.000 recording 1 complete"});
    CHECK(story.call(id).details->recordings[0].ended_at == dawn + 11s);

    Story failing;
    NewCall bad = Story::outbound("+15550009911");
    bad.recording_enabled = true;
    const CallId second = failing.answered(bad);
    failing.does(second, FarEndHangsUp{});
    failing.wait(60s);
    CHECK(failing.told() == Lines{"4.200 hangup NORMAL_CLEARING", "6.000 recording 1 error"});

    Story unanswered;
    NewCall busy = Story::outbound("+15550009901");
    busy.recording_enabled = true;
    unanswered.begin(busy);
    unanswered.wait(60s);
    CHECK(unanswered.told() == Lines{"1.700 hangup USER_BUSY"});
}

TEST_CASE("recording: its parameters may not change while it runs", "[core][recording]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    const CallId id = story.answered(wanted);
    Update mp3;
    mp3.recording_format = RecordingFormat::mp3;
    CHECK(story.does(id, mp3).refusal == Refusal::recording_in_progress);
    Update same;
    same.recording_format = RecordingFormat::wav;
    CHECK(story.does(id, same) == Outcome{});
    mp3.recording_enabled = false;
    CHECK(story.does(id, mp3) == Outcome{});
}

TEST_CASE("a call has 1,000 gathers, recordings and transcriptions of REST, and no more",
          "[core][gather][recording]") {
    Story story;
    const CallId id = story.answered();
    const auto recording = [&](bool on) {
        Update update;
        update.recording_enabled = on;
        return story.does(id, update).refusal;
    };
    for (std::uint32_t number = 1; number <= most_parts_of_a_call; ++number) {
        REQUIRE(story.does(id, StartGather{}) == Outcome{Refusal::none, number, CallId::none});
        REQUIRE(story.does(id, StopGather{number}).refusal == Refusal::none);
        REQUIRE(recording(true) == Refusal::none);
        REQUIRE(recording(false) == Refusal::none);
        story.wait(3s);
        REQUIRE(story.does(id, Transcribe{1}) == Outcome{Refusal::none, number, CallId::none});
    }
    const Call before = story.call(id);

    CHECK(story.does(id, StartGather{}).refusal == Refusal::no_room);
    CHECK(recording(true) == Refusal::no_room);
    CHECK(story.does(id, Transcribe{1}).refusal == Refusal::no_room);

    CHECK(story.call(id) == before);
    CHECK(recording(false) == Refusal::none);
    story.wait(60s);
    CHECK(story.call(id).details->gathers.back().reason == GatherReason::cancelled);
    CHECK(story.call(id).details->recordings.back().state == Recording::State::complete);
    CHECK(story.call(id).details->transcriptions.back().state == Transcription::State::completed);
}

TEST_CASE("a timer that names no part of a call is stale", "[core][gather][recording]") {
    Story story;
    const CallId id = story.answered();
    story.does(id, StartGather{});
    for (const TimerKind kind :
         {TimerKind::gather_stopped, TimerKind::recording_saved, TimerKind::transcribed}) {
        CHECK_FALSE(is_live(story.call(id), Timer{kind, 0, 0}));
        CHECK_FALSE(is_live(story.call(id), Timer{kind, 0, 2}));
    }
}

TEST_CASE("transcription: on demand, failing, and never of an mp3", "[core][recording]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.recording_enabled = true;
    const CallId id = story.answered(wanted);
    CHECK(story.does(id, Transcribe{1}).refusal == Refusal::recording_not_ready);
    CHECK(story.does(id, Transcribe{2}).refusal == Refusal::no_such_item);
    story.does(id, FarEndHangsUp{});
    story.wait(3s);
    CHECK(story.does(id, Transcribe{1}) == Outcome{Refusal::none, 1, CallId::none});
    CHECK(has_unfinished_business(story.call(id)));
    story.wait(60s);
    CHECK(story.told() == Lines{"4.200 hangup NORMAL_CLEARING", "6.000 recording 1 complete",
                                "17.000 transcription \"Hello, please call me back.\""});
    CHECK_FALSE(has_unfinished_business(story.call(id)));

    for (const bool mp3 : {false, true}) {
        Story failing;
        NewCall bad = Story::outbound(mp3 ? "+19195550187" : "+15550009912");
        bad.recording_enabled = true;
        bad.transcription_enabled = true;
        bad.recording_format = mp3 ? RecordingFormat::mp3 : RecordingFormat::wav;
        const CallId other = failing.answered(bad);
        failing.does(other, FarEndHangsUp{});
        failing.wait(60s);
        CHECK(failing.told() == Lines{"4.200 hangup NORMAL_CLEARING", "6.000 recording 1 complete",
                                      "16.000 transcription error"});
    }
}

// Spec v1 3.2: real receivers break on the call's tag in the others.
TEST_CASE("tags: a call's are in its own events only, those of a sound or a gather in theirs",
          "[core][audio]") {
    Story story;
    NewCall wanted = Story::outbound();
    wanted.tag = "call";
    wanted.recording_enabled = true;
    wanted.transcription_enabled = true;
    const CallId id = story.begin(wanted);
    story.wait(4s);
    CHECK(story.told() == Lines{"4.000 answer [call]"});

    for (const char* const own : {"", "own"}) {
        const std::string shown = *own == '\0' ? "" : " [own]";
        StartGather gather;
        gather.gather.max_digits = 1;
        gather.gather.tag = own;
        story.does(id, Play{speech("hi", own)});
        story.does(id, gather);
        story.wait(1s);
        story.does(id, PressKeys{"5"});
        story.wait(1s);
        const Lines told = story.told();
        REQUIRE(told.size() == 4);
        CHECK(told[0].ends_with("speak started" + shown));
        CHECK(told[1].ends_with("dtmf 5"));
        CHECK(told[2].ends_with("gather max-digits 5" + shown));
        CHECK(told[3].ends_with("speak done" + shown));
    }

    story.does(id, FarEndHangsUp{});
    story.wait(60s);
    CHECK(story.told() == Lines{"8.200 hangup NORMAL_CLEARING [call]",
                                "10.000 recording 1 complete [call]",
                                "20.000 transcription \"Hello, please call me back.\""});
}
