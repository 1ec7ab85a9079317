#include <catch2/catch.hpp>
#include <map>

#include "tests/support/seeds.h"
#include "tests/support/story.h"

using namespace ringback;
using namespace ringback::test;

namespace {

const char* const numbers[] = {"+19195550187", "+15550009900", "+15550009901", "+15550009902",
                               "+15550009903", "+15550009904", "+15550009905", "+15550009907",
                               "+15550009908", "+15550009909", "+15550009910", "+15550009911",
                               "+15550009912", "+15550009917"};

/// A random life: calls, commands legal and illegal, keys and hang-ups, then enough time for all to
/// end.
class RandomRun {
public:
    explicit RandomRun(Seed seed) : dice_{mix(test::number_of(seed))}, story_{settings(), seed} {
        const std::uint64_t calls = 1 + dice_.below(6);
        for (std::uint64_t i = 0; i < calls; ++i) {
            begin_one();
        }
        for (int i = 0; i < 60; ++i) {
            act();
            keep();
        }
        for (const CallId id : ids_) {
            story_.does(id, to_state(WantedState::completed));
        }
        collect_legs();
        for (const CallId id : ids_) {
            story_.does(id, to_state(WantedState::completed));
        }
        story_.wait(4000s);
        keep();
        collect_legs();
    }

    const Outputs& outputs() const { return outputs_; }
    const std::vector<CallId>& ids() const { return ids_; }
    const Call& call(CallId id) const { return story_.call(id); }
    std::optional<Instant> next_due() { return story_.engine.next_due(); }

private:
    static ModelSettings settings() {
        ModelSettings settings;
        settings.delays.answer = {0s, 8s};
        settings.delays.hangup = {0ms, 3s};
        settings.delays.save = {0ms, 3s};
        settings.delays.audio_start = {0ms, 600ms};
        settings.delays.stop = {0ms, 300ms};
        return settings;
    }
    std::string number() { return numbers[dice_.below(std::size(numbers))]; }
    CallId some() { return ids_[dice_.below(ids_.size())]; }

    void begin_one() {
        NewCall call =
            dice_.below(4) == 0 ? Story::inbound(dice_.below(2) == 0) : Story::outbound(number());
        call.recording_enabled = dice_.below(2) == 0;
        call.transcription_enabled = dice_.below(2) == 0;
        call.tag = dice_.below(2) == 0 ? "tag" : "";
        ids_.push_back(story_.begin(call));
    }
    void collect_legs() {
        User& user = *story_.engine.find_user("u-1");
        ids_.clear();
        for (std::uint64_t n = 1; n < user.calls.next_number(); ++n) {
            ids_.push_back(user.calls.find(n)->id);
        }
    }
    void act() {
        collect_legs();
        const CallId id = some();
        Audio audio = speech("one two three", "a");
        audio.loop = dice_.below(5) == 0;
        StartGather gather;
        gather.gather.max_digits = static_cast<std::uint32_t>(1 + dice_.below(4));
        if (dice_.below(2) == 0) {
            gather.prompt = audio;
        }
        Update transfer = to_state(WantedState::transferring);
        transfer.transfer_to = number();
        if (dice_.below(2) == 0) {
            transfer.whisper = audio;
        }
        Update recording;
        recording.recording_enabled = dice_.below(2) == 0;
        switch (dice_.below(16)) {
            case 0:
                story_.does(id, Play{audio});
                break;
            case 1:
                story_.does(id, StopPlaying{});
                break;
            case 2:
                story_.does(id, gather);
                break;
            case 3:
                story_.does(id, StopGather{static_cast<std::uint32_t>(dice_.below(3))});
                break;
            case 4:
                story_.does(id, PressKeys{"12#"});
                break;
            case 5:
                story_.does(id, SendTones{"1w2"});
                break;
            case 6:
                story_.does(id, transfer);
                break;
            case 7:
                story_.does(id, recording);
                break;
            case 8:
                story_.does(id, Transcribe{1});
                break;
            case 9:
                story_.does(id, FarEndHangsUp{});
                break;
            case 10:
                story_.does(id, IncomingTold{dice_.below(2) == 0});
                break;
            case 11:
                story_.does(id, to_state(WantedState::active));
                break;
            case 12:
                story_.does(id, Say{"hello"});
                break;
            case 13:
                begin_one();
                break;
            default:
                break;
        }
        story_.wait(Duration{std::chrono::milliseconds{dice_.below(5000)}});
    }
    void keep() {
        outputs_.insert(outputs_.end(), story_.engine.outputs().begin(),
                        story_.engine.outputs().end());
        story_.engine.outputs().clear();
    }

