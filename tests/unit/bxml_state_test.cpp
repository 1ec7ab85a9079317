#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/bxml_story.h"

using namespace ringback;
using namespace ringback::test;

namespace bxml_states {
namespace {

constexpr const char* document{"<Response><Pause length=\"9\"/></Response>"};

struct State {
    const char* name;
    std::function<CallId(BxmlStory&)> call;
    bool takes;  // the answer's document
};

CallId answered(BxmlStory& story) {
    const CallId id = story.begin(BxmlStory::by_get());
    story.wait(4s);
    return id;
}

const std::vector<State>& states() {
    static const std::vector<State> all{
        {"rings, outbound", [](BxmlStory& story) { return story.begin(BxmlStory::by_get()); },
         false},
        {"rings, inbound",
         [](BxmlStory& story) { return story.begin(BxmlStory::by_get(Story::inbound(true))); },
         false},
        {"active", answered, true},
        {"active, by POST",
         [](BxmlStory& story) {
             const CallId id = story.begin(Story::outbound());
             story.wait(4s);
             return id;
         },
         false},
        {"active, answered by hand",
         [](BxmlStory& story) {
             const CallId id = story.begin(BxmlStory::by_get(Story::inbound(false)));
             story.does(id, to_state(WantedState::active));
             return id;
         },
         false},
        {"transferring",
         [](BxmlStory& story) {
             const CallId id = answered(story);
             Update transfer = to_state(WantedState::transferring);
             transfer.transfer_to = "+19195550144";
             story.does(id, transfer);
             return id;
         },
         false},
        {"under another document",
         [](BxmlStory& story) { return story.reads("<Pause length=\"60\"/>"); }, false},
        {"waiting for another's answer",
         [](BxmlStory& story) { return story.reads(R"(<Redirect requestUrl="/n"/>)"); }, false},
        {"completed",
         [](BxmlStory& story) {
             const CallId id = answered(story);
             story.does(id, FarEndHangsUp{});
             return id;
         },
         false},
        {"rejected",
         [](BxmlStory& story) {
             const CallId id = story.begin(BxmlStory::by_get(Story::inbound(true)));
             story.does(id, to_state(WantedState::rejected));
             return id;
         },
         false},
        {"error",
         [](BxmlStory& story) {
             const CallId id = story.begin(BxmlStory::by_get(Story::outbound("+15550009917")));
             story.wait(10s);
             return id;
         },
         false},
    };
    return all;
}

/// Documents whose first verb takes a while, so that a call can end within it.
constexpr const char* verbs[] = {
    "<SpeakSentence>one two three four five</SpeakSentence>",
    "<PlayAudio repeatCount=\"9\">a.wav</PlayAudio>",
    "<Pause length=\"60\"/>",
    "<SendDtmf>1w2w3w4</SendDtmf>",
    "<Gather requestUrl=\"/m\"><SpeakSentence>one two three four</SpeakSentence></Gather>",
    "<Gather/>",
    "<Record requestUrl=\"/r\" transcribe=\"true\" transcribeCallbackUrl=\"/t\"/>",
    "<Transfer transferTo=\"+19195550144\"><PhoneNumber>+15550009902</PhoneNumber></Transfer>",
    "<Transfer transferTo=\"+15550009900\"><SpeakSentence>a</SpeakSentence><Record/></Transfer>",
    "<Redirect requestUrl=\"/n\"/>",
};

}  // namespace

TEST_CASE("bxml: a document in every state of a call", "[core][bxml]") {
    for (const State& state : states()) {
        CAPTURE(state.name);
        BxmlStory story;
        const CallId id = state.call(story);
        const Call before = story.call(id);
        story.engine.outputs().clear();

        story.answers(id, document);

        if (state.takes) {
            CHECK(story.happened() == Lines{"4.000 document of 1", "4.000 <Pause>"});
        } else {
            CHECK(story.happened().empty());
            CHECK(story.call(id) == before);
        }
    }
}

TEST_CASE("bxml: an answer that is no document, in every state of a call", "[core][bxml]") {
    for (const State& state : states()) {
        for (const EventType asked_by : {EventType::answer, EventType::gather}) {
            CAPTURE(state.name, static_cast<int>(asked_by));
            BxmlStory story;
            const CallId id = state.call(story);
            const CallState before = story.call(id).state;

            story.answers(id, "<Response", asked_by);

            const bool ends = state.takes && asked_by == EventType::answer;
            CHECK(story.call(id).state == (ends ? CallState::completed : before));
        }
    }
}

TEST_CASE("bxml: a call ends in the midst of every verb, once and whole", "[core][bxml]") {
    for (const char* const verb : verbs) {
        for (const bool by_rest : {false, true}) {
            for (const Duration when : {Duration{0}, Duration{350ms}, Duration{1s}}) {
                CAPTURE(verb, by_rest, when.count());
                BxmlStory story;
                const CallId id = story.reads(std::string{verb} +
                                              "<SpeakSentence>never"
                                              "</SpeakSentence>");
                story.wait(when);
                const Outcome ended = by_rest ? story.does(id, to_state(WantedState::completed))
                                              : story.does(id, FarEndHangsUp{});
                REQUIRE(ended.refusal == Refusal::none);
                CHECK(story.call(id).state == CallState::completed);
                story.answers(id, document, EventType::redirect);
                story.wait(100s);

                int hangups = 0;
                for (const std::string& line : story.happened()) {
                    CHECK((hangups == 0 || line.find("recording") != std::string::npos ||
                           line.find("transcription") != std::string::npos));
                    hangups += line.find("hangup") != std::string::npos ? 1 : 0;
                    CHECK(line.find("never") == std::string::npos);
                }
                CHECK(hangups == 1);
                CHECK(story.engine.live_calls() == 0);
                CHECK_FALSE(has_unfinished_business(story.call(id)));
                CHECK(story.engine.next_due() == std::nullopt);
                CHECK(story.call(id).details->document->document->steps.empty());
            }
        }
    }
}

}  // namespace bxml_states
