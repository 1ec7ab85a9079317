#include "harness/record/journal_check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "harness/cli/flags.h"
#include "harness/cli/journal_commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;
using What = JournalFinding::What;

struct CheckOptions {
    std::string file;
    bool repair{false};
    bool json{false};
};

void add_flags(Flags& flags, CheckOptions& options) {
    flags.positional("FILE", "what ringback serve --journal FILE has written",
                     into(options.file, non_empty_of));
    flags.toggle("--repair", "take out of the file what is no entry, and keep it beside it",
                 [&options](bool on) { options.repair = on; });
    flags.value("--format", "text|json", "text, or one JSON object a line (text)",
                into(options.json, is_json_of));
    flags.footer(
        "Tells every place that is damaged (a torn last line, zero bytes, garbage, a wrong\n"
        "checksum), and which entries are missing or there twice. Reads files of any size.\n"
        "--repair deletes nothing: the bytes it takes out are in FILE.damaged. The file of\n"
        "a running ringback can be checked, but not repaired.\n\n"
        "Exit status: 0 sound, 1 damaged (repaired or not), 2 bad usage, or a file that\n"
        "cannot be read or repaired.");
}

std::string_view word(What what) {
    switch (what) {
        case What::damaged:
            return "damaged";
        case What::torn:
            return "torn";
        case What::missing:
            return "missing";
        case What::repeated:
            return "repeated";
    }
    return "";
}

/// "entry 5 is", "entries 5 to 7 are".
std::string entries_text(const JournalFinding& finding) {
    return finding.first == finding.last
               ? fmt::format("entry {} is", finding.first)
               : fmt::format("entries {} to {} are", finding.first, finding.last);
}

std::string text_of(const JournalFinding& finding) {
    switch (finding.what) {
        case What::damaged:
            return fmt::format("{} bytes from byte {} on are no entry: {}", finding.bytes,
                               finding.offset, finding.why);
        case What::torn:
            return fmt::format("the last line is torn: {} bytes from byte {} on: {}", finding.bytes,
                               finding.offset, finding.why);
        case What::missing:
            return entries_text(finding) + " missing before this line";
        case What::repeated:
            return entries_text(finding) + " here again";
    }
    return "";
}

ordered_json json_of(const JournalFinding& finding) {
    ordered_json line{{"found", word(finding.what)}, {"line", finding.line}};
    if (finding.what == What::damaged || finding.what == What::torn) {
        line["offset"] = finding.offset;
        line["bytes"] = finding.bytes;
        line["why"] = finding.why;
    } else {
        line["first"] = finding.first;
        line["last"] = finding.last;
    }
    return line;
}

std::string kinds_text(const JournalReport& report) {
    std::string text;
    const auto add = [&text](std::string_view kind, std::uint64_t count) {
        if (count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kind, count);
        }
    };
    for (std::size_t i = 0; i < entry_kinds.size(); ++i) {
        add(entry_kinds.at(i), report.by_kind.at(i));
    }
    add("of other kinds", report.other_kinds);
    return text;
}

std::string checksums_text(const JournalReport& report) {
    const std::uint64_t with = report.entries - report.without_checksum;
    return report.without_checksum == 0
               ? fmt::format("{} right", with)
               : fmt::format("{} right, {} entries have none", with, report.without_checksum);
}

