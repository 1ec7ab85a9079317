#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/verdict.h"
#include "simulator/core/result.h"

namespace ringback {

/// What of the API's webhooks runs have touched. One row per kind of thing.
struct Coverage {
    struct Item {
        std::string name;             // "NO_ANSWER"
        std::uint64_t count{0};       // how often it occurred; 0 = never
        std::string_view scenario{};  // the built-in one that brings it about
    };
    struct Kind {
        std::string_view name;  // "causes"
        std::string_view about;
        std::vector<Item> items;  // all that the API documents, in its order
        [[nodiscard]] std::size_t touched() const;
    };
    std::vector<Kind> kinds;

    [[nodiscard]] const Kind* find(std::string_view name) const;
};

/// Counts in the journals of the runs.
///
/// Kinds  events (types with their phase), causes (of hangup), reasons (of gather), states (of
/// calls),
///        commands (of the API that were accepted), refusals (4xx codes; whatever came), methods
///        (of callbacks), deliveries (how callbacks ended).
[[nodiscard]] Coverage coverage_of(const std::vector<RunRecord>& runs);

/// "causes>=6", "events>=80%": what --require-coverage wants.
struct CoverageDemand {
    std::string text;  // as it was written
    std::string kind;
    bool more{false};     // ">" instead of ">="
    bool percent{false};  // of what is documented
    std::uint64_t least{0};
};
/// Errors: "expected KIND>=N or KIND>=N%, found ..."; the kinds are named.
[[nodiscard]] Result<CoverageDemand> coverage_demand_of(std::string_view text);
[[nodiscard]] bool is_met(const CoverageDemand& demand, const Coverage& coverage);
/// "causes>=6: 2 of 7 touched; never: USER_BUSY (busy), ...", each with the built-in scenario that
/// brings it about.
[[nodiscard]] std::string demand_text(const CoverageDemand& demand, const Coverage& coverage);

}  // namespace ringback
