#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ringback {

/// A member as text: strings as they are, numbers and booleans as JSON, "" when absent or
/// structured.
[[nodiscard]] std::string text_member(const nlohmann::json& object, std::string_view name);

/// "POST /calls/…", "POST …/audio": the path without version, user, ids and query.
[[nodiscard]] std::string short_request(const nlohmann::json& api_entry);

/// What of a request to the API is worth a glance: "to +1919…", "\"Hello\"", "state=completed".
[[nodiscard]] std::string request_highlights(const nlohmann::json& request);

/// The same of an event's payload, an object or a query text: "active", "PLAYBACK_START".
[[nodiscard]] std::string event_highlights(std::string_view event, const nlohmann::json& payload);

/// The API's word for why it refused: "call-invalid-state"; "" when it did not.
[[nodiscard]] std::string error_code(const nlohmann::json& api_entry);

/// How a try ended, for people: "200  3 ms", "timed out  10.0 s", "could not connect".
[[nodiscard]] std::string attempt_text(const nlohmann::json& attempt_entry);

}  // namespace ringback
