// The life of a bridge: created, active, on hold, completed (spec v1 2.2, 4.9).

#include "simulator/core/bridge_machine.h"

#include <utility>

namespace ringback {
namespace {

using Standing = BridgeCandidate::Standing;

/// One bridge, one turn; as CallStep is for calls.
class BridgeStep {
public:
    BridgeStep(Bridge& bridge, const Turn& turn, Effects& effects)
        : bridge_{bridge}, turn_{turn}, effects_{effects}, rng_{turn.stream, bridge.draws} {}
    BridgeStep(const BridgeStep&) = delete;
    BridgeStep& operator=(const BridgeStep&) = delete;
    ~BridgeStep() { bridge_.draws = static_cast<std::uint32_t>(rng_.drawn()); }

    Outcome operator()(const BeginBridge& wanted) {
        if (const Outcome refused = refusal_of(wanted.calls); refused.refusal != Refusal::none) {
            return refused;
        }
        bridge_.created_at = turn_.now;
        bridge_.audio = wanted.audio;
        take_in(wanted.calls);
        become(state_now());
        return {};
    }

    Outcome operator()(const UpdateBridge& wanted) {
        if (!wanted.audio && !wanted.calls) {
            return {};
        }
        if (is_over(bridge_.state)) {
            return refused(Refusal::bridge_is_over);
        }
        if (wanted.calls) {
            if (const Outcome refused = refusal_of(*wanted.calls);
                refused.refusal != Refusal::none) {
                return refused;
            }
        }
        const BridgeBecame before = shown();
        bridge_.audio = wanted.audio.value_or(bridge_.audio);
        if (wanted.calls) {
            take_in(*wanted.calls);
        }
        const bool emptied = wanted.calls && wanted.calls->empty();
        settle(before, emptied ? BridgeState::completed : state_now());
        return {};
    }

    Outcome operator()(const JoinBridge& wanted) {
        if (const Refusal refusal = refusal_of_one_more(bridge_); refusal != Refusal::none) {
            return refused(refusal);
        }
        const BridgeBecame before = shown();
        bridge_.calls.push_back({wanted.call, false});
        settle(before, state_now());
        return {};
    }

    Outcome operator()(const BridgedNews& told) {
        const auto at = std::ranges::find(bridge_.calls, told.call, &BridgedCall::call);
        if (at == bridge_.calls.end()) {
            return {};
        }
        const BridgeBecame before = shown();
        if (told.news == GroupNews::answered) {
            come_up(*at);
        } else {
            bridge_.calls.erase(at);
        }
        settle(before, state_now());
        return {};
    }

    /// No event names a bridge (spec v1 9 row 41): only the phones know of it.
    Outcome operator()(const Play& wanted) {
        if (count_up(bridge_) == 0) {
            return refused(Refusal::no_active_calls);
        }
        bridge_.playing.open() =
            Playing{wanted.audio, Playing::Phase::pending, Playing::Purpose::audio};
        arm(turn_.now + delays().audio_start.draw(rng_));
        return {};
    }

    Outcome operator()(const StopPlaying& /*asked*/) {
        if (count_up(bridge_) == 0) {
            return refused(Refusal::no_active_calls);
        }
        if (!bridge_.playing) {
            return refused(Refusal::nothing_playing);
        }
        fall_silent();
        return {};
    }

    Outcome operator()(const TimerFired& fired) {
        if (!is_live(bridge_, fired.timer)) {
            return {};
        }
        if (bridge_.playing->phase != Playing::Phase::pending) {
            fall_silent();
            return {};
        }
        bridge_.playing->phase = Playing::Phase::audible;
        for (const BridgedCall& one : bridge_.calls) {
            hears(one);
        }
        if (!bridge_.playing->audio.loop) {
            arm(turn_.now + length_of(bridge_.playing->audio, delays()));
        }
        return {};
    }

private:
    [[nodiscard]] const Delays& delays() const {
        return turn_.delays != nullptr ? *turn_.delays : turn_.settings->delays;
    }
    [[nodiscard]] static Outcome refused(Refusal why, CallId call = CallId::none) {
        return {why, 0, call};
    }

