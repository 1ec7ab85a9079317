#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/support/bridging.h"
#include "tests/support/seeds.h"

using namespace ringback;
using namespace ringback::test;

namespace random_bridges {
namespace {

constexpr std::array numbers{"+19195550187", "+15550009900", "+15550009901", "+15550009902",
                             "+15550009903", "+15550009911", "+15550009917"};

/// Random calls and bridges and commands of both, legal and illegal; then all calls are ended.
class RandomBridges {
public:
    explicit RandomBridges(Seed seed)
        : dice_{mix(test::number_of(seed))}, story_{settings(), seed} {
        for (int i = 0; i < 120; ++i) {
            act();
            agree();
            story_.wait(Duration{std::chrono::milliseconds{dice_.below(3000)}});
            agree();
            keep();
        }
        for (int round = 0; round < 2; ++round) {  // legs of transfers are known afterwards
            for (const CallId id : calls()) {
                story_.hang_up(id);
            }
        }
        story_.wait(4000s);
        agree();
        keep();
    }

    const Outputs& outputs() const { return outputs_; }
    const std::vector<CallId>& bridges() const { return bridges_; }
    const std::set<CallId>& forgotten() const { return forgotten_; }
    Bridging& story() { return story_; }
    /// What bridges and calls said of each other and did not hold; of commands, those that were
    /// taken or refused wrongly.
    int disagreements() const { return disagreements_; }

private:
    static ModelSettings settings() {
        ModelSettings settings;
        settings.delays.answer = {0s, 8s};
        settings.delays.audio_start = {0ms, 600ms};
        return settings;
    }
    Calls calls() {
        Calls all;
        if (const User* const user = story_.engine.find_user("u-1")) {
            user->calls.newest_first([&](const Call& call) {
                all.push_back(call.id);
                return true;
            });
        }
        return all;
    }
    CallId some(const Calls& of) {
        return of.empty() || dice_.below(12) == 0 ? CallId{12345} : of[dice_.below(of.size())];
    }
    Calls some_calls() {
        Calls named;
        const Calls all = calls();
        for (std::uint64_t n = dice_.below(4); n > 0; --n) {
            named.push_back(some(all));
        }
        return named;
    }
    void act() {
        const CallId call = some(calls());
        const CallId bridge = some(bridges_);
        Audio audio = speech("one two three");
        audio.loop = dice_.below(4) == 0;
        switch (dice_.below(14)) {
            case 0:
            case 1:
                begin();
                break;
            case 2:
            case 3:
                create();
                break;
            case 4:
            case 5:
                static_cast<void>(story_.put(bridge, some_calls()));
                break;
            case 6:
                static_cast<void>(story_.audio(bridge, dice_.below(2) == 0));
                break;
            case 7:
                join(bridge);
                break;
            case 8:
                play(bridge, audio);
                break;
            case 9:
                static_cast<void>(story_.stops(bridge));
                break;
            case 10:
                story_.hang_up(call);
                break;
            case 11: {
                Update transfer = to_state(WantedState::transferring);
                transfer.transfer_to = numbers[dice_.below(numbers.size())];
                static_cast<void>(story_.does(call, transfer));
                break;
            }
            case 12:
                static_cast<void>(story_.does(call, FarEndHangsUp{}));
                break;
            default:
                forget(call, bridge);
                break;
        }
    }
    void begin() {
        static_cast<void>(story_.begin(
            dice_.below(4) == 0 ? Story::inbound(true)
                                : Story::outbound(numbers[dice_.below(numbers.size())])));
    }
    void create() {
        const Calls named = some_calls();
        const std::size_t before = story_.engine.live_bridges();
        const CallId made = story_.bridge(named, dice_.below(4) != 0);
        disagreements_ +=
            story_.engine.live_bridges() == before + (made == CallId::none ? 0 : 1) ? 0 : 1;
        if (made != CallId::none) {
            bridges_.push_back(made);
        }
    }
    void join(CallId id) {
        const Bridge* const bridge = story_.engine.find_bridge(id);
        if (bridge != nullptr && refusal_of_one_more(*bridge) == Refusal::none) {
            const CallId call = story_.dialled(id, numbers[dice_.below(numbers.size())]);
            disagreements_ += story_.bridge_of(call) == id ? 0 : 1;
        }
    }
    void play(CallId id, const Audio& audio) {
        const Bridge* const bridge = story_.engine.find_bridge(id);
        const bool may = bridge != nullptr && count_up(*bridge) > 0;
        disagreements_ += (story_.plays(id, audio) == Refusal::none) == may ? 0 : 1;
    }
    void forget(CallId call, CallId bridge) {
        if (dice_.below(3) == 0) {
            const CallId gone = dice_.below(2) == 0 ? call : bridge;
            story_.engine.forget(gone);
            forgotten_.insert(gone);
        }
    }
    /// Each side says the same of the other.
    void agree() {
        std::map<CallId, CallId> held;
        for (const CallId id : bridges_) {
            const Bridge* const bridge = story_.engine.find_bridge(id);
            if (bridge == nullptr) {
                disagreements_ += forgotten_.contains(id) ? 0 : 1;
                continue;
            }
            disagreements_ += bridge->calls.size() <= most_bridged_calls ? 0 : 1;
            disagreements_ += is_over(bridge->state) && !bridge->calls.empty() ? 1 : 0;
            for (const BridgedCall& one : bridge->calls) {
                const Call* const call = story_.engine.find(one.call);
                const bool right = call != nullptr && !is_over(call->state) &&
                                   one.up == is_up(call->state) && !held.contains(one.call);
                disagreements_ += right ? 0 : 1;
                held[one.call] = id;
            }
        }
        for (const CallId id : calls()) {
            disagreements_ += story_.bridge_of(id) == held[id] ? 0 : 1;
        }
    }
    void keep() {
        Outputs& told = story_.engine.outputs();
        outputs_.insert(outputs_.end(), told.begin(), told.end());
        told.clear();
    }

