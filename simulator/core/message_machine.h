#pragma once

#include <variant>

#include "simulator/core/call_machine.h"
#include "simulator/core/effects.h"
#include "simulator/core/input.h"

namespace ringback {

/// PATCH messages/{id}: the text is taken back.
struct Redact {};

/// What can happen to a message. It begins and is woken as a call is.
using MessageInput = std::variant<Begin, TimerFired, Redact>;

/// What it was, what happened and when -> what it becomes and what must be done; the rules are
/// those of a call's step(). A message has one timer at a time, and its state says what for, so of
/// a Timer only the serial counts.
Outcome step(Message& message, const MessageInput& input, const Turn& turn, Effects& effects);

/// Builds the message a NewMessage describes, still before Begin.
[[nodiscard]] Message make_message(NewMessage&& wanted, CallId id, Instant now,
                                   std::uint64_t sort_key);

/// False once the message has moved on from what the timer was for.
[[nodiscard]] bool is_live(const Message& message, const Timer& timer);

}  // namespace ringback
