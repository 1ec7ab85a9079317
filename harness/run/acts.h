#pragma once

#include <string>

#include "harness/script/script.h"
#include "simulator/core/call.h"
#include "simulator/core/input.h"

namespace ringback {

/// What the person on the phone does, as the call model takes it. Needs: it is no message.
[[nodiscard]] Input input_of(const WishAct& act);

/// Whether it is a mistake that the model refused it: whoever hangs up what is over already does no
/// wrong.
[[nodiscard]] bool is_a_wrong(Refusal refusal, const WishAct& act);

/// Why not, in words.
[[nodiscard]] std::string cannot_act_text(CallState state);

}  // namespace ringback
