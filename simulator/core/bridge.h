#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "simulator/core/boxed.h"
#include "simulator/core/call.h"
#include "simulator/core/ids.h"
#include "simulator/core/time.h"

namespace ringback {

/// `created` until two calls that are up have been joined with their audio on, then `active` or, as
/// long as bridgeAudio is false, `hold`. The documented `error` is never come to.
enum class BridgeState : std::uint8_t { created, active, hold, completed };

inline constexpr std::size_t most_bridged_calls = 2;  // spec v1 7.2

/// A call in a bridge. One that still rings waits for its answer.
struct BridgedCall {
    CallId call{};
    bool up{false};

    friend bool operator==(const BridgedCall&, const BridgedCall&) = default;
};

/// Two calls whose parties hear each other. A value: copy it, compare it, print it.
struct Bridge {
    CallId id{};
    std::vector<BridgedCall> calls;  // at most two, in the order they were named
    Instant created_at{};
    Instant activated_at{never};  // set once, when the first two calls are joined
    Instant completed_at{never};
    Boxed<Playing> playing{};  // what both parties hear of POST bridges/{id}/audio
    std::uint32_t draws{0};    // how often its random stream was used
    std::uint16_t serial{0};
    BridgeState state{BridgeState::created};
    bool audio{true};  // bridgeAudio
    bool used{false};  // some call has been up in it

    friend bool operator==(const Bridge&, const Bridge&) = default;
};

[[nodiscard]] constexpr bool is_over(BridgeState state) { return state == BridgeState::completed; }

[[nodiscard]] inline bool holds(const Bridge& bridge, CallId call) {
    return std::ranges::any_of(bridge.calls,
                               [call](const BridgedCall& one) { return one.call == call; });
}

/// How many of its calls are up: their parties hear what is played.
[[nodiscard]] inline std::size_t count_up(const Bridge& bridge) {
    return static_cast<std::size_t>(std::ranges::count(bridge.calls, true, &BridgedCall::up));
}

/// What became of a bridge: its state, its audio or who is in it.
struct BridgeBecame {
    BridgeState before{};
    BridgeState after{};
    bool audio{true};
    std::array<CallId, most_bridged_calls> calls{};  // `none` behind the last
    friend bool operator==(const BridgeBecame&, const BridgeBecame&) = default;
};

}  // namespace ringback
