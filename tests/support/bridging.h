#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/story.h"

namespace ringback::test {

using Calls = std::vector<CallId>;

inline const char* word(BridgeState state) {
    constexpr const char* words[] = {"created", "active", "hold", "completed"};
    return words[static_cast<int>(state)];
}

/// Bridges told as actions and what they cause, in modelled time from `dawn`.
struct Bridging : Story {
    using Story::Story;

    CallId bridge(const Calls& calls, bool audio = true) {
        const Outcome made = engine.create_bridge(engine.user("u-1"), audio, calls, now);
        return made.refusal == Refusal::none ? made.leg : CallId::none;
    }
    Refusal refusal_of_new(const Calls& calls) {
        return engine.create_bridge(engine.user("u-1"), true, calls, now).refusal;
    }
    Refusal put(CallId id, const Calls& calls) {
        return engine.update_bridge(id, std::nullopt, calls, now).refusal;
    }
    Refusal audio(CallId id, bool on) {
        return engine.update_bridge(id, on, std::nullopt, now).refusal;
    }
    /// A call made with bridgeId.
    CallId dialled(CallId id, std::string to = "+19195550187") {
        const CallId call = begin(outbound(std::move(to)));
        static_cast<void>(engine.apply(id, BridgeInput{JoinBridge{call}}, now));
        return call;
    }
    Refusal plays(CallId id, Audio audio) {
        return engine.apply(id, BridgeInput{Play{std::move(audio)}}, now).refusal;
    }
    Refusal stops(CallId id) { return engine.apply(id, BridgeInput{StopPlaying{}}, now).refusal; }
    void hang_up(CallId id) { static_cast<void>(does(id, to_state(WantedState::completed))); }

    const Bridge& of(CallId id) const { return *engine.find_bridge(id); }
    /// Which bridge a call says that it is in.
    CallId bridge_of(CallId id) const {
        const Call& it = call(id);
        return it.details ? it.details->bridge : CallId::none;
    }

    /// What the outputs say became of bridges since the last look: "4.000 created active 1 2", with
    /// "silent" in front of the calls while bridgeAudio is false.
    Lines became() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            if (const auto* change = other_news<BridgeBecame>(output.what)) {
                std::string line = seconds_text(output.at - dawn) + " " + word(change->before) +
                                   " " + word(change->after) + (change->audio ? "" : " silent");
                for (const CallId call : change->calls) {
                    line += call == CallId::none ? "" : " " + std::to_string(number_of(call));
                }
                lines.push_back(std::move(line));
            }
        }
        engine.outputs().clear();
        return lines;
    }
    /// What was heard on which phone since the last look: "1: 4.300 hello".
    Lines heard() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            const auto* const phone = std::get_if<OnThePhone>(&output.what);
            if (phone != nullptr && (phone->what == OnThePhone::What::heard_speech ||
                                     phone->what == OnThePhone::What::heard_file)) {
                lines.push_back(std::to_string(number_of(output.call)) + ": " +
                                seconds_text(output.at - dawn) + " " + phone->text);
            }
        }
        engine.outputs().clear();
        return lines;
    }
};

}  // namespace ringback::test
