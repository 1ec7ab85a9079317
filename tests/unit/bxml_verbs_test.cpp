#include <catch2/catch.hpp>

#include "tests/support/bxml_story.h"

using namespace ringback;
using namespace ringback::test;

namespace bxml_verbs {
namespace {

/// What comes of a document in the time given, without anybody doing anything.
Lines alone(std::string_view verbs, Duration time = 100s) {
    BxmlStory story;
    story.reads(verbs);
    story.wait(time);
    return story.happened();
}

}  // namespace

TEST_CASE("bxml: sentences are heard one after the other, then the call ends by Hangup",
          "[core][bxml]") {
    CHECK(alone("<SpeakSentence>Hello there</SpeakSentence><SpeakSentence>one two three four "
                "five</SpeakSentence><Hangup/><SpeakSentence>never</SpeakSentence>") ==
          Lines{"0.000 document of 4", "0.000 <SpeakSentence>", "0.300 hears Hello there",
                "1.300 <SpeakSentence>", "1.600 hears one two three four five", "3.600 <Hangup>",
                "3.600 hangs up: Hangup", "3.800 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: without anything more to do the call ends after 30 s", "[core][bxml]") {
    CHECK(alone("<SpeakSentence>Hello there</SpeakSentence>") ==
          Lines{"0.000 document of 1", "0.000 <SpeakSentence>", "0.300 hears Hello there",
                "31.300 hangs up: 30 s without anything more to do",
                "31.500 hangup NORMAL_CLEARING"});
    CHECK(alone("") == Lines{"0.000 document of 0",
                             "30.000 hangs up: 30 s without anything more to do",
                             "30.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: files repeat, pauses last, tones sound, Reject rejects", "[core][bxml]") {
    CHECK(alone(R"(<PlayAudio repeatCount="2">a.wav</PlayAudio><Pause length="2"/>)"
                R"(<Pause length="0"/><SendDtmf>1w2</SendDtmf><Reject/>)") ==
          Lines{"0.000 document of 5", "0.000 <PlayAudio>",
                "0.300 hears http://127.0.0.1:9000/flow/a.wav",
                "5.600 hears http://127.0.0.1:9000/flow/a.wav", "10.600 <Pause>", "12.600 <Pause>",
                "12.600 <SendDtmf>", "12.600 hears tone 1", "13.200 hears tone 2",
                "13.300 <Reject>", "13.300 hangs up: Reject", "13.500 hangup CALL_REJECTED"});
}

TEST_CASE("bxml: a Gather that is last waits for the answer to its digits", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(
        R"(<Gather requestUrl="/m" maxDigits="1" tag="t"><SpeakSentence>one two three</SpeakSentence>)"
        R"(<SpeakSentence>four</SpeakSentence></Gather>)");
    story.wait(1s);
    story.does(id, PressKeys{"12"});
    story.wait(10s);
    story.answers(id, "<Response><Hangup/></Response>", EventType::gather);
    story.wait(60s);

    CHECK(story.happened() == Lines{"0.000 document of 1", "0.000 <Gather>",
                                    "0.300 hears one two three", "1.000 presses 1",
                                    "1.000 gather max-digits 1 [t] to /m?", "1.000 presses 2",
                                    "11.000 document of 1", "11.000 <Hangup>",
                                    "11.000 hangs up: Hangup", "11.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: a Gather that is not last goes on at once", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Gather requestUrl="m"/><Pause/>)");
    story.does(id, PressKeys{"12#"});
    story.answers(id, "<Response><Hangup/></Response>", EventType::gather);  // is ignored
    story.wait(1s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Gather>", "0.000 presses 1",
                                    "0.000 presses 2", "0.000 presses #",
                                    "0.000 gather terminating-digit 12 to /flow/m",
                                    "0.000 <Pause>"});
    CHECK(story.call(id).state == CallState::active);
}

TEST_CASE("bxml: a Gather without a digit tells nobody, and ends the call when it is last",
          "[core][bxml]") {
    CHECK(alone(R"(<Gather requestUrl="/m"><PlayAudio repeatCount="2" delayBeforeRepeat="3">)"
                R"(/a.wav</PlayAudio></Gather>)") ==
          Lines{"0.000 document of 1", "0.000 <Gather>", "0.300 hears http://127.0.0.1:9000/a.wav",
                "8.600 hears http://127.0.0.1:9000/a.wav",
                "18.600 hangs up: nothing follows the last Gather",
                "18.800 hangup NORMAL_CLEARING"});
    CHECK(alone(R"(<Gather requestUrl="/m" interDigitTimeout="7"/><Hangup/>)") ==
          Lines{"0.000 document of 2", "0.000 <Gather>", "7.000 <Hangup>", "7.000 hangs up: Hangup",
                "7.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: digits of a Gather without requestUrl are dropped", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads("<Gather/><Hangup/>");
    story.does(id, PressKeys{"12#"});
    story.wait(1s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Gather>", "0.000 presses 1",
                                    "0.000 presses 2", "0.000 presses #", "0.000 <Hangup>",
                                    "0.000 hangs up: Hangup", "0.200 hangup NORMAL_CLEARING"});
    const auto& gathers = story.call(id).details->gathers;
    REQUIRE(gathers.size() == 1);
    CHECK(gathers[0].digits == "12");
    CHECK(gathers[0].reason == GatherReason::terminating_digit);
}

TEST_CASE("bxml: keys pressed behind one that ends a Gather go to the next", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(
        R"(<Gather requestUrl="/1" maxDigits="1"/><Gather requestUrl="/2" maxDigits="2"/>)");
    story.does(id, PressKeys{"123"});

    CHECK(story.events() ==
          Lines{"0.000 gather max-digits 1 to /1", "0.000 gather max-digits 23 to /2?"});
}

TEST_CASE("bxml: digits that time out are told", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Gather requestUrl="/m" interDigitTimeout="2"/>)");
    story.does(id, PressKeys{"4"});
    story.wait(10s);

    CHECK(story.events() == Lines{"2.000 gather inter-digit-timeout 4 to /m?"});
}

TEST_CASE("bxml: a hang-up during a Gather is told to its URL, before the hangup", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Gather requestUrl="m"><SpeakSentence>one two three four five
six seven eight</SpeakSentence></Gather>)");
    story.wait(1s);
    story.does(id, FarEndHangsUp{});
    story.wait(100s);

    CHECK(story.events() ==
          Lines{"1.000 gather hung-up  to /flow/m", "1.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: what a receiver wrote of a Gather is not kept when the Gather is over",
          "[core][bxml]") {
    BxmlStory story;
    const std::string tag(3000, 't');
    const CallId id =
        story.reads("<Gather requestUrl=\"/m\" tag=\"" + tag + "\" terminatingDigits=\"" +
                    std::string(3000, '*') + "\"/><Gather requestUrl=\"/n\" tag=\"" + tag + "\"/>");
    story.does(id, PressKeys{"1*"});
    CHECK(story.events() == Lines{"0.000 gather terminating-digit 1 [" + tag + "] to /m"});
    story.does(id, PressKeys{"23"});
    story.does(id, FarEndHangsUp{});
    CHECK(story.events() == Lines{"0.000 gather hung-up 23 [" + tag + "] to /n"});
    for (const Gather& gather : story.call(id).details->gathers) {
        CHECK(gather.tag.capacity() < 100);
        CHECK(gather.terminating_digits.capacity() < 100);
        CHECK_FALSE(gather.digits.empty());  // GET gather/{id}
    }
}

TEST_CASE("bxml: a modelled person presses keys at every Gather", "[core][bxml]") {
    BxmlStory story;
    NewCall call = BxmlStory::by_get();
    call.far_end.emplace().script.open().keys_on_gather = "7";
    const CallId id = story.reads(R"(<Gather requestUrl="/m" maxDigits="1"/>)", call);
    story.wait(2s);
    story.answers(id, R"(<Response><Gather requestUrl="/n" maxDigits="1"/></Response>)",
                  EventType::gather);
    story.wait(2s);

    CHECK(story.events() ==
          Lines{"2.000 gather max-digits 7 to /m?", "4.000 gather max-digits 7 to /n?"});
}

TEST_CASE("bxml: a recording ends by silence; its event and its text go where the verb says",
          "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(
        R"(<Record requestUrl="/r" transcribe="true" transcribeCallbackUrl="/t"/><Hangup/>)");
    story.wait(1s);
    story.does(id, Say{"Call me back"});
    story.wait(100s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Record>", "5.200 <Hangup>",
                                    "5.200 hangs up: Hangup", "5.400 hangup NORMAL_CLEARING",
                                    "7.200 recording 1 complete to /r",
                                    R"(17.200 transcription "Call me back" by POST to /t)"});
}

TEST_CASE("bxml: a recording ends by its digit or at its longest", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(
        R"(<Record requestUrl="/r" terminatingDigits="#" silenceTimeout="0"/><Pause/>)");
    story.wait(9s);
    story.does(id, PressKeys{"1#2"});
    story.wait(100s);
    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Record>", "9.000 presses 1",
                                    "9.000 presses #", "9.000 <Pause>", "9.000 presses 2",
                                    "11.000 recording 1 complete to /r",
                                    "40.000 hangs up: 30 s without anything more to do",
                                    "40.200 hangup NORMAL_CLEARING"});

    CHECK(alone(R"(<Record maxDuration="9" silenceTimeout="0"/><Hangup/>)") ==
          Lines{"0.000 document of 2", "0.000 <Record>", "9.000 <Hangup>", "9.000 hangs up: Hangup",
                "9.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: the recording that the call was made with ends where Record begins",
          "[core][bxml]") {
    BxmlStory story;
    NewCall call = BxmlStory::by_get();
    call.recording_enabled = true;
    const CallId id = story.reads(R"(<Pause/><Record requestUrl="/r" fileFormat="mp3"/>)", call);
    story.wait(10s);

    CHECK(story.events() ==
          Lines{"3.000 recording 1 complete", "6.000 recording 2 complete to /r"});
    CHECK(story.call(id).details->recordings[1].format == RecordingFormat::mp3);
}

TEST_CASE("bxml: a recording that fails is told, and not transcribed", "[core][bxml]") {
    BxmlStory story;
    NewCall call = BxmlStory::by_get();
    call.far_end.emplace().script.open().recording_fails = true;
    story.reads(R"(<Record requestUrl="/r" transcribe="true" transcribeCallbackUrl="/t"/>)", call);
    story.wait(20s);

    CHECK(story.events() == Lines{"5.000 recording 1 error to /r"});
}

TEST_CASE("bxml: Redirect asks for the next document, and nothing behind it runs", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Redirect requestUrl="?next=2"/><Pause/>)");
    story.wait(100s);
    story.answers(id, R"(<Response><Redirect requestUrl="again"/></Response>)", EventType::redirect,
                  "http://127.0.0.1:9000/other/menu");
    story.wait(10s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Redirect>",
                                    "0.000 redirect to /flow/start?next=2?",
                                    "100.000 document of 1", "100.000 <Redirect>",
                                    "100.000 redirect to /other/again?"});
}

TEST_CASE("bxml: how long a receiver may take is the verb's affair, up to 30 s", "[core][bxml]") {
    const auto timeout = [](std::string_view verb) {
        BxmlStory story;
        story.reads(verb);
        for (const Output& output : story.engine.outputs()) {
            if (const auto* owed = std::get_if<Callback>(&output.what)) {
                return owed->route->timeout;
            }
        }
        return std::optional<std::chrono::milliseconds>{};
    };
    CHECK(timeout(R"(<Redirect requestUrl="/a"/>)") == 30'000ms);
    CHECK(timeout(R"(<Redirect requestUrl="/a" requestUrlTimeout="1500"/>)") == 1500ms);
    CHECK(timeout(R"(<Redirect requestUrl="/a" requestUrlTimeout="60000"/>)") == 30'000ms);
}

}  // namespace bxml_verbs