    Rng dice_;
    Story story_;
    std::vector<CallId> ids_;
    Outputs outputs_;
};

std::map<CallId, std::vector<Event>> events_by_call(const RandomRun& run) {
    std::map<CallId, std::vector<Event>> events;
    for (const Output& output : run.outputs()) {
        if (const auto* callback = std::get_if<Callback>(&output.what)) {
            events[output.call].push_back(callback->event);
        }
    }
    return events;
}

}  // namespace

TEST_CASE("engine: every call ends once and then speaks only of recordings", "[property][engine]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        RandomRun run{seed};
        auto events = events_by_call(run);
        for (const CallId id : run.ids()) {
            CAPTURE(ringback::number_of(id));
            REQUIRE(is_over(run.call(id).state));
            REQUIRE_FALSE(has_unfinished_business(run.call(id)));
            int hangups = 0;
            int answers_or_timeouts = 0;
            int audible = 0;
            int gathers = 0;
            Instant last = Instant::min();
            for (const Event& event : events[id]) {
                REQUIRE(event.time >= last);
                last = event.time;
                if (hangups > 0) {
                    REQUIRE((event.type == EventType::recording ||
                             event.type == EventType::transcription));
                }
                hangups += event.type == EventType::hangup ? 1 : 0;
                answers_or_timeouts +=
                    event.type == EventType::answer || event.type == EventType::timeout ? 1 : 0;
                gathers += event.type == EventType::gather ? 1 : 0;
                if (const auto* audio = std::get_if<AudioDetail>(&event.detail)) {
                    audible += audio->done ? -1 : 1;
                    REQUIRE(audible >= 0);
                    REQUIRE(audible <= 1);
                }
            }
            REQUIRE(hangups == (run.call(id).state == CallState::error ? 0 : 1));
            REQUIRE(answers_or_timeouts <= 1);
            REQUIRE(audible == 0);
            const std::size_t asked =
                run.call(id).details ? run.call(id).details->gathers.size() : 0;
            REQUIRE(static_cast<std::size_t>(gathers) == asked);
        }
        REQUIRE(run.next_due() == std::nullopt);
    }
}

TEST_CASE("engine: the states told are the states the calls have", "[property][engine]") {
    for (const Seed seed : test::seeds(100)) {
        CAPTURE(test::number_of(seed));
        RandomRun run{seed};
        std::map<CallId, CallState> state;
        for (const Output& output : run.outputs()) {
            if (const auto* change = std::get_if<Became>(&output.what)) {
                if (state.count(output.call) == 1) {
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

TEST_CASE("engine: the same seed gives the same run, to the last callback", "[property][engine]") {
    for (const Seed seed : test::seeds(50)) {
        CAPTURE(test::number_of(seed));
        const RandomRun once{seed};
        const RandomRun again{seed};
        const bool same = once.outputs() == again.outputs();
        CHECK(same);
    }
    const RandomRun first{Seed{1}};
    const RandomRun second{Seed{2}};
    const bool differ = first.outputs() != second.outputs();
    CHECK(differ);
}

TEST_CASE("engine: 100,000 calls, not one event out of its order", "[property][engine]") {
    Story story;
    std::uint64_t expected = 0;
    std::map<CallId, int> step_of;
    std::uint64_t inversions = 0;
    const auto check = [&] {
        for (const Output& output : story.engine.outputs()) {
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                const EventType type = callback->event.type;
                const int step = type == EventType::answer ? 1
                                 : type == EventType::speak
                                     ? (std::get<AudioDetail>(callback->event.detail).done ? 3 : 2)
                                     : 4;
                int& last = step_of[output.call];
                inversions += step == last + 1 ? 0U : 1U;
                last = step;
                ++expected;
            }
        }
        story.engine.outputs().clear();
    };
    std::vector<CallId> ids;
    for (int i = 0; i < 100'000; ++i) {
        ids.push_back(story.begin(Story::outbound()));
        story.now += 100us;
    }
    story.wait(5s);
    check();
    for (const CallId id : ids) {
        story.does(id, Play{speech("hello")});
        story.now += 10us;
    }
    story.wait(10s);
    check();
    for (const CallId id : ids) {
        story.does(id, to_state(WantedState::completed));
    }
    story.wait(10s);
    check();
    CHECK(inversions == 0);
    CHECK(expected == 400'000);
}
