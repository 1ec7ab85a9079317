// journal list, show, count, export: what a running fake has recorded, by its admin plane.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "harness/cli/admin_client.h"
#include "harness/cli/flags.h"
#include "harness/cli/journal_commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/process.h"
#include "harness/cli/values.h"
#include "harness/record/journal_query.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

struct QueryOptions {
    HttpPeer fake{"127.0.0.1", 12180};
    std::string token;
    std::vector<std::pair<std::string, std::string>> filter;
    std::uint64_t seq{0};  // of show
    std::string out;       // of export
};

/// What a filter of GET /__admin/journal is for, as --help says it.
std::string_view about_filter(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known{
        {{"call", "about that call, message, bridge or conference"},
         {"user", "about that user id"},
         {"kind", "api, event, attempt, state, ...; several with commas"},
         {"event", "answer, hangup, ...; several with commas"},
         {"path", "API requests whose path begins so"},
         {"status", "of the answer: 404 or 4xx"},
         {"since", "only what came after the entry of this number"},
         {"limit", "so many at most (10000)"}}};
    for (const auto& [filter, about] : known) {
        if (filter == name) {
            return about;
        }
    }
    return "as in GET /__admin/journal";
}

void add_fake_flags(Flags& flags, QueryOptions& options) {
    flags.value("--api", "URL",
                "of the fake, where its admin plane is; also RINGBACK_URL "
                "(http://127.0.0.1:12180)",
                into(options.fake, http_peer_of));
    flags.also_from("RINGBACK_URL");
    flags.value("--admin-token", "TEXT", "when the fake asks for one",
                into(options.token, non_empty_of));
    flags.footer(
        "Exit status: 0 done, 2 bad usage, 4 no admin plane answered, 1 the results could\n"
        "not be written.");
}

void add_filter_flags(Flags& flags, QueryOptions& options, bool pages) {
    for (const std::string_view name : filter_names()) {
        if (pages && (name == "limit" || name == "since")) {
            continue;
        }
        flags.value(fmt::format("--{}", name), "TEXT", about_filter(name),
                    [&options, name](std::string_view text) -> Result<bool> {
                        JournalFilter filter;
                        if (const auto problem = set_filter(filter, name, text)) {
                            return expected(problem->expected, text);
                        }
                        options.filter.emplace_back(name, text);
                        return true;
                    });
    }
}

std::string query_of(const QueryOptions& options) {
    std::string query;
    for (const auto& [name, value] : options.filter) {
        query += fmt::format("{}{}={}", query.empty() ? "" : "&", name, percent_encoded(value));
    }
    return query;
}

std::string lines_of(const ordered_json& entries) {
    std::string lines;
    for (const ordered_json& entry : entries) {
        lines += entry.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
    }
    return lines;
}

Exit unreachable(const Error& error) {
    complain(printable(to_text(error)));
    return Exit::unreachable;
}

}  // namespace

Exit list_journal(const Args& args) {
    QueryOptions options;
    Flags flags{"journal list",
                "Prints what a running fake has recorded, one JSON object a line, oldest first."};
    add_filter_flags(flags, options, false);
    add_fake_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    const auto entries = AdminClient{options.fake, options.token}.entries(query_of(options));
    return entries ? printed(lines_of(entries.value())) : unreachable(entries.error());
}

Exit show_journal_entry(const Args& args) {
    QueryOptions options;
    Flags flags{"journal show",
                "Prints one entry of a running fake's journal, as a person reads it."};
    flags.positional("SEQ", "its number", [&options](std::string_view text) -> Result<bool> {
        const auto number = whole_number_of(text, 1, ~std::uint64_t{0} >> 1U);
        if (!number) {
            return number.error();
        }
        options.seq = number.value();
        return true;
    });
    add_fake_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (options.seq == 0) {
        complain("SEQ: expected the number of an entry, found none");
        return Exit::bad_usage;
    }
    const auto entries = AdminClient{options.fake, options.token}.entries(
        fmt::format("since={}&limit=1", options.seq - 1));
    if (!entries) {
        return unreachable(entries.error());
    }
    if (entries.value().empty() || entries.value()[0]["seq"].get<std::uint64_t>() != options.seq) {
        complain(fmt::format("SEQ: entry {} is not there, or no longer", options.seq));
        return Exit::bad_usage;
    }
    return printed(entries.value()[0].dump(2, ' ', false, ordered_json::error_handler_t::replace) +
                   "\n");
}

Exit count_journal(const Args& args) {
    QueryOptions options;
    Flags flags{"journal count", "Prints how many entries of a running fake's journal match."};
    add_filter_flags(flags, options, true);
    add_fake_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    nlohmann::json filter = nlohmann::json::object();
    for (const auto& [name, value] : options.filter) {
        filter[name] = value;
    }
    const auto count = AdminClient{options.fake, options.token}.count(filter);
    return count ? printed(fmt::format("{}\n", count.value())) : unreachable(count.error());
}

Exit export_journal(const Args& args) {
    QueryOptions options;
    Flags flags{"journal export",
                "Writes all that a running fake still has of its journal, one JSON object a line, "
                "oldest first: what ringback journal check reads."};
    add_filter_flags(flags, options, true);
    flags.value("--out", "FILE", "there instead of standard output, whole or not at all",
                into(options.out, non_empty_of));
    add_fake_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    const AdminClient admin{options.fake, options.token};
    const std::string filter = query_of(options);
    std::string all;
    for (std::uint64_t since = 0;;) {
        const auto entries = admin.entries(
            fmt::format("{}{}since={}&limit=5000", filter, filter.empty() ? "" : "&", since),
            since);
        if (!entries) {
            return unreachable(entries.error());
        }
        if (entries.value().empty()) {
            break;
        }
        since = entries.value().back()["seq"].get<std::uint64_t>();
        const std::string lines = lines_of(entries.value());
        if (!options.out.empty()) {
            all += lines;
        } else if (!print(lines)) {
            return Exit::failed;
        }
    }
    if (options.out.empty()) {
        return Exit::passed;
    }
    const Result<bool> written = write_by_rename(options.out, all);
    if (!written) {
        complain("--out: " + printable(to_text(written.error())));
        return Exit::failed;
    }
    return Exit::passed;
}

}  // namespace ringback
