#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "tests/support/bxml_story.h"

using namespace ringback;
using namespace ringback::test;

namespace bxml_document {
namespace {

constexpr const char* over{"30 s without anything more to do"};

/// Whether the answer of that call asks for a document.
bool asks(const NewCall& call) {
    BxmlStory story;
    const CallId id = story.begin(call);
    story.does(id, IncomingTold{});
    story.wait(4s);
    story.does(id, to_state(WantedState::active));
    story.wait(1s);
    for (const Output& output : story.engine.outputs()) {
        const auto* owed = std::get_if<Callback>(&output.what);
        if (owed != nullptr && owed->event.type == EventType::answer) {
            return owed->event.asks_document;
        }
    }
    FAIL("not answered");
    return false;
}

/// The user errors of what came out: "bxml-invalid-document The BXML ...".
Lines errors(BxmlStory& story) {
    Lines lines;
    for (const Output& output : story.engine.outputs()) {
        if (const auto* news = other_news<BxmlNews>(output.what)) {
            if (const auto error = bxml_error(*news, "c-1", output.at)) {
                CHECK(error->category == "bad-request");
                CHECK(error->details.at(0).second == "c-1");
                CHECK(error->details.at(1).second == BxmlStory::url);
                lines.push_back(error->code + " " + error->message);
            }
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("bxml: the answer event of a call by GET asks for a document", "[core][bxml]") {
    CHECK(asks(BxmlStory::by_get()));
    CHECK(asks(BxmlStory::by_get(Story::inbound(true))));
    CHECK_FALSE(asks(Story::outbound()));
    CHECK_FALSE(asks(Story::inbound(true)));
    CHECK_FALSE(asks(BxmlStory::by_get(Story::inbound(false))));  // spec v1 6.1
}

TEST_CASE("bxml: leg B of a transfer reads no document", "[core][bxml]") {
    BxmlStory story;
    const CallId a = story.begin(BxmlStory::by_get());
    story.wait(4s);
    Update transfer = to_state(WantedState::transferring);
    transfer.transfer_to = "+19195550144";
    const CallId b = story.does(a, transfer).leg;
    story.wait(4s);
    story.answers(b, "<Response><Hangup/></Response>");
    story.answers(a, "<Response><Hangup/></Response>");  // and A is not alone any more
    CHECK(story.events() == Lines{"4.000 answer?", "8.000 answer"});
    CHECK(story.call(b).state == CallState::active);
}

TEST_CASE("bxml: an answer without a document leaves the call to REST", "[core][bxml]") {
    for (const char* const body : {"", "ok", R"({"a":1})", "  "}) {
        CAPTURE(body);
        BxmlStory story;
        const CallId id = story.begin(BxmlStory::by_get());
        story.wait(4s);
        story.answers(id, body);
        story.wait(60s);
        CHECK(story.does(id, Play{speech("hello")}).refusal == Refusal::none);
        story.does(id, PressKeys{"1"});
        story.wait(2s);
        CHECK(story.happened() == Lines{"4.000 answer?", "64.000 presses 1", "64.000 dtmf 1",
                                        "64.300 hears hello", "64.300 speak started",
                                        "65.300 speak done"});
    }
}

TEST_CASE("bxml: a document that is none ends the call, and names line and column",
          "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.begin(BxmlStory::by_get());
    story.wait(4s);
    story.engine.outputs().clear();
    story.answers(id, "<Response>\n  <SpeakSentence>Hello</SpeekSentence>\n</Response>");

    const Lines told = errors(story);
    REQUIRE(told.size() == 1);
    CHECK(
        told[0].starts_with("bxml-invalid-document The BXML document is invalid (line 2, column "));
    story.wait(1s);
    CHECK(story.events() == Lines{"4.200 hangup NORMAL_CLEARING"});
    CHECK(story.call(id).state == CallState::completed);
    CHECK_FALSE(is_under_document(story.call(id)));
}

TEST_CASE("bxml: so does one that comes later", "[core][bxml]") {
    for (const auto& [body, code] :
         {std::pair{"<Answer/>", "bxml-invalid-document"},
          std::pair{"<Response><Redirect/></Response>", "bxml-invalid-verb"},
          std::pair{"<Response><Pause length=\"soon\"/></Response>", "bxml-invalid-verb"}}) {
        CAPTURE(body);
        BxmlStory story;
        const CallId id = story.reads(R"(<Redirect requestUrl="/n"/>)");
        story.answers(id, body, EventType::redirect);
        const Lines told = errors(story);
        REQUIRE(told.size() == 1);
        CHECK(told[0].starts_with(code));
        CHECK(story.call(id).state == CallState::completed);
    }
    BxmlStory story;
    const CallId id = story.reads(R"(<Redirect requestUrl="/n"/>)");
    story.answers(id, "<Response>" + std::string(17'000, ' ') + "</Response>", EventType::redirect);
    CHECK(errors(story).size() == 1);
    CHECK(story.call(id).state == CallState::completed);
}

TEST_CASE("bxml: unknown verbs are skipped with an error, unknown attributes just ignored",
          "[core][bxml]") {
    BxmlStory story;
    story.reads("<Pause\n colour=\"red\"/><Sing>la</Sing><Hangup/>");
    story.wait(5s);
    CHECK(errors(story) == Lines{"bxml-unknown-verb The BXML verb Sing is unknown "
                                 "(line 2, column 16)"});
    CHECK(story.happened() == Lines{"0.000 document of 2",
                                    "0.000 ignored 2:2 attribute colour of Pause", "0.000 <Pause>",
                                    "1.000 skipped 2:16 Sing", "1.000 <Hangup>",
                                    "1.000 hangs up: Hangup", "1.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: of what is not obeyed in a document only the first twenty are told",
          "[core][bxml]") {
    std::string verbs;
    for (int i = 0; i < 100; ++i) {
        verbs += "<Sing/>";
    }
    BxmlStory story;
    story.reads(verbs);
    CHECK(errors(story).size() == bxml::most_notices_told);
}

TEST_CASE("bxml: without a document in the answer that is waited for, the call ends after 30 s",
          "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Redirect requestUrl="/n"/>)");
    story.wait(2s);
    story.answers(id, "ok", EventType::redirect);
    story.wait(60s);
    CHECK(story.happened() == Lines{"0.000 document of 1", "0.000 <Redirect>",
                                    "0.000 redirect to /n?", "2.000 no document",
                                    "32.000 hangs up: " + std::string{over},
                                    "32.200 hangup NORMAL_CLEARING"});
}

TEST_CASE("bxml: what asks for a document and is not delivered ends the call", "[core][bxml]") {
    BxmlStory first;
    const CallId id = first.begin(BxmlStory::by_get());
    first.wait(4s);
    first.fails(id, EventType::answer);
    first.wait(1s);
    CHECK(first.happened() ==
          Lines{"4.000 answer?", "4.000 not delivered", "4.200 hangup NORMAL_CLEARING"});

    BxmlStory later;
    const CallId other = later.reads(R"(<Gather requestUrl="/n"/>)");
    later.does(other, PressKeys{"1#"});
    later.fails(other, EventType::answer);  // late, and of another
    CHECK(later.call(other).state == CallState::active);
    later.fails(other, EventType::gather);
    CHECK(later.call(other).state == CallState::completed);
}

TEST_CASE("bxml: who commands a call by REST needs no answer to be delivered", "[core][bxml]") {
    struct Row {
        const char* name;
        std::function<void(BxmlStory&, CallId)> commands;
        bool counts{true};
    };
    const auto recorded = [](BxmlStory& story, CallId id) {
        Update update;
        update.recording_enabled = true;
        REQUIRE(story.does(id, update).refusal == Refusal::none);
    };
    const auto tagged = [](BxmlStory& story, CallId id) {
        Update update;
        update.tag = "x";
        REQUIRE(story.does(id, update).refusal == Refusal::none);
    };
    const std::vector<Row> rows{
        {"nothing", [](BxmlStory&, CallId) {}, false},
        {"refused",
         [](BxmlStory& story, CallId id) {
             CHECK(story.does(id, StopPlaying{}).refusal == Refusal::nothing_playing);
         },
         false},
        {"a key of the person", [](BxmlStory& story, CallId id) { story.does(id, PressKeys{"1"}); },
         false},
        {"speech", [](BxmlStory& story, CallId id) { story.does(id, Play{speech("hello")}); }},
        {"speech that is over",
         [](BxmlStory& story, CallId id) {
             story.does(id, Play{speech("hello")});
             story.wait(5s);
         }},
        {"tones that are over",
         [](BxmlStory& story, CallId id) {
             story.does(id, SendTones{"12"});
             story.wait(5s);
         }},
        {"gather", [](BxmlStory& story, CallId id) { story.does(id, StartGather{}); }},
        {"recording", recorded},
        {"tag", tagged},
        {"tag, while it rang",
         [&](BxmlStory& story, CallId id) {
             CHECK(story.call(id).state == CallState::active);
             const CallId other = story.begin(BxmlStory::by_get());
             tagged(story, other);
             story.wait(4s);
             story.fails(other, EventType::answer);
             CHECK(story.call(other).state == CallState::active);
         },
         false},
        {"conference",
         [](BxmlStory& story, CallId id) {
             const CallId conference =
                 story.engine.create(story.engine.user("u-1"), NewConference{}, story.now)->id;
             AddMember wanted;
             wanted.call = id;
             REQUIRE(story.engine.apply(conference, wanted, story.now).number == 1);
             UpdateMember leaves;
             leaves.member = 1;
             leaves.leaves = true;
             story.engine.apply(conference, leaves, story.now);
         }},
        {"bridge",
         [](BxmlStory& story, CallId id) {
             User& user = story.engine.user("u-1");
             const CallId bridge = story.engine.create_bridge(user, true, {id}, story.now).leg;
             story.engine.update_bridge(bridge, std::nullopt, std::vector<CallId>{}, story.now);
             CHECK(story.call(id).details->bridge == CallId::none);
         }},
        {"transfer that nobody answers",
         [](BxmlStory& story, CallId id) {
             Update transfer = to_state(WantedState::transferring);
             transfer.transfer_to = "+15550009901";
             story.does(id, transfer);
             story.wait(10s);
             CHECK(story.call(id).state == CallState::active);
         }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        BxmlStory story;
        const CallId id = story.begin(BxmlStory::by_get());
        story.wait(4s);
        row.commands(story, id);
        story.fails(id, EventType::answer);
        CHECK(story.call(id).state == (row.counts ? CallState::active : CallState::completed));
    }
}

TEST_CASE("bxml: a document ends what REST has begun", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.begin(BxmlStory::by_get());
    story.wait(4s);
    story.does(id, Play{speech("hello", "a")});
    story.does(id, StartGather{});
    story.does(id, SendTones{"1234"});
    story.wait(100ms);
    story.answers(id, "<Response><Pause/></Response>");
    story.wait(500ms);
    CHECK(story.happened() == Lines{"4.000 answer?", "4.000 hears tone 1", "4.100 hears tone 2",
                                    "4.100 hears hello", "4.100 speak started [a]",
                                    "4.100 speak done [a]", "4.100 gather cancelled ",
                                    "4.100 document of 1", "4.100 <Pause>"});
}

TEST_CASE("bxml: commands of REST but the hang-up are refused", "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads(R"(<Gather requestUrl="/m"/>)");
    const auto refused = [&](const Input& input) { return story.does(id, input).refusal; };
    Update recording;
    recording.recording_enabled = true;
    Update tagged = to_state(WantedState::completed);
    tagged.tag = "t";
    Update transfer = to_state(WantedState::transferring);
    transfer.transfer_to = "+19195550144";

    for (const Input& input :
         {Input{Play{speech("a")}}, Input{StopPlaying{}}, Input{SendTones{"1"}},
          Input{StartGather{}}, Input{StopGather{1}}, Input{recording}, Input{tagged},
          Input{transfer}, Input{to_state(WantedState::active)},
          Input{to_state(WantedState::rejected)}}) {
        CAPTURE(input.index());
        CHECK(refused(input) == Refusal::invalid_state);
    }
    CHECK(refused(Update{}) == Refusal::none);  // {} is no command
    CHECK(refused(to_state(WantedState::completed)) == Refusal::none);
    CHECK(refused(Play{speech("a")}) == Refusal::already_ended);
}

// Spec v1 6.1: REST and documents are not mixed.
TEST_CASE("bxml: a call that reads a document is put into no bridge and no conference",
          "[core][bxml]") {
    BxmlStory story;
    const CallId id = story.reads("<Pause length=\"60\"/>");
    const CallId other = story.answered();
    User& user = story.engine.user("u-1");
    const auto bridged = [&](const std::vector<CallId>& calls) {
        return story.engine.create_bridge(user, true, calls, story.now);
    };
    const auto joined = [&](CallId conference, CallId call) {
        AddMember wanted;
        wanted.call = call;
        return story.engine.apply(conference, ConferenceInput{wanted}, story.now).refusal;
    };
    const CallId conference = story.engine.create(user, NewConference{}, story.now)->id;

    CHECK(bridged({other, id}) == Outcome{Refusal::invalid_state, 0, id});
    CHECK(joined(conference, id) == Refusal::invalid_state);
    const CallId bridge = bridged({other}).leg;
    CHECK(story.engine.update_bridge(bridge, std::nullopt, std::vector{other, id}, story.now) ==
          Outcome{Refusal::invalid_state, 0, id});
    CHECK(story.call(id).state == CallState::active);

    story.does(id, to_state(WantedState::completed));
    CHECK(bridged({id}).refusal == Refusal::call_not_active);
    CHECK(joined(conference, id) == Refusal::already_ended);
}

TEST_CASE("bxml: a call that is in a bridge or a conference stays there, and does as it reads",
          "[core][bxml]") {
    BxmlStory story;
    User& user = story.engine.user("u-1");
    const CallId other = story.answered();
    const CallId first = story.begin(BxmlStory::by_get());
    const CallId second = story.begin(BxmlStory::by_get());
    story.wait(4s);
    const CallId bridge = story.engine.create_bridge(user, true, {other, first}, story.now).leg;
    const CallId conference = story.engine.create(user, NewConference{}, story.now)->id;
    AddMember joins;
    joins.call = second;
    story.engine.apply(conference, ConferenceInput{joins}, story.now);
    story.engine.outputs().clear();
    story.answered_at = story.now;
    for (const CallId id : {first, second}) {
        story.answers(id, "<Response><SpeakSentence>one</SpeakSentence><Pause/></Response>");
    }
    story.wait(1s);

    CHECK(story.engine.find_bridge(bridge)->state == BridgeState::active);
    CHECK(story.engine.find_conference(conference)->active_members == 1);
    const Lines happened = story.happened();
    CHECK(std::ranges::count(happened, "0.300 hears one") == 2);
    CHECK(story.engine.update_bridge(bridge, false, std::vector{first, other}, story.now).refusal ==
          Refusal::none);

    story.wait(100s);  // each document ends its call
    CHECK(story.engine.find_bridge(bridge)->calls.size() == 1);
    CHECK(story.engine.find_conference(conference)->state == ConferenceState::completed);
}

TEST_CASE("bxml: documents that lead to one another without taking time end the call",
          "[core][bxml]") {
    BxmlStory story;
    const std::string again{R"(<Redirect requestUrl="/n"/>)"};
    const CallId id = story.reads(again);
    std::uint32_t documents = 1;
    while (!is_over(story.call(id).state)) {
        REQUIRE(documents++ < 100);
        story.engine.outputs().clear();
        story.answers(id, "<Response>" + again + "</Response>", EventType::redirect);
    }
    CHECK(documents == bxml::most_documents_at_once + 1);
    CHECK(errors(story) == Lines{"bxml-invalid-verb The BXML verb is invalid (line 1, column 11): "
                                 "expected at most 20 documents that lead to one another at once, "
                                 "found one more"});
}

TEST_CASE("bxml: a call that takes its time may read a thousand documents", "[core][bxml]") {
    BxmlStory story;
    const std::string again{R"(<Pause/><Redirect requestUrl="/n"/>)"};
    const CallId id = story.reads(again);
    std::uint32_t documents = 1;
    while (!is_over(story.call(id).state)) {
        REQUIRE(documents++ < 2000);
        story.wait(1s);
        story.engine.outputs().clear();
        story.answers(id, "<Response>" + again + "</Response>", EventType::redirect);
    }
    CHECK(documents == bxml::most_documents + 1);
}

TEST_CASE("bxml: nobody is told twice, and nobody of keys, speech and files", "[core][bxml]") {
    ModelSettings settings;
    settings.switches.prompt_events = true;
    BxmlStory story{settings};
    const CallId id = story.reads(
        R"(<SpeakSentence>one</SpeakSentence><PlayAudio>a</PlayAudio><Gather><PlayAudio>b)"
        R"(</PlayAudio></Gather><Hangup/>)");
    story.wait(500ms);
    story.does(id, PressKeys{"1"});
    story.wait(7s);
    story.does(id, PressKeys{"2"});
    story.wait(60s);
    story.answers(id, "<Response><Pause/></Response>");  // too late for all
    story.fails(id, EventType::answer);
    story.wait(60s);
    CHECK(story.events() == Lines{"12.700 hangup NORMAL_CLEARING"});
}

}  // namespace bxml_document
