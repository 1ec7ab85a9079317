#include "harness/load/playable.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringback {
namespace {

bool is_text(const Step& step);

bool has_text(const Block& block) { return std::ranges::any_of(block.steps, is_text); }

bool is_text(const Step& step) {
    if (const auto* const act = std::get_if<CallerAct>(&step.what)) {
        return act->what == CallerAct::What::text;
    }
    if (const auto* const branch = std::get_if<Branch>(&step.what)) {
        return std::ranges::any_of(branch->otherwise, has_text) ||
               std::ranges::any_of(branch->cases,
                                   [](const Branch::Case& way) { return has_text(way.block); });
    }
    if (const auto* const repeat = std::get_if<Repeat>(&step.what)) {
        return has_text(repeat->block);
    }
    const auto* const block = std::get_if<Block>(&step.what);
    return block != nullptr && has_text(*block);
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
    if (has_text(scenario.block)) {
        return at(scenario, start.place,
                  R"(expected no "caller" that sends a "text": load plays calls)");
    }
    return std::nullopt;
}

}  // namespace ringback
