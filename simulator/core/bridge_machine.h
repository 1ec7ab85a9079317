#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "simulator/core/bridge.h"
#include "simulator/core/call_machine.h"
#include "simulator/core/effects.h"
#include "simulator/core/input.h"

namespace ringback {

/// A call that is to be in a bridge, as it stands when it is named.
struct BridgeCandidate {
    enum class Standing : std::uint8_t {
        up,              // active or transferring
        ringing,         // started and outbound: joined at its answer
        unfit,           // started and inbound, or over
        under_document,  // of BXML, and not in this bridge yet (spec v1 6.1)
        elsewhere,       // in another bridge
        unknown,         // no call of this user
    };
    CallId call{};
    Standing standing{Standing::up};

    friend bool operator==(const BridgeCandidate&, const BridgeCandidate&) = default;
};
using BridgeCandidates = std::vector<BridgeCandidate>;

/// POST bridges: the bridge comes into being. Refused as UpdateBridge is, and then there is none.
struct BeginBridge {
    bool audio{true};
    BridgeCandidates calls{};
};
/// POST bridges/{id}; absent members are not to be changed.
struct UpdateBridge {
    std::optional<bool> audio{};
    std::optional<BridgeCandidates> calls{};  // who is in it from now on
};
/// POST calls with bridgeId: a call that has just begun to ring.
struct JoinBridge {
    CallId call{};
};
/// What a call of the bridge tells.
struct BridgedNews {
    CallId call{};
    GroupNews news{};
};

/// What can happen to a bridge. It is woken, and hears audio, as a call does.
using BridgeInput =
    std::variant<BeginBridge, UpdateBridge, JoinBridge, BridgedNews, TimerFired, Play, StopPlaying>;

/// What it was, what happened and when -> what it becomes and what must be done; the rules are
/// those of a call's step(). A bridge has one timer at a time, that of what plays, so of a Timer
/// only the serial counts. In a refusal Outcome::leg is the call that is the reason, if one is.
Outcome step(Bridge& bridge, const BridgeInput& input, const Turn& turn, Effects& effects);

/// Why one more call cannot join; none if it can.
[[nodiscard]] Refusal refusal_of_one_more(const Bridge& bridge);

/// False once the bridge has moved on from what the timer was for.
[[nodiscard]] bool is_live(const Bridge& bridge, const Timer& timer);

}  // namespace ringback
