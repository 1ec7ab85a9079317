#include "harness/load/playable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "harness/scenario/events.h"
#include "harness/scenario/expand.h"
#include "simulator/edge/api/named_id.h"

namespace ringback {
namespace {

/// The first of the block's own steps, or of those within them, that is one of these; null: none.
template <class Which>
const Step* first_of(const Block& block, Which is_one) {
    for (const Step& step : block.steps) {
        if (is_one(step)) {
            return &step;
        }
        std::vector<const Block*> within;
        if (const auto* const branch = std::get_if<Branch>(&step.what)) {
            for (const Branch::Case& way : branch->cases) {
                within.push_back(&way.block);
            }
            for (const Block& otherwise : branch->otherwise) {
                within.push_back(&otherwise);
            }
        } else if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
            within.push_back(&repeat->block);
        } else if (const auto* const inner = std::get_if<Block>(&step.what)) {
            within.push_back(inner);
        }
        for (const Block* const inner : within) {
            if (const Step* const found = first_of(*inner, is_one)) {
                return found;
            }
        }
    }
    return nullptr;
}

/// Whether what stands there is another thing in each call: an id of a step's, or of a row of data.
bool differs_by_call(std::string_view text, const nlohmann::json& vars) {
    const auto all = references(text);
    return all && std::ranges::any_of(all.value(), [&vars](const Reference& one) {
               if (!one.step.empty() || one.path.starts_with("data.")) {
                   return one.step.empty() || one.path.ends_with("Id");
               }
               const auto& same = built_in_variables();
               if (one.path.starts_with("env.") ||
                   std::ranges::find(same, one.path) != same.end()) {
                   return false;
               }
               const auto found = vars.find(one.path);
               // That of a file in use may be anything.
               return found == vars.end() ||
                      (found->is_string() &&
                       differs_by_call(found->get_ref<const std::string&>(), {}));
           });
}

/// Whether no other call's request can be taken for the one that it awaits.
bool tells_apart(const Await& await, const nlohmann::json& vars) {
    bool differs{false};
    for (const FieldMatch& field : await.api.match.fields) {
        field.matcher.each_text([&](const std::string& text, Place /*there*/) {
            differs = differs || differs_by_call(text, vars);
        });
    }
    return differs;
}

bool is_text(const Step& step) {
    const auto* const act = std::get_if<CallerAct>(&step.what);
    return act != nullptr && act->what == CallerAct::What::text;
}

Error at(const Scenario& scenario, const Place& place, std::string what) {
    return {fmt::format("{}:{}:{}", scenario.file, place.line, place.column), std::move(what)};
}

}  // namespace

std::optional<Error> refuse_under_load(const Scenario& scenario) {
    const Start& start = scenario.start;
    if (std::holds_alternative<InboundMessage>(start.how)) {
        return at(scenario, start.place,
                  "expected a start with a call: load plays calls, and this one begins with a "
                  "message (ringback run plays it)");
    }
    if (start.await) {
        const auto& await = std::get<Await>(start.await->what);
        if (await.api.path.ends_with("/messages")) {
            return at(scenario, start.await->place,
                      "expected a kick that asks for a call: load plays calls");
        }
    }
    if (first_of(scenario.block, is_text) != nullptr) {
        return at(scenario, start.place,
                  R"(expected no "caller" that sends a "text": load plays calls)");
    }
    const Step* const look = first_of(scenario.block, [](const Step& step) {
        const auto* const await = std::get_if<Await>(&step.what);
        return await != nullptr && (await->api.method == "GET" || await->api.method == "HEAD") &&
               may_name_nothing(*await);
    });
    if (look != nullptr) {
        return at(scenario, look->place,
                  "expected no await of a look that names no call: many calls at once are played, "
                  "and nobody can tell whose it is");
    }
    const Step* const alike = first_of(scenario.block, [&scenario](const Step& step) {
        const auto* const await = std::get_if<Await>(&step.what);
        return await != nullptr && may_name_nothing(*await) && !tells_apart(*await, scenario.vars);
    });
    if (alike != nullptr) {
        return at(scenario, alike->place,
                  "expected a match that differs from call to call, such as a tag of "
                  "\"${data.tag}\" or \"${STEP:callId}\": this request names no call, and many "
                  "calls at once may be waiting for one");
    }
    return std::nullopt;
}

bool may_name_nothing(const Await& await) {
    constexpr std::ptrdiff_t to_collection = 4;  // slashes
    const std::string_view path{await.api.path};
    const bool is_creation = std::ranges::count(path, '/') <= to_collection ||
                             path.ends_with("**") || is_of_account(path);
    return is_creation && std::ranges::none_of(await.api.match.fields, [](const FieldMatch& field) {
               const std::string_view member = std::string_view{field.path}.substr(
                   0, std::min(field.path.find_first_of(".["), field.path.size()));
               return field.in == "body" &&
                      (member == "bridgeId" || member == "conferenceId" || member == "callIds");
           });
}

const Step* first_unnamed(const Block& block) {
    return first_of(block, [](const Step& step) {
        const auto* const await = std::get_if<Await>(&step.what);
        return await != nullptr && may_name_nothing(*await);
    });
}

}  // namespace ringback
