#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/happening.h"
#include "harness/script/script.h"
#include "harness/script/verdict.h"

namespace ringback {

/// Everything a run is judged by, taken at one moment.
struct Snapshot {
    const Scenario& scenario;
    const Script& script;
    const std::vector<Happening>& happenings;                // the whole journal of the run
    const std::map<std::string, nlohmann::json>& resources;  // what GET of these paths answered
    bool judges_the_fake{true};  // what the fake itself has to hold is looked at too
};

/// The paths that `verify` wants to GET, references replaced.
[[nodiscard]] std::vector<std::string> resources_wanted(const Scenario& scenario,
                                                        const Bindings& bindings);

/// The steps' verdict, then `verify` (if the steps came through), then the invariants.
[[nodiscard]] Verdict verdict_of(const Snapshot& snapshot);
/// The same where the script has given away what it had judged.
[[nodiscard]] Verdict verdict_of(const Snapshot& snapshot, std::vector<Judged> judged);

/// The names of all that was judged, where all of it held: what most calls of a load come to,
/// without the words of the steps. None: something did not hold, and verdict_of() says what.
[[nodiscard]] std::optional<std::vector<std::string>> names_if_held(
    const Snapshot& snapshot, const std::vector<Judged>& judged);

/// What always has to hold, by name. Those about the receiver fail, those about the fake itself
/// make the run inconclusive.
struct Invariant {
    std::string_view name;
    std::string_view about;
    /// What is wrong, with the journal number where; none: it holds.
    std::vector<std::pair<std::uint64_t, std::string>> (*broken)(const Snapshot&);
    bool about_the_fake{false};
};
[[nodiscard]] const std::vector<Invariant>& invariants();

}  // namespace ringback
