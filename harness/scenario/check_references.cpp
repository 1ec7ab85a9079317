// What ${...} and ids in a scenario stand for, looked up when all of it has been read.
#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/events.h"
#include "harness/scenario/expand.h"
#include "harness/scenario/reading.h"
#include "harness/scenario/shown.h"

namespace ringback {
namespace {

constexpr std::string_view data_prefix{"data."};
constexpr std::string_view env_prefix{"env."};

template <class Keys>
std::vector<std::string_view> views(const Keys& keys) {
    return {keys.begin(), keys.end()};
}

std::vector<std::string_view> step_ids(const Reading& reading) {
    std::vector<std::string_view> ids;
    for (const auto& [id, step] : reading.ids) {
        ids.push_back(id);
    }
    return ids;
}

std::string no_such_step(const Reading& reading, std::string_view id) {
    return fmt::format("there is no step \"{}\"{}", shown_text(id, 40),
                       did_you_mean(id, step_ids(reading)));
}

/// The first name of a path.
std::string_view first_name(std::string_view path) {
    return path.substr(0, path.find_first_of(".["));
}

/// What is wrong with the way into what a step saw, as far as that is known before it has.
std::string wrong_sight(const KnownStep& step, const Reference& reference) {
    if (reference.path.empty()) {
        return "";
    }
    const auto wrong = [](std::string_view name, const std::vector<std::string_view>& known,
                          const std::string& inside) {
        std::string near = did_you_mean(name, known);
        if (near.empty()) {
            near = fmt::format(", expected one of {}", fmt::join(known, ", "));
        }
        return fmt::format(R"(there is no "{}" in {}{})", shown_text(name, 40), inside, near);
    };
    if (step.sees.empty()) {
        return fmt::format(R"(step "{}" sees nothing that "${{{}}}" could stand for; a "send", an )"
                           R"("await" and a "branch" do)",
                           reference.step, shown_text(reference.text, 40));
    }
    const std::string_view name = first_name(reference.path);
    if (!step.sees.contains(name)) {
        return wrong(name, views(step.sees), fmt::format(R"(what step "{}" saw)", reference.step));
    }
    constexpr std::string_view reply{"reply."};
    if (!step.api && reference.path.starts_with(reply) && step.sees.contains("reply")) {
        const std::string_view inside =
            first_name(std::string_view{reference.path}.substr(reply.size()));
        if (std::ranges::find(reply_sights(), inside) == reply_sights().end()) {
            return wrong(inside, reply_sights(),
                         fmt::format(R"(the reply that step "{}" saw)", reference.step));
        }
    }
    return "";
}

/// What is wrong with a reference to what a step saw; "" when nothing is.
std::string wrong_step(const Reading& reading, const TextSite& site, const Reference& reference) {
    const auto step = reading.ids.find(reference.step);
    if (step == reading.ids.end()) {
        return no_such_step(reading, reference.step);
    }
    const KnownStep& known = step->second;
    if (known.moment < site.moment) {
        return wrong_sight(known, reference);
    }
    return fmt::format(R"("${{{}}}" cannot be known here: step "{}" comes later ({}:{}:{}))",
                       shown_text(reference.text, 40), step->first, known.file, known.place.line,
                       known.place.column);
}

/// The same of a column of data.
std::string wrong_column(const Reading& reading, const Reference& reference) {
    const std::string_view rest = std::string_view{reference.path}.substr(data_prefix.size());
    const std::string_view column = rest.substr(0, rest.find_first_of(".["));
    if (!reading.has_data) {
        return fmt::format(R"(there is no "data" to take "${{{}}}" from)",
                           shown_text(reference.text, 40));
    }
    if (reading.columns.contains(rest) || reading.columns.contains(column) ||
        reading.columns.empty()) {
        return "";
    }
    return fmt::format("the data has no column \"{}\"{}", shown_text(column, 40),
                       did_you_mean(column, views(reading.columns)));
}

/// The same of a variable.
std::string wrong_variable(const Reading& reading, const TextSite& site,
                           const Reference& reference) {
    const std::string_view whole = reference.path;
    const std::string_view name = whole.substr(0, whole.find_first_of(".["));
    std::vector<std::string_view> known = built_in_variables();
    for (const auto& [variable, value] : *site.scope) {
        known.push_back(variable);
    }
    const auto holds = site.scope->find(name);
    const bool inside_one = holds != site.scope->end() && holds->second.is_structured();
    if (std::ranges::find(known, whole) != known.end() || inside_one) {
        return "";
    }
    if (reading.scope->contains(whole)) {
        return fmt::format("the variable \"{}\" cannot be known here: it comes later", whole);
    }
    if (reading.ids.contains(whole)) {
        return fmt::format(
            "there is no variable \"{0}\"; what step \"{0}\" saw is "
            "\"${{{0}:path.to.it}}\"",
            whole);
    }
    return fmt::format("there is no variable \"{}\"{}", shown_text(whole, 40),
                       did_you_mean(whole, known));
}

std::string wrong_reference(const Reading& reading, const TextSite& site,
                            const Reference& reference) {
    if (!reference.step.empty()) {
        return wrong_step(reading, site, reference);
    }
    if (reference.path.starts_with(env_prefix)) {
        return reference.path.size() > env_prefix.size()
                   ? ""
                   : "expected the name of a variable behind \"env.\"";
    }
    if (reference.path.starts_with(data_prefix)) {
        return wrong_column(reading, reference);
    }
    return wrong_variable(reading, site, reference);
}

}  // namespace

std::set<std::string, std::less<>> recalled_steps(const Reading& reading) {
    std::set<std::string, std::less<>> ids;
    for (const TextSite& site : reading.sites) {
        if (const auto found = references(site.text)) {
            for (const Reference& reference : found.value()) {
                ids.insert(reference.step);
            }
        }
    }
    ids.erase("");  // those to variables and rows
    return ids;
}

void check_references(const Reading& reading) {
    for (const TextSite& site : reading.sites) {
        const auto found = references(site.text);
        if (!found) {
            reading.mistakes.push_back({site.file, site.place, found.error().what});
            continue;
        }
        for (const Reference& reference : found.value()) {
            if (std::string wrong = wrong_reference(reading, site, reference); !wrong.empty()) {
                reading.mistakes.push_back({site.file, site.place, std::move(wrong)});
            }
        }
    }
    for (const IdSite& site : reading.id_sites) {
        const bool is_kick = site.may_be_kick && reading.kicks && site.id == "start";
        if (!reading.ids.contains(site.id) && !is_kick) {
            reading.mistakes.push_back({site.file, site.place, no_such_step(reading, site.id)});
        }
    }
}

}  // namespace ringback
