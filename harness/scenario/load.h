#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/override.h"
#include "harness/scenario/scenario.h"

namespace ringback {

/// What a scenario says, or everything that is wrong with it; never both.
struct LoadedScenario {
    std::optional<Scenario> scenario{};
    std::vector<Mistake> mistakes;
    std::vector<Mistake> hints{};  // what a good one says to no purpose
};

/// Reads "ivr.json", or "builtin:NAME" / a built-in's bare name when there is no such file.
/// `use` and `data` may name files beside or below the scenario's own folder only.
/// What `overrides` says is put into the scenario's own file before it is read.
[[nodiscard]] LoadedScenario load_scenario(const std::string& name_or_path,
                                           const std::vector<Override>& overrides = {});

/// The same from a text. `folder`: where `use` and `data` look; empty: nowhere.
[[nodiscard]] LoadedScenario read_scenario(const std::string& file, std::string_view text,
                                           const std::filesystem::path& folder,
                                           const std::vector<Override>& overrides = {});

/// Rows from outside instead of a scenario's own `data`: a CSV or JSONL file, wherever it lies, as
/// an override for load_scenario(). None: `mistakes` says why, with lines.
[[nodiscard]] std::optional<Override> data_from(const std::string& file,
                                                std::vector<Mistake>& mistakes);

struct BuiltIn {
    std::string_view name;   // "answer-speak-hangup"
    std::string_view about;  // one sentence
    std::string_view text;   // the file
};
/// In order of their names.
[[nodiscard]] const std::vector<BuiltIn>& built_in_scenarios();

/// The published JSON Schema (fixtures/scenario.schema.json), as it is in the binary.
[[nodiscard]] std::string_view scenario_schema();

}  // namespace ringback
