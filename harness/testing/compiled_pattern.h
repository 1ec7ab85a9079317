#pragma once

#include <ringback/expect.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/matcher.h"
#include "harness/script/happening.h"
#include "harness/script/verdict.h"

namespace ringback::testing {

/// A pattern, read once, that entries can be held against.
class CompiledPattern {
public:
    /// Throws std::runtime_error: what is wrong with it.
    explicit CompiledPattern(const Pattern& pattern);

    [[nodiscard]] const std::string& text() const { return text_; }
    /// How close the entry comes; none when it is of another kind altogether. An event that must
    /// have been answered is judged at the entry of its last try.
    [[nodiscard]] std::optional<Candidate> judge(const std::vector<nlohmann::json>& entries,
                                                 std::size_t at) const;

private:
    [[nodiscard]] Candidate judge_request(const Happening& request) const;
    [[nodiscard]] Candidate judge_event(const Happening& event, int answered) const;
    void append(Candidate& candidate, const nlohmann::json& message, int status) const;

    std::string method_;
    std::string path_;
    std::string event_;
    FieldMatches matches_;
    FieldMatches answered_;  // one field, or none
    std::string text_;
};

}  // namespace ringback::testing
