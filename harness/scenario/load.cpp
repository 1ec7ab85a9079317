#include "harness/scenario/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <tuple>
#include <utility>

#include "harness/scenario/reading.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_of_a_file = (std::size_t{1} << 20U) + 1;  // one more is too many
constexpr std::string_view built_in_prefix{"builtin:"};

/// The scenario's own first, then by file and place; what was found twice is told once.
void put_in_order(std::vector<Mistake>& mistakes, const std::string& file) {
    std::ranges::stable_sort(mistakes, [&](const Mistake& a, const Mistake& b) {
        const bool foreign_a = a.file != file;
        const bool foreign_b = b.file != file;
        return std::tie(foreign_a, a.file, a.place.line, a.place.column) <
               std::tie(foreign_b, b.file, b.place.line, b.place.column);
    });
    std::vector<Mistake> once;
    for (Mistake& mistake : mistakes) {
        bool told = false;
        for (auto before = once.rbegin();
             before != once.rend() && before->place == mistake.place && !told; ++before) {
            told = *before == mistake;
        }
        if (!told) {
            once.push_back(std::move(mistake));
        }
    }
    mistakes = std::move(once);
}

LoadedScenario mistake_only(const std::string& file, std::string what) {
    LoadedScenario loaded;
    loaded.mistakes.push_back({file, {}, std::move(what)});
    return loaded;
}

/// Reads the file that `chain` holds, and everything it uses.
Scenario read_all(Sources& sources, Source& outermost, LoadedScenario& loaded) {
    std::vector<Mistake>& mistakes = loaded.mistakes;
    Scenario scenario;
    scenario.file = outermost.shown;
    Reading reading{sources, mistakes, {&outermost}};
    if (read_file(reading, Cursor{outermost.document, mistakes}, scenario)) {
        check_references(reading);
        scenario.recalled = recalled_steps(reading);
        check_events(scenario, mistakes);
    }
    if (mistakes.empty()) {
        loaded.hints = hints_of(reading, outermost.document);
    }
    return scenario;
}

std::string stem_of(const std::string& file) {
    return file.starts_with(built_in_prefix) ? file.substr(built_in_prefix.size())
                                             : fs::path{file}.stem().string();
}

}  // namespace

LoadedScenario read_scenario(const std::string& file, std::string_view text, const fs::path& folder,
                             const std::vector<Override>& overrides) {
    LoadedScenario loaded;
    Sources sources{folder, loaded.mistakes};
    std::error_code no_such;
    const fs::path real = folder.empty() ? fs::path{} : fs::weakly_canonical(file, no_such);
    Source& outermost = sources.add(real.empty() ? file : real.string(), file, text, folder);
    if (!outermost.broken) {
        for (const Override& edit : overrides) {
            if (const auto problem = apply(edit, outermost.document)) {
                loaded.mistakes.push_back({file, {}, to_text(*problem)});
            }
        }
    }
    if (!outermost.document.root().is_null() || loaded.mistakes.empty()) {
        Scenario scenario = read_all(sources, outermost, loaded);
        if (scenario.name.empty()) {
            scenario.name = stem_of(file);
        }
        loaded.scenario = std::move(scenario);
    }
    if (loaded.mistakes.empty()) {
        for (const auto& [key, source] : sources.all()) {
            if (auto refused = refused_by_schema(source->document)) {
                loaded.mistakes.push_back(std::move(*refused));
            }
        }
    }
    put_in_order(loaded.mistakes, file);
    if (!loaded.mistakes.empty()) {
        loaded.scenario.reset();
    }
    return loaded;
}

LoadedScenario load_scenario(const std::string& name_or_path,
                             const std::vector<Override>& overrides) {
    std::error_code no_status;
    const bool is_file =
        !name_or_path.starts_with(built_in_prefix) && fs::exists(name_or_path, no_status);
    if (!is_file) {
        std::string_view name = name_or_path;
        name.remove_prefix(name.starts_with(built_in_prefix) ? built_in_prefix.size() : 0);
        std::vector<std::string_view> names;
        for (const BuiltIn& each : built_in_scenarios()) {
            names.push_back(each.name);
            if (each.name == name) {
                return read_scenario(fmt::format("{}{}", built_in_prefix, name), each.text, {},
                                     overrides);
            }
        }
        return mistake_only(name_or_path,
                            fmt::format("there is no such file and no built-in scenario of that "
                                        "name{}",
                                        did_you_mean(name, names)));
    }
    const Result<std::string> text = file_text(name_or_path, most_of_a_file);
    if (!text) {
        return mistake_only(name_or_path, text.error().what);
    }
    const fs::path folder = fs::path{name_or_path}.parent_path();
    return read_scenario(name_or_path, text.value(), folder.empty() ? fs::path{"."} : folder,
                         overrides);
}

}  // namespace ringback
