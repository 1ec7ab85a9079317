#include <catch2/catch.hpp>
#include <map>

#include "tests/support/bxml_story.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace random_documents {
namespace {

/// Calls whose receiver answers with random documents, good and bad, while keys are pressed, things
/// are said, deliveries fail and people hang up.
class RandomDocuments {
public:
    explicit RandomDocuments(Seed seed)
        : dice_{mix(test::number_of(seed))}, story_{settings(), seed} {
        for (int i = 0; i < 4; ++i) {
            NewCall call = BxmlStory::by_get(dice_.below(4) == 0 ? Story::inbound(true)
                                                                 : Story::outbound(number()));
            call.recording_enabled = dice_.below(4) == 0;
            call.tag = dice_.below(2) == 0 ? "tag" : "";
            story_.begin(call);
        }
        for (int i = 0; i < 120; ++i) {
            act();
            keep();
        }
        for (const CallId id : ids()) {
            story_.does(id, to_state(WantedState::completed));
        }
        story_.wait(4000s);
        keep();
    }

    const Outputs& outputs() const { return outputs_; }
    const Call& call(CallId id) const { return story_.call(id); }
    std::optional<Instant> next_due() { return story_.engine.next_due(); }
    std::size_t live_calls() const { return story_.engine.live_calls(); }
    int asked_twice() const { return asked_twice_; }

    std::vector<CallId> ids() {
        std::vector<CallId> all;
        User& user = *story_.engine.find_user("u-1");
        for (std::uint64_t n = 1; n < user.calls.next_number(); ++n) {
            all.push_back(user.calls.find(n)->id);
        }
        return all;
    }

private:
    static ModelSettings settings() {
        ModelSettings settings;
        settings.delays.answer = {0s, 8s};
        settings.delays.hangup = {0ms, 3s};
        settings.delays.save = {0ms, 3s};
        settings.delays.audio_start = {0ms, 600ms};
        return settings;
    }
    std::string number() {
        constexpr const char* numbers[] = {"+19195550187", "+15550009900", "+15550009901",
                                           "+15550009902", "+15550009904", "+15550009907",
                                           "+15550009908", "+15550009909", "+15550009910",
                                           "+15550009911", "+15550009917"};
        return numbers[dice_.below(std::size(numbers))];
    }
    std::string verb() {
        switch (dice_.below(15)) {
            case 0:
                return "<SpeakSentence>one two three</SpeakSentence>";
            case 1:
                return R"(<PlayAudio repeatCount="2">a.wav</PlayAudio>)";
            case 2:
                return "<Pause length=\"" + std::to_string(dice_.below(3)) + "\"/>";
            case 3:
                return "<SendDtmf>1w2</SendDtmf>";
            case 4:
                return "<Gather/>";
            case 5:
                return R"(<Gather requestUrl="/m" maxDigits="2" tag="g"><SpeakSentence>one</SpeakSentence><SpeakSentence>two</SpeakSentence></Gather>)";
            case 6:
                return R"(<Gather requestUrl="/m"><PlayAudio repeatCount="2" delayBeforeRepeat="1">b</PlayAudio></Gather>)";
            case 7:
                return R"(<Record requestUrl="/r" transcribe="true" transcribeCallbackUrl="/t" terminatingDigits="#"/>)";
            case 8:
                return R"(<Record maxDuration="2" silenceTimeout="0"/>)";
            case 9:
                return "<Transfer requestUrl=\"/d\" callTimeout=\"9\" transferTo=\"" + number() +
                       "\"><PhoneNumber>" + number() +
                       "</PhoneNumber><SpeakSentence>psst</SpeakSentence><Record/></Transfer>";
            case 10:
                return R"(<Redirect requestUrl="/n"/>)";
            case 11:
                return "<Sing/>";
            case 12:
                return dice_.below(8) == 0 ? "<Pause length=\"-1\"/>" : "<Pause colour=\"red\"/>";
            case 13:
                return dice_.below(3) == 0 ? "<Hangup/>" : "";
            default:
                return dice_.below(9) == 0 ? "<Reject/>" : "text";
        }
    }
    std::string body() {
        if (dice_.below(10) == 0) {
            return dice_.below(2) == 0 ? "ok" : "<Response><Pause></Response>";
        }
        std::string verbs;
        for (std::uint64_t n = dice_.below(5); n > 0; --n) {
            verbs += verb();
        }
        return "<Response>" + verbs + "</Response>";
    }
    void act() {
        const std::vector<CallId> all = ids();
        const CallId id = all[dice_.below(all.size())];
        switch (dice_.below(9)) {
            case 0:
            case 1:
                story_.does(id, PressKeys{dice_.below(2) == 0 ? "1" : "12#"});
                break;
            case 2:
                story_.does(id, Say{"hello there"});
                break;
            case 3:
                story_.does(id, Play{speech("a")});
                break;
            case 4:
                if (dice_.below(6) == 0) {
                    story_.does(id, FarEndHangsUp{});
                }
                break;
            case 5:
                story_.does(id, IncomingTold{});
                break;
            default:
                answer_one();
                break;
        }
        story_.wait(Duration{std::chrono::milliseconds{dice_.below(4000)}});
    }
    /// One of the events that ask for a document gets its answer.
    void answer_one() {
        if (asked_.empty()) {
            return;
        }
        const auto chosen =
            std::next(asked_.begin(), static_cast<std::ptrdiff_t>(dice_.below(asked_.size())));
        const auto [id, type] = *chosen;
        asked_.erase(chosen);
        if (dice_.below(12) == 0) {
            story_.fails(id, type);
        } else {
            story_.answers(id, body(), type);
        }
    }
    void keep() {
        for (const Output& output : story_.engine.outputs()) {
            const auto* const owed = std::get_if<Callback>(&output.what);
            if (owed != nullptr && owed->event.asks_document) {
                asked_twice_ += asked_.contains(output.call) ? 1 : 0;
                asked_[output.call] = owed->event.type;
            }
            outputs_.push_back(output);
        }
        story_.engine.outputs().clear();
    }

