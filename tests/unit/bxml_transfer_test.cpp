#include <catch2/catch.hpp>

#include "tests/support/bxml_story.h"

using namespace ringback;
using namespace ringback::test;

namespace bxml_transfer {
namespace {

CallId leg(std::uint64_t number) { return call_id(UserSlot{1}, number); }

}  // namespace

TEST_CASE("bxml: a Transfer whispers, joins, records, and ends with leg B", "[core][bxml]") {
    BxmlStory story;
    const CallId a = story.reads(
        R"(<Transfer transferTo="+19195550144" tag="t"><SpeakSentence>one</SpeakSentence>)"
        R"(<PlayAudio repeatCount="2">w.wav</PlayAudio><Record requestUrl="/r"/></Transfer>)"
        R"(<Pause/>)");
    CHECK(story.call(a).state == CallState::transferring);
    CHECK(story.call(a).details->transfer->to == "+19195550144");
    CHECK(story.call(leg(2)).from == "+19195550123");
    story.wait(20s);
    CHECK(story.call(a).state == CallState::active);
    story.does(leg(2), FarEndHangsUp{});
    story.wait(100s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Transfer>", "4.300 hears one",
                                    "5.600 hears http://127.0.0.1:9000/flow/w.wav",
                                    "10.900 hears http://127.0.0.1:9000/flow/w.wav",
                                    "20.000 hangs up: the Transfer is over",
                                    "20.000 transferComplete [t]", "20.200 hangup NORMAL_CLEARING",
                                    "22.000 recording 1 complete to /r"});
    CHECK(story.call(a).state == CallState::completed);
    CHECK(story.call(a).details->recordings[0].started_at == story.answered_at + 15900ms);
}

TEST_CASE("bxml: transferComplete has the parties of leg B, and goes to requestUrl",
          "[core][bxml]") {
    BxmlStory story;
    story.reads(R"(<Transfer requestUrl="/done" transferCallerId="+19195550100"><PhoneNumber>)"
                R"(+19195550144</PhoneNumber></Transfer>)");
    story.wait(10s);
    story.does(leg(2), FarEndHangsUp{});
    const Event* told = nullptr;
    for (const Output& output : story.engine.outputs()) {
        const auto* owed = std::get_if<Callback>(&output.what);
        told = owed != nullptr && owed->event.type == EventType::transfer_complete ? &owed->event
                                                                                   : told;
    }
    REQUIRE(told != nullptr);
    CHECK(told->from == "+19195550100");
    CHECK(told->to == "+19195550144");
    CHECK(told->call == leg(1));
    CHECK(story.events() == Lines{"10.000 transferComplete to /done"});
}

TEST_CASE("bxml: what a Transfer says of the diversion is kept with the call", "[core][bxml]") {
    BxmlStory story;
    const CallId a = story.reads(R"(<Transfer transferTo="+19195550144" diversionReason="away"
                                     diversionTreatment="stack"/>)");
    CHECK(story.call(a).details->transfer->diversion ==
          TransferDiversion{DiversionTreatment::stack, DiversionReason::away});
}

TEST_CASE("bxml: numbers ring together, and the first to answer wins", "[core][bxml]") {
    ModelSettings settings;
    FarEnd slow;
    slow.after = 9s;
    settings.far_ends["+19195550141"] = slow;
    FarEnd quick;
    quick.after = 2s;
    settings.far_ends["+19195550142"] = quick;
    BxmlStory story{settings};
    const CallId a = story.reads(
        R"(<Transfer transferTo="+19195550141"><PhoneNumber>+19195550142</PhoneNumber>)"
        R"(<SpeakSentence>one</SpeakSentence><PhoneNumber>+15550009901</PhoneNumber></Transfer>)");
    story.wait(3s);

    CHECK(story.call(leg(2)).cause == Cause::originator_cancel);
    CHECK(story.call(leg(2)).state == CallState::completed);
    CHECK(story.call(leg(3)).state == CallState::active);
    CHECK(is_over(story.call(leg(4)).state));
    story.wait(2s);
    CHECK(story.call(a).state == CallState::active);
    CHECK(story.call(a).details->peer == Peer{leg(3), Peer::Role::leg_a, true});
}

TEST_CASE("bxml: a Transfer that nobody answers leads to the next verb", "[core][bxml]") {
    BxmlStory story;
    const CallId a = story.reads(
        R"(<Transfer transferTo="+15550009902" callTimeout="9"><PhoneNumber>+15550009901)"
        R"(</PhoneNumber></Transfer><SpeakSentence>Sorry</SpeakSentence><Hangup/>)");
    story.wait(100s);

    CHECK(story.happened() == Lines{"0.000 document of 3", "0.000 <Transfer>",
                                    "9.000 <SpeakSentence>", "9.300 hears Sorry", "10.300 <Hangup>",
                                    "10.300 hangs up: Hangup", "10.500 hangup NORMAL_CLEARING"});
    CHECK(story.call(a).details->peer.role == Peer::Role::none);
}

TEST_CASE("bxml: a Transfer to numbers that do not exist ends the call", "[core][bxml]") {
    BxmlStory story;
    story.reads(R"(<Transfer transferTo="+15550009904"/><SpeakSentence>no</SpeakSentence>)");
    story.wait(100s);

    CHECK(story.happened() == Lines{"0.000 document of 2", "0.000 <Transfer>",
                                    "1.500 hangs up: the Transfer has no number that exists",
                                    "1.700 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: leg A hangs up before and after leg B answers", "[core][bxml]") {
    for (const bool answered : {false, true}) {
        CAPTURE(answered);
        BxmlStory story;
        const CallId a = story.reads(
            R"(<Transfer transferTo="+19195550144"><PhoneNumber>+19195550145</PhoneNumber>)"
            R"(</Transfer>)");
        story.wait(answered ? 10s : 1s);
        story.does(a, FarEndHangsUp{});
        CHECK(is_over(story.call(leg(2)).state));
        CHECK(is_over(story.call(leg(3)).state));
        story.wait(100s);
        CHECK(story.events() ==
              (answered ? Lines{"10.000 transferComplete", "10.200 hangup NORMAL_CLEARING"}
                        : Lines{"1.200 hangup NORMAL_CLEARING"}));
        CHECK(story.engine.live_calls() == 0);
    }
}

TEST_CASE("bxml: a leg that hangs up in its whisper ends the call, and nothing was recorded",
          "[core][bxml]") {
    for (const bool by_rest : {false, true}) {  // or leg B is transferred on, and so lost to leg A
        CAPTURE(by_rest);
        BxmlStory story;
        const CallId a = story.reads(R"(<Transfer transferTo="+19195550144"><SpeakSentence>one two
three four five</SpeakSentence><SpeakSentence>six</SpeakSentence><Record requestUrl="/r"/></Transfer>)");
        story.wait(5s);
        Update on = to_state(WantedState::transferring);
        on.transfer_to = "+19195550166";
        CHECK((by_rest ? story.does(leg(2), on) : story.does(leg(2), FarEndHangsUp{})).refusal ==
              Refusal::none);
        story.wait(100s);

        CHECK(story.events() == Lines{"5.000 transferComplete", "5.200 hangup NORMAL_CLEARING"});
        CHECK(story.call(a).state == CallState::completed);
        CHECK(story.call(a).details->recordings.empty());
        CHECK_FALSE(story.call(a).details->peer.joined);
        CHECK(story.call(leg(2)).details->sounds.empty());
    }
}

}  // namespace bxml_transfer
