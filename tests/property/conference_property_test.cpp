#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/conferring.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace random_conferences {
namespace {

/// Random conferences, calls and commands, legal and illegal; then enough time for all to end.
class RandomConferences {
public:
    explicit RandomConferences(Seed seed)
        : dice_{mix(test::number_of(seed))}, conferring_{settings(), seed, limits()} {
        for (int i = 0; i < 120; ++i) {
            act();
        }
        for (const CallId id : conferences_) {
            conferring_.confer(id, completing());
        }
        for (const CallId id : calls_) {
            conferring_.does(id, to_state(WantedState::completed));
        }
        wait(120s);
    }

    const Outputs& outputs() const { return outputs_; }
    const std::set<CallId>& forgotten() const { return forgotten_; }
    const std::vector<CallId>& conferences() const { return conferences_; }
    Conferring& conferring() { return conferring_; }
    /// Why something that must always hold did not; "" if it did.
    const std::string& wrong() const { return wrong_; }

private:
    static ModelSettings settings() {
        ModelSettings settings;
        settings.delays.answer = {0s, 3s};
        settings.delays.small = {0ms, 2s};
        settings.delays.hangup = {0ms, 2s};
        settings.delays.audio_start = {0ms, 900ms};
        settings.delays.stop = {0ms, 500ms};
        return settings;
    }
    static EngineLimits limits() {
        EngineLimits limits;
        limits.over_conferences = 5;
        return limits;
    }

    CallId any(const std::vector<CallId>& ids) {
        return ids.empty() ? CallId{12345} : ids[dice_.below(ids.size())];
    }
    bool coin() { return dice_.below(2) == 0; }

    void host() {
        NewConference wanted = Conferring::conference(coin() ? KeyProfile::interpret_digits
                                                             : KeyProfile::passthru_digits);
        if (dice_.below(8) == 0) {
            wanted.route = {};
        }
        conferences_.push_back(conferring_.host(wanted));
    }
    void call() {
        NewCall wanted = dice_.below(5) == 0
                             ? Story::inbound(true)
                             : Story::outbound(coin() ? "+19195550187" : "+15550009907");
        wanted.conference = coin() ? any(conferences_) : CallId::none;
        calls_.push_back(conferring_.begin(wanted));
        conferring_.does(calls_.back(), IncomingTold{});
    }
    void command_member() {
        UpdateMember update = to_member(static_cast<std::uint32_t>(dice_.below(6)));
        update.leaves = dice_.below(3) == 0;
        update.mute = coin() ? std::optional{coin()} : std::nullopt;
        update.hold = coin() ? std::optional{coin()} : std::nullopt;
        conferring_.confer(any(conferences_), update);
    }
    void join() {
        AddMember wanted;
        wanted.call = any(calls_);
        wanted.mute = coin();
        wanted.join_tone = coin();
        wanted.leaving_tone = coin();
        conferring_.confer(any(conferences_), wanted);
    }
    void command_conference() {
        UpdateConference update;
        update.completes = dice_.below(6) == 0;
        update.mute = coin() ? std::optional{coin()} : std::nullopt;
        update.tag = coin() ? std::optional<std::string>{"t"} : std::nullopt;
        conferring_.confer(any(conferences_), update);
    }
    void act() {
        Audio audio = speech("one two three", "a");
        audio.loop = dice_.below(4) == 0;
        switch (dice_.below(16)) {
            case 0:
            case 1:
                host();
                break;
            case 2:
            case 3:
            case 4:
                call();
                break;
            case 5:
            case 6:
            case 7:
                join();
                break;
            case 8:
            case 9:
                command_member();
                break;
            case 10:
                command_conference();
                break;
            case 11:
                conferring_.confer(any(conferences_), Play{audio});
                break;
            case 12:
                conferring_.confer(any(conferences_), StopPlaying{});
                break;
            case 13:
                conferring_.does(any(calls_), coin() ? Input{PressKeys{"12"}} : Input{Play{audio}});
                break;
            case 14:
                conferring_.does(any(calls_), FarEndHangsUp{});
                break;
            default:
                forget_something();
                break;
        }
        wait(Duration{std::chrono::milliseconds{dice_.below(1200)}});
    }
    /// What should never be, also for those who were somebody's and are not there any more.
    void forget_something() {
        if (conferring_.confer(any(calls_), completing()).refusal != Refusal::no_such_item) {
            wrong_ = "a call took a conference's command";
        }
        if (dice_.below(6) == 0) {
            const CallId id = any(coin() ? calls_ : conferences_);
            conferring_.engine.forget(id);
            forgotten_.insert(id);
        }
    }
    void wait(Duration duration) {
        conferring_.wait(duration);
        outputs_.insert(outputs_.end(), conferring_.engine.outputs().begin(),
                        conferring_.engine.outputs().end());
        conferring_.engine.outputs().clear();
        check();
    }
    /// Members and calls agree about who is in what, and counts are right.
    void check() {
        std::map<CallId, CallId> active;
        std::size_t live = 0;
        for (const CallId id : conferences_) {
            const Conference* const it = conferring_.engine.find_conference(id);
            if (it == nullptr) {
                continue;
            }
            live += it->state == ConferenceState::completed ? 0U : 1U;
            std::uint32_t count = 0;
            for (const Member& member : it->members) {
                if (!is_active(member)) {
                    continue;
                }
                ++count;
                if (!active.emplace(member.call, id).second) {
                    wrong_ = "a call is an active member twice";
                }
            }
            if (count != it->active_members || count > most_active_members ||
                (count == 0) == (it->state == ConferenceState::active)) {
                wrong_ = "the count of active members and the state disagree";
            }
        }
        for (const CallId id : calls_) {
            const Call* const it = conferring_.engine.find(id);
            const bool conferring = it != nullptr && it->details && it->details->conferring;
            const auto found = active.find(id);
            if (conferring != (found != active.end()) ||
                (conferring && (it->details->conference != found->second || !is_up(it->state)))) {
                wrong_ = "a call and its conference disagree";
            }
        }
        if (live != conferring_.engine.live_conferences()) {
            wrong_ = "the count of live conferences";
        }
    }

