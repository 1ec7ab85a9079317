#include "harness/tape/tape.h"

#include <fmt/format.h>

#include "harness/tape/moments.h"
#include "harness/tape/secrets.h"
#include "harness/tape/write_scenario.h"

namespace ringback {

using nlohmann::ordered_json;

TapedScenarios scenarios_of(const std::vector<Passage>& passages, const TapeSettings& settings) {
    const Secrets secrets{passages, settings.secrets};
    const SortedMoments sorted = sorted_by_call(passages);
    TapedScenarios taped;
    for (const CallMoments& call : sorted.calls) {
        const std::size_t number = taped.scenarios.size() + 1;
        const std::string name =
            number == 1 ? settings.name : fmt::format("{}-{}", settings.name, number);
        std::vector<std::string> notes;
        taped.scenarios.push_back(written_scenario(call, name, secrets, settings, notes));
        for (const std::string& note : notes) {
            taped.notes.push_back(fmt::format("{}: {}", name, note));
        }
    }
    const auto count = [&taped](std::size_t number, const char* what) {
        if (number > 0) {
            taped.notes.push_back(fmt::format("{} {}", number, what));
        }
    };
    count(sorted.unpassed,
          "requests to the API had nowhere to go and are left out; see --upstream");
    count(sorted.strangers, "requests to the API belong to no call and are left out");
    count(sorted.unread, "callbacks are no event of the API and are left out");
    return taped;
}

std::string scenario_text(const ordered_json& scenario) {
    return scenario.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace ringback
