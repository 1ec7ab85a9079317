#pragma once

#include <string_view>
#include <vector>

namespace ringback {

/// The names a `send` may have: "answer", "speak.started", ... Bodies of one type that say how far
/// something has come have a name each.
[[nodiscard]] const std::vector<std::string_view>& event_names();

/// The members that the body of that event may have, of a call under BXML too; empty when there is
/// no such event. Source: spec v1 3.3 to 3.6; held against fixtures/v1-events.json by a test.
[[nodiscard]] std::vector<std::string_view> event_members(std::string_view name);

/// What `${id:...}` of an await may begin with, and what `${id:reply. ...}` of a send goes on with.
[[nodiscard]] const std::vector<std::string_view>& request_sights();
[[nodiscard]] const std::vector<std::string_view>& reply_sights();

/// What must hold in every run, by the names that `invariants` may switch off.
[[nodiscard]] const std::vector<std::string_view>& invariant_names();

/// Variables that every run has.
[[nodiscard]] const std::vector<std::string_view>& built_in_variables();

/// A call of the API by one word.
struct ApiCommand {
    std::string_view word;    // "stop-gather"
    std::string_view method;  // "POST"
    std::string_view path;    // "/v1/users/${userId}/calls/*/gather/*"
};
[[nodiscard]] const std::vector<ApiCommand>& api_commands();

}  // namespace ringback