    Rng dice_;
    Conferring conferring_;
    std::vector<CallId> conferences_;
    std::vector<CallId> calls_;
    std::set<CallId> forgotten_;
    Outputs outputs_;
    std::string wrong_;
};

}  // namespace

TEST_CASE("conferences: members and calls always agree, and the journal with both",
          "[property][conference]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        RandomConferences run{seed};
        REQUIRE(run.wrong() == "");
        std::map<std::pair<CallId, std::uint32_t>, ConferenceBecame> last;
        for (const Output& output : run.outputs()) {
            if (const auto* change = other_news<ConferenceBecame>(output.what)) {
                const auto key = std::pair{output.call, change->member};
                if (const auto before = last.find(key);
                    before != last.end() && change->member == 0) {
                    REQUIRE(change->before == before->second.after);
                }
                last[key] = *change;
            }
        }
        for (const CallId id : run.conferences()) {
            REQUIRE(last.contains({id, 0}));
            const Conference* const it = run.conferring().engine.find_conference(id);
            if (it == nullptr) {
                continue;
            }
            const ConferenceBecame& told = last[{id, 0}];
            REQUIRE(told.after == it->state);
            REQUIRE(told.mute == it->mute);
            REQUIRE(it->state == ConferenceState::completed);
            REQUIRE_FALSE(has_unfinished_business(*it));
            for (std::uint32_t number = 1; number <= it->members.size(); ++number) {
                const Member& member = it->members[number - 1];
                const ConferenceBecame& of_member = last[{id, number}];
                REQUIRE(of_member.left == !is_active(member));
                REQUIRE(of_member.mute == member.mute);
                REQUIRE(of_member.hold == member.hold);
                REQUIRE(of_member.call == member.call);
            }
        }
        REQUIRE(run.conferring().engine.live_conferences() == 0);
        REQUIRE(run.conferring().engine.known_conferences() <= 5);
    }
}

TEST_CASE("conferences: every event comes once, in its order, and every sound that began ends",
          "[property][conference]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        const RandomConferences run{seed};
        std::map<CallId, int> sounding;
        std::set<CallId> created;
        std::set<CallId> completed;
        std::map<std::pair<CallId, std::uint32_t>, int> stage;  // 1 joined, 2 left
        std::map<CallId, Instant> latest;
        for (const Output& output : run.outputs()) {
            const auto* const callback = std::get_if<Callback>(&output.what);
            if (callback == nullptr || !is_of_conference(callback->event.type)) {
                continue;
            }
            const CallId id = output.call;
            REQUIRE(callback->strand == id);
            REQUIRE(output.at >= latest[id]);
            latest[id] = output.at;
            REQUIRE_FALSE(completed.contains(id));  // it is the last that is heard of it
            if (const auto* audio = std::get_if<AudioDetail>(&callback->event.detail)) {
                REQUIRE(created.contains(id));
                sounding[id] += audio->done ? -1 : 1;
                REQUIRE((sounding[id] == 0 || sounding[id] == 1));
                continue;
            }
            const ConferenceNotice& notice =
                *std::get<ConferenceDetail>(callback->event.detail).notice.get();
            if (notice.member == 0) {
                if (notice.completed_at == never) {
                    REQUIRE(created.insert(id).second);
                } else {
                    REQUIRE(created.contains(id));
                    REQUIRE(notice.active_members == 0);
                    completed.insert(id);
                }
                continue;
            }
            REQUIRE(created.contains(id));
            int& reached = stage[{id, notice.member}];
            REQUIRE(reached < 2);
            reached = notice.left ? 2 : 1;
        }
        for (const auto& [id, playing] : sounding) {
            if (!run.forgotten().contains(id)) {
                REQUIRE(playing == 0);
            }
        }
        for (const auto& [member, reached] : stage) {
            if (!run.forgotten().contains(member.first)) {
                REQUIRE(reached == 2);
            }
        }
        for (const CallId id : created) {
            REQUIRE((completed.contains(id) || run.forgotten().contains(id)));
        }
    }
}

TEST_CASE("conferences: a member has left before its call's hangup is told",
          "[property][conference]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        const RandomConferences run{seed};
        std::map<CallId, bool> hung_up;
        for (const Output& output : run.outputs()) {
            if (const auto* change = other_news<ConferenceBecame>(output.what);
                change != nullptr && change->member != 0) {
                REQUIRE_FALSE(hung_up[change->call]);
            }
            const auto* const callback = std::get_if<Callback>(&output.what);
            if (callback != nullptr && callback->event.type == EventType::hangup) {
                hung_up[output.call] = true;
            }
        }
    }
}

TEST_CASE("conferences: the same seed gives the same run", "[property][conference]") {
    for (const Seed seed : test::seeds(50)) {
        CAPTURE(test::number_of(seed));
        const bool same = RandomConferences{seed}.outputs() == RandomConferences{seed}.outputs();
        CHECK(same);
    }
    const bool differ =
        RandomConferences{Seed{1}}.outputs() != RandomConferences{Seed{2}}.outputs();
    CHECK(differ);
}

}  // namespace random_conferences
