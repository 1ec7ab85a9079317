// scenarios: what is built in, and what is wrong with files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"
#include "harness/scenario/faults.h"
#include "harness/scenario/load.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view built_in_prefix{"builtin:"};

/// @NAME@ is replaced, as a JSON text.
constexpr std::string_view starting_point = R"scenario({
  // What a scenario may hold is explained in fixtures/README.md. Check this file with
  //   ringback scenarios validate FILE
  "version": 1,
  "name": @NAME@,
  "about": "What the receiver must get right, in a sentence.",

  // ${name} stands for a variable; these are there in any case: receiver, api, userId, token,
  // secret, from, to, runId.
  "vars": { "greeting": "hello" },

  // ringback places the call itself. If the receiver is to place it, take this instead:
  //   "start": { "kick": { "url": "${receiver}/dial", "body": { "number": "${to}" } },
  //              "await": { "id": "create", "command": "create", "within": "3s" } },
  "start": { "call": { "callbackUrl": "${receiver}" } },

  // Both directions in one list: send = the fake delivers an event, await = the receiver must call
  // the API, caller = what the person on the phone does, quiet = nothing may come for so long.
  "steps": [
    { "send": "answer", "id": "answer", "expect": { "status": "2xx", "latency": "<1s" } },
    { "await": { "id": "say", "command": "audio", "within": "2s",
                 "match": { "body": { "sentence": { "contains": "${greeting}" } } } } },
    { "send": "speak.started" },
    { "send": "speak.done" },
    { "caller": { "hangup": true, "after": "1s" } },
    { "send": "hangup", "id": "end" },
    { "quiet": "5s" }
  ],

  // What must be true in the end.
  "verify": [
    { "order": ["answer", "say", "end"] },
    { "count": { "await": "say" }, "exactly": 1 },
    { "never": { "api": { "afterEvent": "end" } } }
  ]
}
)scenario";

/// Names, each with its sentence: scenarios, or faults.
template <class Listed>
Exit list_all(const Args& args, Flags& flags, const std::vector<Listed>& built_in) {
    bool json{false};
    flags.value("--format", "text|json", "how (text)", into(json, is_json_of));
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (json) {
        ordered_json all = ordered_json::array();
        for (const Listed& each : built_in) {
            all.push_back({{"name", each.name}, {"about", each.about}});
        }
        return printed(all.dump(2) + "\n");
    }
    constexpr std::size_t width = 76;  // behind four columns
    std::string text;
    for (const Listed& each : built_in) {
        text += fmt::format("{}\n", each.name);
        for (const std::string& line : wrapped(each.about, width)) {
            text += fmt::format("    {}\n", line);
        }
    }
    return printed(text);
}

Exit list(const Args& args) {
    Flags flags{"scenarios list", "Lists the built-in scenarios."};
    return list_all(args, flags, built_in_scenarios());
}

Exit list_faults(const Args& args) {
    Flags flags{"scenarios faults",
                "Lists the built-in faults, for --faults and a scenario's `faults`."};
    return list_all(args, flags, built_in_faults());
}

Exit show(const Args& args) {
    std::string name;
    Flags flags{"scenarios show", "Prints the file of a built-in scenario, or of built-in faults."};
    flags.positional("NAME", "as ringback scenarios list, or faults, has it",
                     into(name, non_empty_of));
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (name.starts_with(built_in_prefix)) {
        name.erase(0, built_in_prefix.size());
    }
    std::vector<std::string> names;
    for (const BuiltIn& each : built_in_scenarios()) {
        if (each.name == name) {
            return printed(each.text);
        }
        names.emplace_back(each.name);
    }
    for (const BuiltInFaults& each : built_in_faults()) {
        if (each.name == name) {
            return printed(each.text);
        }
        names.emplace_back(each.name);
    }
    if (name.empty()) {
        complain("NAME: expected the name of a built-in scenario; see ringback scenarios list");
    } else {
        const std::string near = nearest(name, names);
        complain(fmt::format(
            "no built-in scenario \"{}\"{}", printable(name),
            near.empty() ? "; see ringback scenarios list" : ", did you mean " + near + "?"));
    }
    return Exit::bad_usage;
}

Exit validate(const Args& args) {
    std::vector<std::string> files;
    Flags flags{"scenarios validate",
                "Reads scenario files and tells every mistake in them: FILE:LINE:COLUMN: what. "
                "Hints (variables nothing uses, cases never taken) are no mistakes."};
    flags.positionals("FILE", "scenario files, or names of built-in ones",
                      [&](std::string_view text) -> Result<bool> {
                          files.emplace_back(text);
                          return true;
                      });
    flags.footer("Exit status: 0 no mistakes, 2 mistakes or bad usage.");
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (files.empty()) {
        complain("FILE: expected at least one file, found none");
        return Exit::bad_usage;
    }
    Exit exit = Exit::passed;
    for (const std::string& file : files) {
        const LoadedScenario loaded = load_scenario(file);
        for (Mistake mistake : loaded.mistakes) {
            mistake.file = printable(mistake.file);
            say(to_text(mistake));
            exit = Exit::bad_usage;
        }
        for (Mistake hint : loaded.hints) {
            hint.file = printable(hint.file);
            hint.what = "hint: " + hint.what;
            say(to_text(hint));
        }
        if (loaded.mistakes.empty() && printed(file + ": ok\n") != Exit::passed) {
            return Exit::failed;
        }
    }
    return exit;
}

Exit start_new(const Args& args) {
    std::string name;
    Flags flags{"scenarios new", "Prints a scenario to start from, with comments."};
    flags.positional("NAME", "what it is to be called", into(name, non_empty_of));
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (name.empty()) {
        complain("NAME: expected the name of the scenario, found none");
        return Exit::bad_usage;
    }
    constexpr std::string_view gap{"@NAME@"};
    std::string text{starting_point};
    // What is no UTF-8 cannot be JSON.
    const auto bad = ordered_json::error_handler_t::replace;
    text.replace(text.find(gap), gap.size(), ordered_json(name).dump(-1, ' ', false, bad));
    return printed(text);
}

constexpr std::array<std::pair<std::string_view, Exit (*)(const Args&)>, 5> actions{
    {{"list", list},
     {"faults", list_faults},
     {"show", show},
     {"validate", validate},
     {"new", start_new}}};

constexpr std::string_view usage =
    "Usage: ringback scenarios list [--format text|json]   the built-in ones\n"
    "       ringback scenarios faults [--format text|json] the built-in faults\n"
    "       ringback scenarios show NAME                   the file of one\n"
    "       ringback scenarios validate FILE...            every mistake in files\n"
    "       ringback scenarios new NAME                    a file to start from\n";

}  // namespace

Exit scenarios(const Args& args) {
    if (args.empty()) {
        say(usage.substr(0, usage.size() - 1));
        return Exit::bad_usage;
    }
    if (args.front() == "--help" || args.front() == "-h") {
        return printed(usage);
    }
    std::vector<std::string> words;
    for (const auto& [word, action] : actions) {
        if (word == args.front()) {
            return action({args.begin() + 1, args.end()});
        }
        words.emplace_back(word);
    }
    const std::string near = nearest(args.front(), words);
    complain(fmt::format("expected list, faults, show, validate or new, found \"{}\"{}",
                         printable(args.front()),
                         near.empty() ? "" : ", did you mean " + near + "?"));
    return Exit::bad_usage;
}

}  // namespace ringback