    /// Spec v1 2.2, the table of errors, in its order.
    [[nodiscard]] Outcome refusal_of(const BridgeCandidates& calls) const {
        if (calls.size() > most_bridged_calls) {
            return refused(Refusal::too_many_calls);
        }
        constexpr std::array reasons{std::pair{Standing::unknown, Refusal::no_such_item},
                                     std::pair{Standing::elsewhere, Refusal::in_another_bridge},
                                     std::pair{Standing::unfit, Refusal::call_not_active},
                                     std::pair{Standing::under_document, Refusal::invalid_state}};
        for (const auto& [standing, refusal] : reasons) {
            const auto at = std::ranges::find(calls, standing, &BridgeCandidate::standing);
            if (at != calls.end()) {
                return refused(refusal, at->call);
            }
        }
        return {};
    }

    /// These calls are in it, and no others; one that is named twice is in it once.
    void take_in(const BridgeCandidates& calls) {
        const std::vector<BridgedCall> before = std::exchange(bridge_.calls, {});
        for (const BridgeCandidate& one : calls) {
            if (holds(bridge_, one.call)) {
                continue;
            }
            BridgedCall& taken = bridge_.calls.emplace_back();
            taken.call = one.call;
            const auto known = std::ranges::find(before, one.call, &BridgedCall::call);
            if (known != before.end() && known->up) {
                taken.up = true;
            } else if (one.standing == Standing::up) {
                come_up(taken);
            }
        }
    }

    void come_up(BridgedCall& call) {
        call.up = true;
        bridge_.used = true;
        if (bridge_.playing && bridge_.playing->phase == Playing::Phase::audible) {
            hears(call);  // what is left of it
        }
    }

    void hears(const BridgedCall& one) {
        if (one.up) {
            const Audio& audio = bridge_.playing->audio;
            effects_.put<OnThePhone>(turn_.now, one.call) = {audio.kind == Audio::Kind::speech
                                                                 ? OnThePhone::What::heard_speech
                                                                 : OnThePhone::What::heard_file,
                                                             audio.text};
        }
    }

    void fall_silent() {
        bridge_.playing = {};
        ++bridge_.serial;
    }

    /// What its calls and its audio make of it. A call that was never answered has not been in it:
    /// when it goes, another may be dialled.
    [[nodiscard]] BridgeState state_now() const {
        if (bridge_.calls.empty() && bridge_.used) {
            return BridgeState::completed;
        }
        const bool joined = count_up(bridge_) == most_bridged_calls && bridge_.audio;
        if (bridge_.activated_at == never && !joined) {
            return BridgeState::created;
        }
        return bridge_.audio ? BridgeState::active : BridgeState::hold;
    }

    /// Says what has changed, if anything that shows.
    void settle(const BridgeBecame& before, BridgeState state) {
        if (count_up(bridge_) == 0 && bridge_.playing) {
            fall_silent();
        }
        const BridgeBecame now = shown();
        if (state != before.after || now.audio != before.audio || now.calls != before.calls) {
            become(state);
        }
    }

    [[nodiscard]] BridgeBecame shown() const {
        BridgeBecame shown{bridge_.state, bridge_.state, bridge_.audio, {}};
        std::ranges::transform(bridge_.calls, shown.calls.begin(), &BridgedCall::call);
        return shown;
    }

    void become(BridgeState state) {
        if (state == BridgeState::active && bridge_.activated_at == never) {
            bridge_.activated_at = turn_.now;
        }
        if (is_over(state)) {
            bridge_.completed_at = turn_.now;
        }
        auto& told = effects_.put<BridgeBecame>(turn_.now, bridge_.id);
        told = shown();
        told.after = bridge_.state = state;
    }

    void arm(Instant at) {
        effects_.timers.push_back({Timer{TimerKind{}, ++bridge_.serial, 0}, at});
    }

    Bridge& bridge_;
    const Turn& turn_;
    Effects& effects_;
    Rng rng_;
};

}  // namespace

Outcome step(Bridge& bridge, const BridgeInput& input, const Turn& turn, Effects& effects) {
    return std::visit(BridgeStep{bridge, turn, effects}, input);
}

Refusal refusal_of_one_more(const Bridge& bridge) {
    if (is_over(bridge.state)) {
        return Refusal::bridge_is_over;
    }
    return bridge.calls.size() >= most_bridged_calls ? Refusal::too_many_calls : Refusal::none;
}

bool is_live(const Bridge& bridge, const Timer& timer) {
    return bridge.playing && bridge.serial == timer.serial;
}

}  // namespace ringback
