#include "harness/cli/scenario_sources.h"

#include <set>
#include <string>

#include "harness/cli/output.h"
#include "harness/scenario/events.h"
#include "harness/scenario/load.h"

namespace ringback {
namespace {

bool tell(const std::vector<Mistake>& mistakes) {
    for (const Mistake& mistake : mistakes) {
        say(printable(to_text(mistake)));
    }
    return !mistakes.empty();
}

/// Variables of -e that no scenario has.
bool tell_unknown(const RunOptions& options, const std::set<std::string, std::less<>>& known) {
    bool wrong{false};
    for (const auto& [name, value] : options.vars) {
        if (!known.contains(name)) {
            complain(printable("-e " + name +
                               ": expected a variable of the scenario, found none of that name"));
            wrong = true;
        }
    }
    return wrong;
}

}  // namespace

std::optional<std::vector<Scenario>> scenarios_of(const RunOptions& options) {
    bool wrong{false};
    std::vector<Override> edits = options.overrides;
    if (!options.data.empty()) {
        std::vector<Mistake> mistakes;
        if (auto rows = data_from(options.data, mistakes)) {
            edits.push_back(std::move(*rows));
        }
        wrong = tell(mistakes);
    }
    const auto& built_in = built_in_variables();
    std::set<std::string, std::less<>> known{built_in.begin(), built_in.end()};
    std::vector<Scenario> scenarios;
    for (const std::string& file : options.files) {
        LoadedScenario loaded = load_scenario(file, edits);
        wrong = tell(loaded.mistakes) || wrong;
        if (!loaded.scenario) {
            wrong = true;
            continue;
        }
        for (const auto& [name, value] : options.vars) {
            if (loaded.scenario->vars.contains(name)) {
                known.insert(name);
            }
            loaded.scenario->vars[name] = value;
        }
        scenarios.push_back(std::move(*loaded.scenario));
    }
    if (wrong || tell_unknown(options, known)) {
        return std::nullopt;
    }
    return scenarios;
}

}  // namespace ringback
