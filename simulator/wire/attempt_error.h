#pragma once

#include <string>

#include "simulator/core/history.h"

namespace ringback {

/// The record GET /errors keeps of a failed try.
///
/// Shape   category unavailable; details callId, callbackUrl, callbackMethod, callbackEvent and, by
/// code,
///         callbackTimeout or callbackStatusCode, totalDuration, responseDuration, requestDuration.
/// Units   durations and timeout are decimal strings in milliseconds.
/// Needs   the try has failed; `url` without user information.
/// Source  spec v1 5.6.
[[nodiscard]] UserError attempt_error(const AttemptFigures& attempt, EventType event,
                                      const Route& route, const std::string& call_id,
                                      const std::string& url, Instant at);

/// The record of an inbound call that nobody could be told of: its number has no application, or
/// the application has no URL.
[[nodiscard]] UserError no_callback_error(const std::string& application_id,
                                          const std::string& number, const std::string& call_id,
                                          Instant at);

}  // namespace ringback
