#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/document.h"
#include "simulator/core/faults.h"

namespace ringback {

/// What is to go wrong, or everything that is wrong with how it was said; never both.
struct LoadedFaults {
    std::optional<FaultPlan> plan{};
    std::vector<Mistake> mistakes;
};

/// Reads a list with commas of
///
///   chaos               faults that are built in
///   faults.json         a file with a member `faults`; a scenario's, too
///   drop=speak.done     one fault of an event: KIND=EVENT, or KIND alone for every event. KIND is
///   dup-gather          dup, drop, delay, reorder, shuffle or odd; the dash is as good as the =
[[nodiscard]] LoadedFaults load_faults(std::string_view list);

/// A text: an object whose member `faults` counts, and `seed` of what else it may hold.
[[nodiscard]] LoadedFaults read_fault_file(const std::string& file, std::string_view text);

struct BuiltInFaults {
    std::string_view name;   // "chaos"
    std::string_view about;  // one sentence
    std::string_view text;   // the file
};
/// In order of their names.
[[nodiscard]] const std::vector<BuiltInFaults>& built_in_faults();

}  // namespace ringback
