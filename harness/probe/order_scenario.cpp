#include "harness/probe/order_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "harness/scenario/fault_words.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

std::string time_of(Duration time) {
    return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

/// As fixtures/README.md has it. Needs: a reorder or a delay of one event.
ordered_json rule_json(const FaultRule& rule) {
    const auto& callbacks = std::get<FaultRule::OfCallbacks>(rule.what);
    ordered_json made;
    if (const auto* const reorder = std::get_if<fault::Reorder>(&callbacks.what)) {
        made["reorder"] = {{"behind", reorder->behind}, {"within", time_of(reorder->within)}};
    } else {
        made["delay"] = time_of(std::get<fault::Delay>(callbacks.what).by.a);
    }
    const auto& names = fault_event_names();
    const auto name = std::ranges::find_if(
        names, [&callbacks](std::string_view one) { return event_filter(one) == callbacks.on; });
    made["on"] = name == names.end() ? "*" : *name;
    made["nth"] = rule.nth;
    return made;
}

/// Where the members of the file's object begin: behind its first brace, which no comment has.
std::size_t members_of(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at).starts_with("//")) {
            at = std::min(text.find('\n', at), text.size());
        } else if (text.substr(at).starts_with("/*")) {
            at = std::min(text.find("*/", at + 2), text.size() - 1) + 1;
        } else if (text[at] == '{') {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

}  // namespace

Result<std::string> order_scenario(std::string_view scenario, const Disturbance& disturbance) {
    ordered_json document = ordered_json::parse(scenario, nullptr, false, true);
    const std::size_t members = members_of(scenario);
    if (!document.is_object() || document.empty() || members == std::string_view::npos) {
        return Error{"the scenario", "expected an object, found none"};
    }
    ordered_json faults = document.value("faults", ordered_json::array());
    const bool has_own = !faults.empty();
    std::string lines;
    for (const FaultRule& rule : disturbance.faults.rules) {
        faults.push_back(rule_json(rule));
        lines += (lines.empty() ? "\n    " : ",\n    ") + faults.back().dump();
    }
    if (has_own) {
        document["faults"] = std::move(faults);
        return document.dump(2) + "\n";
    }
    document.erase("faults");
    std::string made{scenario.substr(0, members)};
    made += fmt::format("\n  // ringback run --probe reorder: {}\n  \"faults\": [{}\n  ]{}",
                        disturbance.what, lines, document.empty() ? "" : ",");
    return made + std::string{scenario.substr(members)};
}

std::string order_file(const std::string& file, std::size_t number) {
    constexpr std::string_view built_in{"builtin:"};
    constexpr std::string_view json_ending{".json"};
    std::string name = file.starts_with(built_in) ? file.substr(built_in.size()) : file;
    if (name.ends_with(json_ending)) {
        name.resize(name.size() - json_ending.size());
    }
    return name + (number > 1 ? fmt::format(".reorder-{}.json", number) : ".reorder.json");
}

}  // namespace ringback
