#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "harness/scenario/fault_words.h"
#include "harness/scenario/faults.h"
#include "harness/scenario/reading.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_of_a_fault_file = (std::size_t{1} << 20U) + 1;

/// Faults that can be said in a word, and what of them is meant then.
struct ShortWord {
    std::string_view word;
    std::string_view rule;  // without what it is for
};
constexpr std::array<ShortWord, 7> short_words{{{"dup", R"("duplicate": true)"},
                                                {"duplicate", R"("duplicate": true)"},
                                                {"drop", R"("drop": true)"},
                                                {"delay", R"("delay": "2s")"},
                                                {"reorder", R"("reorder": true)"},
                                                {"shuffle", R"("shuffle": "1s")"},
                                                {"odd", R"("odd": "extra-members")"}}};

void append(LoadedFaults& all, LoadedFaults more) {
    all.mistakes.insert(all.mistakes.end(), more.mistakes.begin(), more.mistakes.end());
    if (more.plan) {
        all.plan->rules.insert(all.plan->rules.end(), more.plan->rules.begin(),
                               more.plan->rules.end());
        all.plan->seed = more.plan->seed ? more.plan->seed : all.plan->seed;
    }
}

LoadedFaults mistake_only(std::string_view word, std::string what) {
    LoadedFaults loaded;
    loaded.mistakes.push_back({std::string{word}, {}, std::move(what)});
    return loaded;
}

/// "drop=speak.done", "dup-gather", "drop"; none: the word is no such thing.
std::optional<LoadedFaults> short_form(std::string_view word) {
    const std::size_t mark = word.find_first_of("=-");
    const auto known = std::ranges::find(short_words, word.substr(0, mark), &ShortWord::word);
    if (known == short_words.end()) {
        return std::nullopt;
    }
    const std::string_view event = mark == std::string_view::npos ? "*" : word.substr(mark + 1);
    if (std::ranges::find(fault_event_names(), event) == fault_event_names().end()) {
        return mistake_only(
            word, fmt::format("expected the name of an event behind {}, found "
                              "\"{}\"{}",
                              known->word, event, did_you_mean(event, fault_event_names())));
    }
    return read_fault_file(
        std::string{word},
        fmt::format(R"({{"version": 1, "faults": [{{{}, "on": "{}"}}]}})", known->rule, event));
}

LoadedFaults load_one(std::string_view word) {
    std::string_view name = word;
    constexpr std::string_view built_in{"builtin:"};
    name.remove_prefix(name.starts_with(built_in) ? built_in.size() : 0);
    std::error_code no_status;
    if (name.size() != word.size() || !fs::exists(word, no_status)) {
        std::vector<std::string_view> names;
        for (const BuiltInFaults& each : built_in_faults()) {
            names.push_back(each.name);
            if (each.name == name) {
                LoadedFaults loaded =
                    read_fault_file(fmt::format("{}{}", built_in, name), each.text);
                if (loaded.plan) {
                    are_of_set(name, loaded.plan->rules);
                }
                return loaded;
            }
        }
        if (auto said = short_form(word)) {
            return std::move(*said);
        }
        for (const ShortWord& each : short_words) {
            names.push_back(each.word);
        }
        const std::string near = did_you_mean(name, names);
        return mistake_only(
            word, fmt::format("there is no such file, and no faults of that name "
                              "are built in{}",
                              near.empty() ? fmt::format(" ({})", fmt::join(names, ", ")) : near));
    }
    const Result<std::string> text = file_text(fs::path{word}, most_of_a_fault_file);
    return text ? read_fault_file(std::string{word}, text.value())
                : mistake_only(word, text.error().what);
}

}  // namespace

LoadedFaults read_fault_file(const std::string& file, std::string_view text) {
    LoadedFaults loaded;
    const Document document = Document::parse(file, text, loaded.mistakes);
    const Cursor at{document, loaded.mistakes};
    if (document.root().is_null() && !loaded.mistakes.empty()) {
        return loaded;
    }
    FaultPlan plan;
    if (at.is_object()) {
        if (const auto faults = at.required("faults")) {
            plan.rules = read_faults(*faults);
        }
        if (const auto seed = at.member("seed")) {
            const auto most = std::numeric_limits<std::int64_t>::max();
            plan.seed = Seed{static_cast<std::uint64_t>(seed->integer(0, most).value_or(0))};
        }
        const auto version = at.member("version");
        if (!version) {
            at.note("expected \"version\": 1, found none");
        } else if (version->value() != 1) {
            version->wrong("version 1");
        }
    }
    if (loaded.mistakes.empty()) {
        if (auto refused = refused_by_schema(document)) {
            loaded.mistakes.push_back(std::move(*refused));
        } else {
            loaded.plan = std::move(plan);
        }
    }
    return loaded;
}

LoadedFaults load_faults(std::string_view list) {
    LoadedFaults all;
    all.plan.emplace();
    for (bool more = !list.empty(); more;) {
        const std::string_view word = list.substr(0, list.find(','));
        more = word.size() < list.size();  // behind the last comma as before it
        list.remove_prefix(std::min(word.size() + 1, list.size()));
        append(all, word.empty() ? mistake_only(std::string_view{"--faults"},
                                                "expected a fault on both sides of "
                                                "every comma, found none on one")
                                 : load_one(word));
    }
    if (all.mistakes.empty() && all.plan->rules.empty()) {
        all.mistakes.push_back({"--faults", {}, "expected at least one fault, found none"});
    }
    if (!all.mistakes.empty()) {
        all.plan.reset();
    }
    return all;
}

}  // namespace ringback