/// The figures, a line each behind a word.
std::string summary_text(const std::string& file, const JournalReport& report) {
    std::string text = fmt::format("{}: {}\n", file, report.is_sound() ? "sound" : "damaged");
    const auto row = [&text](std::string_view name, std::string_view value) {
        text += fmt::format("  {:<10} {}\n", name, value);
    };
    row("size", fmt::format("{} bytes in {} lines", report.bytes, report.lines));
    row("entries",
        report.entries == 0 ? "0" : fmt::format("{} ({})", report.entries, kinds_text(report)));
    if (report.entries > 0) {
        row("runs",
            fmt::format("{}{}", report.runs,
                        report.first_seq > 1
                            ? fmt::format("; the first begins with entry {}", report.first_seq)
                            : ""));
        row("time",
            fmt::format("{} to {}", printable(report.first_time), printable(report.last_time)));
        row("checksums", checksums_text(report));
    }
    if (report.damaged_places > 0) {
        row("damaged",
            fmt::format("{} bytes in {} places", report.damaged_bytes, report.damaged_places));
    }
    if (report.missing > 0) {
        row("missing", fmt::format("{} entries", report.missing));
    }
    if (report.repeated > 0) {
        row("repeated", fmt::format("{} entries", report.repeated));
    }
    if (report.newline_missing) {
        row("last line", "whole, without its newline");
    }
    if (report.in_use) {
        row("in use", fmt::format("a ringback writes it; {} bytes of its next line are there",
                                  report.unfinished_bytes));
    }
    return text;
}

ordered_json summary_json(const std::string& file, const JournalReport& report) {
    ordered_json kinds = ordered_json::object();
    for (std::size_t i = 0; i < entry_kinds.size(); ++i) {
        if (report.by_kind.at(i) > 0) {
            kinds[std::string{entry_kinds.at(i)}] = report.by_kind.at(i);
        }
    }
    return {{"file", file},
            {"sound", report.is_sound()},
            {"bytes", report.bytes},
            {"lines", report.lines},
            {"entries", report.entries},
            {"byKind", std::move(kinds)},
            {"otherKinds", report.other_kinds},
            {"runs", report.runs},
            {"firstSeq", report.first_seq},
            {"firstTime", report.first_time},
            {"lastTime", report.last_time},
            {"withoutChecksum", report.without_checksum},
            {"damagedPlaces", report.damaged_places},
            {"damagedBytes", report.damaged_bytes},
            {"missing", report.missing},
            {"repeated", report.repeated},
            {"newlineMissing", report.newline_missing},
            {"inUse", report.in_use},
            {"unfinishedBytes", report.unfinished_bytes}};
}

/// As it goes out: what a damaged file says may be no UTF-8.
std::string json_line(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// What the repair has done; "" if there was nothing to do.
std::string repair_text(const JournalRepair& repair) {
    if (!repair.kept_in.empty()) {
        return fmt::format("  repaired   the damaged bytes are in {}\n",
                           printable(repair.kept_in.string()));
    }
    return repair.report.newline_missing ? "  repaired   its last line has its newline\n" : "";
}

}  // namespace

Exit check_journal_file(const Args& args) {
    CheckOptions options;
    Flags flags{"journal check",
                "Tells whether a journal file is sound, and what is wrong with it."};
    add_flags(flags, options);
    if (const auto ended = ended_by_flags(flags, args)) {
        return *ended;
    }
    if (options.file.empty()) {
        complain("FILE: expected a journal file, found none");
        return Exit::bad_usage;
    }
    const std::string shown = printable(options.file);
    bool printed_all = true;
    const auto tell = [&](const JournalFinding& finding) {
        const std::string line =
            options.json ? json_line(json_of(finding))
                         : fmt::format("{}:{}: {}\n", shown, finding.line, text_of(finding));
        printed_all = printed_all && print(line);
    };
    JournalRepair repair;
    if (options.repair) {
        Result<JournalRepair> done = repair_journal(options.file, tell);
        if (!done) {
            complain(printable(to_text(done.error())));
            return Exit::bad_usage;
        }
        repair = std::move(done).value();
    } else {
        Result<JournalReport> checked = check_journal(options.file, tell);
        if (!checked) {
            complain(printable(to_text(checked.error())));
            return Exit::bad_usage;
        }
        repair.report = std::move(checked).value();
    }
    std::string summary;
    if (options.json) {
        ordered_json line = summary_json(options.file, repair.report);
        if (options.repair) {
            line["keptIn"] = repair.kept_in.string();
        }
        summary = json_line(line);
    } else {
        summary = summary_text(shown, repair.report) + repair_text(repair);
    }
    printed_all = printed_all && print(summary);
    return repair.report.is_sound() && printed_all ? Exit::passed : Exit::failed;
}

}  // namespace ringback
