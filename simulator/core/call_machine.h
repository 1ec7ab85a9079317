#pragma once

#include "simulator/core/effects.h"
#include "simulator/core/input.h"
#include "simulator/core/settings.h"

namespace ringback {

/// What a step may look at besides the call: told, never asked for.
struct Turn {
    Instant now{};
    const ModelSettings* settings{nullptr};  // never null
    const Delays* delays{nullptr};           // the call's own; null: the settings'
    std::uint64_t stream{0};  // names the call's own random stream, see Rng::stream_of
};

/// What it was, what happened and when -> what it becomes and what must be done. Changes `call` in
/// place and appends to `effects` (a copy of a call would show under load; see README). Reads no
/// clock, does no I/O, keeps no state; a refused input changes nothing and has no effects.
Outcome step(Call& call, const Input& input, const Turn& turn, Effects& effects);

/// Builds the call a NewCall describes, still before Begin.
[[nodiscard]] Call make_call(NewCall&& wanted, CallId id, CallId strand, Instant now,
                             const ModelSettings& settings);

/// False once the call has moved on from what the timer was for.
[[nodiscard]] bool is_live(const Call& call, const Timer& timer);

/// True while something of this call is still to come: it may not be forgotten yet.
[[nodiscard]] bool has_unfinished_business(const Call& call);

/// How long an audio is heard, one round. Spec v1 4.1 speechDuration, fileDuration.
[[nodiscard]] Duration length_of(const Audio& audio, const Delays& delays);

}  // namespace ringback
