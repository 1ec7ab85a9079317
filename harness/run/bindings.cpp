#include <nlohmann/json.hpp>

#include "harness/run/stage_settings.h"

namespace ringback {

Result<Bindings> bindings_of(const Scenario& scenario, const StageSettings& settings) {
    Bindings bound;
    bound.vars = Shared{nlohmann::json{{"receiver", settings.receiver},
                                       {"api", settings.api},
                                       {"userId", settings.user},
                                       {"token", settings.token},
                                       {"secret", settings.secret},
                                       {"runId", settings.run_id},
                                       {"from", "+19195550123"},
                                       {"to", "+19195550187"}}};
    if (settings.row > 0) {
        bound.row = Shared{scenario.rows.number(settings.row)};
    }
    // They may be made of each other, in whatever order they are kept. The reader has seen to it
    // that none is made of itself.
    for (const auto& [name, value] : scenario.vars.items()) {
        bound.vars.open().erase(name);
    }
    nlohmann::json left = scenario.vars;
    for (bool moved = true; moved && !left.empty();) {
        moved = false;
        for (const auto& [name, value] : scenario.vars.items()) {
            const auto made = left.contains(name) ? expanded(value, bound) : nlohmann::json();
            if (left.contains(name) && made) {
                bound.vars.open()[name] = made.value();
                left.erase(name);
                moved = true;
            }
        }
    }
    if (!left.empty()) {  // the environment lacks something
        return Error{"vars." + left.begin().key(),
                     to_text(expanded(left.begin().value(), bound).error())};
    }
    return bound;
}

}  // namespace ringback
