#pragma once

#include <string>

#include "simulator/core/effects.h"
#include "simulator/core/history.h"

namespace ringback {

/// The record GET /errors keeps of a failed try.
///
/// Shape   category unavailable; details callId (or messageId, conferenceId), callbackUrl,
/// callbackMethod, callbackEvent and, by code,
///         callbackTimeout or callbackStatusCode, totalDuration, responseDuration, requestDuration.
/// Units   durations and timeout are decimal strings in milliseconds.
/// Needs   the try has failed; `url` without user information.
/// Source  spec v1 5.6.
[[nodiscard]] UserError attempt_error(const AttemptFigures& attempt, EventType event,
                                      const Route& route, const std::string& id,
                                      const std::string& url, Instant at);

/// The record of an inbound call that nobody could be told of: its number has no application, or
/// the application has no URL.
[[nodiscard]] UserError no_callback_error(const std::string& application_id,
                                          const std::string& number, const std::string& call_id,
                                          Instant at);

/// The same of an inbound message; its codes for the two cases are ours (no sample shows any).
[[nodiscard]] UserError no_message_callback_error(const std::string& application_id,
                                                  const std::string& number,
                                                  const std::string& message_id, Instant at);

/// The record of a message that could not be sent. Source: spec v1 4.11 wants one; its code is
/// ours.
///
/// Shape   category unavailable, code message-send-failure; details messageId, number and, if it is
///         known why, deliveryCode.
[[nodiscard]] UserError not_sent_error(const MessageBecame& how, const std::string& number,
                                       const std::string& message_id, Instant at);

}  // namespace ringback