    Rng dice_;
    BxmlStory story_;
    Outputs outputs_;
    std::map<CallId, EventType> asked_;  // and not yet answered
    int asked_twice_{0};
};

}  // namespace

TEST_CASE("bxml: whatever documents say and people do, calls end once and nothing is left",
          "[property][bxml]") {
    std::map<BxmlNews::What, int> seen;
    for (const Seed seed : test::seeds(400)) {
        CAPTURE(test::number_of(seed));
        RandomDocuments run{seed};
        std::map<CallId, std::vector<Event>> events;
        for (const Output& output : run.outputs()) {
            if (const auto* owed = std::get_if<Callback>(&output.what)) {
                events[output.call].push_back(owed->event);
            }
            if (const auto* news = other_news<BxmlNews>(output.what)) {
                ++seen[news->what];
            }
        }
        REQUIRE(run.asked_twice() == 0);
        for (const CallId id : run.ids()) {
            CAPTURE(ringback::number_of(id));
            const Call& call = run.call(id);
            REQUIRE(is_over(call.state));
            REQUIRE_FALSE(has_unfinished_business(call));
            int hangups = 0;
            Instant last = Instant::min();
            for (const Event& event : events[id]) {
                REQUIRE(event.time >= last);
                last = event.time;
                REQUIRE((hangups == 0 || event.type == EventType::recording ||
                         event.type == EventType::transcription));
                hangups += event.type == EventType::hangup ? 1 : 0;
            }
            const bool tells = !call.route->url.empty() && call.state != CallState::error;
            REQUIRE(hangups == (tells ? 1 : 0));
            if (call.details) {
                REQUIRE_FALSE(call.details->playing);
                REQUIRE(call.details->sounds.empty());
                for (const Gather& gather : call.details->gathers) {
                    REQUIRE(gather.reason);
                }
                for (const Recording& recording : call.details->recordings) {
                    REQUIRE(recording.state != Recording::State::recording);
                }
            }
        }
        REQUIRE(run.live_calls() == 0);
        REQUIRE(run.next_due() == std::nullopt);
    }
    if (!test::is_replay()) {
        CHECK(seen.size() == 9);
    }
}

TEST_CASE("bxml: the states told are the states the calls have", "[property][bxml]") {
    for (const Seed seed : test::seeds(100)) {
        CAPTURE(test::number_of(seed));
        RandomDocuments run{seed};
        std::map<CallId, CallState> state;
        for (const Output& output : run.outputs()) {
            if (const auto* change = std::get_if<Became>(&output.what)) {
                if (state.contains(output.call)) {
                    REQUIRE(change->before == state[output.call]);
                    REQUIRE_FALSE(is_over(change->before));
                }
                state[output.call] = change->after;
            }
        }
        for (const CallId id : run.ids()) {
            REQUIRE(state[id] == run.call(id).state);
        }
    }
}

TEST_CASE("bxml: a verb is told only between a document and the end of its call",
          "[property][bxml]") {
    for (const Seed seed : test::seeds(100)) {
        CAPTURE(test::number_of(seed));
        const RandomDocuments run{seed};
        std::map<CallId, std::uint32_t> to_come;  // verbs of the present document
        std::map<CallId, bool> over;
        for (const Output& output : run.outputs()) {
            if (const auto* change = std::get_if<Became>(&output.what)) {
                over[output.call] = is_over(change->after);
            }
            const auto* const news = other_news<BxmlNews>(output.what);
            if (news == nullptr) {
                continue;
            }
            REQUIRE_FALSE(over[output.call]);
            if (news->what == BxmlNews::What::document) {
                to_come[output.call] = news->verbs;
            } else if (news->what == BxmlNews::What::verb) {
                REQUIRE(to_come[output.call]-- > 0);
            }
        }
    }
}

TEST_CASE("bxml: the same seed gives the same run", "[property][bxml]") {
    for (const Seed seed : test::seeds(30)) {
        CAPTURE(test::number_of(seed));
        const bool same = RandomDocuments{seed}.outputs() == RandomDocuments{seed}.outputs();
        CHECK(same);
    }
}

}  // namespace random_documents
