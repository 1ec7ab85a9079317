// What is no mistake in a scenario, and yet not meant: variables without a use, ways never gone.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/scenario/events.h"
#include "harness/scenario/expand.h"
#include "harness/scenario/reading.h"

namespace ringback {
namespace {

using Names = std::set<std::string, std::less<>>;

/// Every variable that a text names.
Names used_variables(const Reading& reading) {
    Names used;
    for (const TextSite& site : reading.sites) {
        const auto found = references(site.text);
        for (const Reference& reference :
             found ? found.value() : std::vector<Reference>{}) {  // what is none has been told
            if (reference.step.empty()) {
                used.insert(reference.path);
                used.insert(reference.path.substr(0, reference.path.find_first_of(".[")));
            }
        }
    }
    return used;
}

void look_at_variables(const Reading& reading, const Cursor& file) {
    const auto vars = file.member("vars");
    if (!vars) {
        return;
    }
    const Names used = used_variables(reading);
    for (const auto& [name, member] : vars->members()) {
        // Those that are always there are used without being named.
        const bool built_in =
            std::ranges::find(built_in_variables(), name) != built_in_variables().end();
        if (!built_in && !used.contains(name)) {
            note_at_name(member, fmt::format("nothing uses the variable \"{}\"", name));
        }
    }
}

/// The request that a case waits for, without what it must say.
nlohmann::ordered_json route_of(const nlohmann::ordered_json& await) {
    nlohmann::ordered_json route = nlohmann::ordered_json::object();
    for (const char* const name : {"command", "method", "path"}) {
        if (const auto found = await.find(name); found != await.end()) {
            route[name] = *found;
        }
    }
    return route;
}

/// Whether whatever `later` is taken by has taken `earlier` before.
bool takes_all_of(const nlohmann::ordered_json& earlier, const nlohmann::ordered_json& later) {
    const auto first = earlier.find("await");
    const auto second = later.find("await");
    if (first != earlier.end() && second != later.end()) {
        const bool same_words =
            !first->contains("match") || first->at("match") == second->value("match", *first);
        return route_of(*first) == route_of(*second) && same_words;
    }
    return earlier.contains("on") && later.contains("on") && earlier.at("on") == later.at("on") &&
           earlier.at("is") == later.at("is");
}

void look_at_cases(const Cursor& branch) {
    const auto cases = branch.elements();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto on = cases[i].member("on");
        if (on && !has_reference(on->value().get<std::string>())) {
            on->note(
                "this is the same in every run, as it holds no ${...}: its case is taken "
                "always, or never");
        }
        const auto before = std::find_if(
            cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(i),
            [&](const Cursor& other) { return takes_all_of(other.value(), cases[i].value()); });
        if (before != cases.begin() + static_cast<std::ptrdiff_t>(i)) {
            cases[i].note(fmt::format("this case is never taken: the one at {}:{} is before it",
                                      before->place().line, before->place().column));
        }
    }
}

void look_at_branches(const Cursor& at) {
    if (const auto branch = at.value().is_object() ? at.member("branch") : std::nullopt;
        branch && branch->value().is_array()) {
        look_at_cases(*branch);
    }
    for (const Cursor& element : at.elements()) {
        look_at_branches(element);
    }
    for (const auto& [name, member] : at.members()) {
        look_at_branches(member);
    }
}

}  // namespace

std::vector<Mistake> hints_of(const Reading& reading, const Document& document) {
    std::vector<Mistake> hints;
    const Cursor file{document, hints};
    look_at_variables(reading, file);
    if (const auto steps = file.member("steps")) {
        look_at_branches(*steps);
    }
    return hints;
}

}  // namespace ringback
