// journal: what a running fake has recorded, and the files that --journal writes.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/flags.h"
#include "harness/cli/journal_commands.h"
#include "harness/cli/output.h"

namespace ringback {
namespace {

constexpr std::array<std::pair<std::string_view, Exit (*)(const Args&)>, 5> journal_actions{
    {{"list", list_journal},
     {"show", show_journal_entry},
     {"count", count_journal},
     {"export", export_journal},
     {"check", check_journal_file}}};

constexpr std::string_view journal_usage =
    "Usage: ringback journal list [--kind event]    what a running fake has recorded\n"
    "       ringback journal show SEQ               one entry of it\n"
    "       ringback journal count [--status 5xx]   how many entries match\n"
    "       ringback journal export [--out FILE]    all of it\n"
    "       ringback journal check FILE [--repair]  whether a journal file is sound\n";

}  // namespace

Exit journal(const Args& args) {
    if (args.empty()) {
        say(journal_usage.substr(0, journal_usage.size() - 1));
        return Exit::bad_usage;
    }
    if (args.front() == "--help" || args.front() == "-h") {
        return printed(journal_usage);
    }
    std::vector<std::string> words;
    for (const auto& [word, action] : journal_actions) {
        if (word == args.front()) {
            return action({args.begin() + 1, args.end()});
        }
        words.emplace_back(word);
    }
    const std::string near = nearest(args.front(), words);
    complain(fmt::format("expected list, show, count, export or check, found \"{}\"{}",
                         printable(args.front()),
                         near.empty() ? "" : ", did you mean " + near + "?"));
    return Exit::bad_usage;
}

}  // namespace ringback
