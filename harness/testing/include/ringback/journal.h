#pragma once

#include <cstddef>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback::testing {

/// What happened, in one order: requests to the API (kind "api"), events that came to be owed
/// ("event"), tries to deliver them ("attempt"), changes of state, what the phone did. A copy of
/// one moment.
///
/// Shape  of an entry: harness/record/README.md. Besides, an "api" entry has `headers` (lower-case
///        names) and, when the test asked itself and not the receiver, `own`: true.
class Journal {
public:
    Journal() = default;
    // Parentheses: in braces the entries would become one JSON array.
    explicit Journal(std::vector<nlohmann::json> entries) : entries_(std::move(entries)) {}

    [[nodiscard]] const std::vector<nlohmann::json>& entries() const { return entries_; }
    [[nodiscard]] auto begin() const { return entries_.begin(); }
    [[nodiscard]] auto end() const { return entries_.end(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] const nlohmann::json& operator[](std::size_t at) const { return entries_.at(at); }

    /// The entries about one call, by its id.
    [[nodiscard]] Journal of_call(std::string_view call) const;
    /// The entries of one kind: "api", "event", "attempt", "state", "phone", "error", "clock",
    /// "message", "application", "number", "domain", "charge", "bridge", "conference", "bxml",
    /// "fault", "draw".
    [[nodiscard]] Journal of_kind(std::string_view kind) const;
    /// The picture of it that `ringback run` draws, at least 60 columns wide.
    [[nodiscard]] std::string ladder(std::size_t width = 80) const;

    /// The ladder in ASCII, 76 columns wide: what test frameworks print of it.
    friend std::ostream& operator<<(std::ostream& out, const Journal& journal);

private:
    std::vector<nlohmann::json> entries_;
};

}  // namespace ringback::testing