    Rng dice_;
    Bridging story_;
    Calls bridges_;
    std::set<CallId> forgotten_;
    Outputs outputs_;
    int disagreements_{0};
};

}  // namespace

TEST_CASE("bridges: calls and bridges always agree on who is in which", "[property][bridge]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        REQUIRE(RandomBridges{seed}.disagreements() == 0);
    }
}

TEST_CASE("bridges: each is what was told of it last, and completed once its calls are over",
          "[property][bridge]") {
    std::size_t completed{0};
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        RandomBridges run{seed};
        std::map<CallId, BridgeBecame> last;
        for (const Output& output : run.outputs()) {
            if (const auto* change = other_news<BridgeBecame>(output.what)) {
                if (const auto before = last.find(output.call); before != last.end()) {
                    REQUIRE(change->before == before->second.after);
                    REQUIRE(change->before != BridgeState::completed);
                } else {
                    REQUIRE(change->before == BridgeState::created);
                }
                last[output.call] = *change;
            }
        }
        std::size_t live{0};
        for (const CallId id : run.bridges()) {
            REQUIRE(last.contains(id));
            const Bridge* const bridge = run.story().engine.find_bridge(id);
            if (bridge == nullptr) {
                continue;
            }
            REQUIRE(bridge->state == last[id].after);
            REQUIRE(bridge->audio == last[id].audio);
            REQUIRE(bridge->calls.empty());
            REQUIRE(last[id].calls == std::array<CallId, most_bridged_calls>{});
            REQUIRE(is_over(bridge->state) >= bridge->used);
            REQUIRE_FALSE(bridge->playing);
            live += is_over(bridge->state) ? 0 : 1;
            completed += is_over(bridge->state) ? 1 : 0;
        }
        REQUIRE(run.story().engine.live_bridges() == live);
        REQUIRE(run.story().engine.live_calls() == 0);
        REQUIRE_FALSE(run.story().engine.next_due().has_value());
    }
    if (!is_replay()) {
        CHECK(completed > 0);
    }
}

TEST_CASE("bridges: nothing is heard on a phone before its answer or after its end",
          "[property][bridge]") {
    for (const Seed seed : test::seeds(300)) {
        CAPTURE(test::number_of(seed));
        const RandomBridges run{seed};
        std::map<CallId, CallState> state;
        for (const Output& output : run.outputs()) {
            if (const auto* became = std::get_if<Became>(&output.what)) {
                state[output.call] = became->after;
            } else if (const auto* phone = std::get_if<OnThePhone>(&output.what);
                       phone != nullptr && phone->what == OnThePhone::What::heard_speech) {
                REQUIRE(is_up(state[output.call]));
            }
            REQUIRE((resource_of(output.call) == Resource::call ||
                     (other_news<BridgeBecame>(output.what) != nullptr)));
        }
    }
}

TEST_CASE("bridges: the same seed gives the same run", "[property][bridge]") {
    for (const Seed seed : test::seeds(50)) {
        CAPTURE(test::number_of(seed));
        const bool same = RandomBridges{seed}.outputs() == RandomBridges{seed}.outputs();
        CHECK(same);
    }
}

}  // namespace random_bridges
