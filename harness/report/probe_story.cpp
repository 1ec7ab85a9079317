#include "harness/report/probe_story.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/suite_record.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

std::string shown(const std::string& text) {
    constexpr std::size_t most = 1024;
    return printable(text, most);
}

std::string coloured(std::string_view text, std::string_view code, const StoryStyle& style) {
    return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

ordered_json findings_json(const std::vector<Deviation>& findings) {
    ordered_json all = ordered_json::array();
    for (const Deviation& finding : findings) {
        ordered_json made{
            {"kind", word_of(finding.kind)}, {"what", finding.what}, {"than", finding.than}};
        if (finding.seq > 0) {
            made["seq"] = finding.seq;
        }
        all.push_back(std::move(made));
    }
    return all;
}

std::string_view result_of(const ProbeTry& tried) {
    return tried.blame.failing.empty() ? "survived" : "failed";
}

ordered_json try_json(const ProbeTry& tried) {
    ordered_json made{{"what", tried.disturbance.what},
                      {"expected", tried.disturbance.expected},
                      {"result", result_of(tried)}};
    made["findings"] = findings_json(tried.blame.failing);
    made["told"] = findings_json(tried.blame.told);
    if (!tried.saved.empty()) {
        made["saved"] = tried.saved;
    }
    if (!tried.run.entries.empty()) {
        made["journal"] = tried.run.entries;
    }
    return made;
}

/// What the ladder is marked with: up to the first finding that has a place in it.
Judged mark_of(const ProbeTry& tried) {
    Judged mark;
    mark.name = std::string{word_of(tried.blame.failing.front().kind)};
    mark.seq = tried.blame.failing.front().seq;
    return mark;
}

/// " (--budget 12)" where that was too few for all of them.
std::string budget_text(const ProbeResult& result) {
    return result.possible > result.planned ? fmt::format(" (--budget {})", result.planned) : "";
}

/// "answer", "hangup twice", ...: each once, in the order in which they came first.
std::vector<std::string> counted_names(const std::vector<std::string>& events) {
    std::vector<std::string> names;
    for (auto event = events.begin(); event != events.end(); ++event) {
        if (std::find(events.begin(), event, *event) == event) {
            const auto count = std::count(event, events.end(), *event);
            names.push_back(shown(*event) + (count == 1   ? ""
                                             : count == 2 ? " twice"
                                                          : fmt::format(" {} times", count)));
        }
    }
    return names;
}

/// "3 events lost while it was down: answer, hangup twice"; "" = none.
std::string missed_text(const std::vector<std::string>& events) {
    constexpr std::size_t most{8};
    if (events.empty()) {
        return {};
    }
    std::vector<std::string> names = counted_names(events);
    const std::size_t more = names.size() > most ? names.size() - most : 0;
    names.resize(names.size() - more);
    return fmt::format("{} event{} lost while it was down: {}{}", events.size(),
                       events.size() == 1 ? "" : "s", fmt::join(names, ", "),
                       more == 0 ? "" : fmt::format(" and {} more", more));
}

/// The same behind something else.
std::string and_missed(const ProbeResult& result) {
    const std::string text = missed_text(result.missed());
    return text.empty() ? text : "; " + text;
}

/// "no fault: missing request POST ..., never here, once in the clean run, and 2 more"; "" = none.
std::string no_fault_text(const ProbeTry& tried) {
    using Kind = Deviation::Kind;
    std::vector<const Deviation*> told;
    for (const Deviation& one : tried.blame.told) {
        if (one.kind != Kind::bad_answer) {  // those are the events that were lost
            told.push_back(&one);
        }
    }
    if (told.empty()) {
        return {};
    }
    const Deviation& first = *told.front();
    return shown(
        fmt::format("no fault: {} {}, {}{}", word_of(first.kind), first.what, first.than,
                    told.size() == 1 ? "" : fmt::format(", and {} more", told.size() - 1)));
}

/// A failing order ends its probe, whatever the budget.
std::string failed_text(const ProbeResult& result) {
    std::string text = fmt::format("{} of {} disturbed runs found something", result.failed(),
                                   result.tries.size());
    if (result.kind != ProbeKind::reorder && result.possible > result.planned) {
        text += fmt::format(", of {}{}", result.possible, budget_text(result));
    }
    if (result.minimised_in > 0) {
        text += fmt::format("; made smaller in {} more", result.minimised_in);
    }
    return result.why_not.empty() ? text : text + "; " + not_played_text(result);
}

std::string_view outcome_word(ProbeResult::Outcome outcome) {
    switch (outcome) {
        case ProbeResult::Outcome::survived:
            return "survived";
        case ProbeResult::Outcome::failed:
            return "failed";
        case ProbeResult::Outcome::not_played:
            return "not played";
        case ProbeResult::Outcome::nothing_to_disturb:
            break;
    }
    return "nothing to disturb";
}

/// What is said of a probe whatever became of its runs.
ordered_json head_json(const ProbeResult& result) {
    ordered_json made{
        {"probe", name_of(result.kind)}, {"scenario", result.scenario}, {"file", result.file}};
    if (result.row > 0) {
        made["row"] = result.row;
    }
    made["seed"] = result.seed;
    made["result"] = outcome_word(result.outcome());
    if (!result.why_not.empty()) {
        made["why"] = result.why_not;
    } else if (result.outcome() == ProbeResult::Outcome::nothing_to_disturb) {
        made["why"] = why_nothing_to_disturb(result.kind);
    }
    made["planned"] = result.planned;
    made["possible"] = result.possible;
    if (result.minimised_in > 0) {
        made["minimised_in"] = result.minimised_in;
    }
    return made;
}

void append_finding(std::string& out, const Deviation& finding, const StoryStyle& style) {
    const std::string where = finding.seq > 0 ? fmt::format("  #{}", finding.seq) : "";
    out += line_of(fmt::format("  {:<18}  ", word_of(finding.kind)), shown(finding.what), style);
    out += line_of(std::string(22, ' '), shown(finding.than) + where, style);
}

}  // namespace

std::string probe_name(const ProbeResult& result) {
    return fmt::format("{}{}: probe {}", result.scenario,
                       result.row > 0 ? fmt::format(" [row {}]", result.row) : "",
                       name_of(result.kind));
}

std::string probe_line(const ProbeResult& result, const StoryStyle& style) {
    using enum ProbeResult::Outcome;
    const std::string name =
        shown(result.scenario) + (result.row > 0 ? fmt::format(" [row {}]", result.row) : "");
    const std::string_view kind = name_of(result.kind);
    switch (result.outcome()) {
        case survived:
            return fmt::format("{} {}  survives {}: {} of {} disturbed runs{}{}",
                               coloured("ok  ", "32", style), name, kind, result.tries.size(),
                               result.possible, budget_text(result), and_missed(result));
        case failed:
            return fmt::format("{} {}  does not survive {}: {}{}", coloured("FAIL", "31", style),
                               name, kind, failed_text(result), and_missed(result));
        case not_played:
            return fmt::format("{} {}  {}: {}{}", coloured("??  ", "33", style), name, kind,
                               not_played_text(result), and_missed(result));
        case nothing_to_disturb:
            break;
    }
    return fmt::format("{} {}  {}: nothing to disturb: {}", coloured("??  ", "33", style), name,
                       kind, why_nothing_to_disturb(result.kind));
}

std::string not_played_text(const ProbeResult& result) {
    if (result.why_not == interrupted_by_signal) {
        return fmt::format("interrupted after {} of {} disturbed runs", result.tries.size(),
                           result.planned);
    }
    return result.tries.empty()
               ? fmt::format("not played: {}", shown(result.why_not))
               : fmt::format("{} of {} disturbed runs, the rest not played: {}",
                             result.tries.size(), result.planned, shown(result.why_not));
}

std::string again(const RunRecord& run, ProbeKind kind, const std::string& behind) {
    return again(run, fmt::format(" --probe {}{}", name_of(kind), behind));
}

std::string probe_story(const ProbeTry& tried, const std::string& behind, const StoryStyle& style) {
    if (tried.blame.failing.empty()) {
        return {};
    }
    constexpr std::size_t most{6};
    std::string out =
        fmt::format("{} {}  {}\n", coloured("FAIL", "31", style), shown(name_of(tried.run)),
                    coloured(fmt::format("probe {}", name_of(tried.kind)), "1", style));
    out += line_of("  wrong     ", shown(tried.disturbance.what), style);
    out += line_of("  expected  ", shown(tried.disturbance.expected), style);
    for (std::size_t at = 0; at < std::min(tried.blame.failing.size(), most); ++at) {
        append_finding(out, tried.blame.failing[at], style);
    }
    if (tried.blame.failing.size() > most) {
        out += fmt::format("  and {} more\n", tried.blame.failing.size() - most);
    }
    if (!tried.blame.told.empty()) {
        out += "  and, which is no fault:\n";
        for (std::size_t at = 0; at < std::min(tried.blame.told.size(), most); ++at) {
            append_finding(out, tried.blame.told[at], style);
        }
    }
    const Judged mark = mark_of(tried);
    out += "\n" + marked_ladder(tried.run, &mark, style);
    RunRecord played = tried.run;
    if (!tried.saved.empty()) {
        played.file = tried.saved;
        out +=
            "\n" + line_of("  saved     ",
                           shown(tried.saved) + std::string{tried.fails_as_scenario.value_or(true)
                                                                ? ""
                                                                : ", whose own expectations hold"},
                           style);
    }
    out += fmt::format("{}  again: {}\n", tried.saved.empty() ? "\n" : "",
                       tried.fails_as_scenario.value_or(false)
                           ? again(played, behind)
                           : again(tried.run, tried.kind, tried.flags + behind));
    return out;
}

std::string probe_finding(const ProbeTry& tried) {
    if (tried.blame.failing.empty()) {
        return {};
    }
    const Deviation& first = tried.blame.failing.front();
    return shown(fmt::format("{}: {}, {}", word_of(first.kind), first.what, first.than));
}

std::string probe_came_of(const ProbeTry& tried) {
    std::vector<std::string> parts{probe_finding(tried), missed_text(tried.blame.missed),
                                   no_fault_text(tried)};
    std::erase(parts, std::string{});
    return fmt::format("{}", fmt::join(parts, "; "));
}

ordered_json probe_try_json(const ProbeTry& tried, const RunRecord& clean) {
    ordered_json made{
        {"probe", name_of(tried.kind)}, {"scenario", clean.scenario}, {"file", clean.file}};
    if (clean.row > 0) {
        made["row"] = clean.row;
    }
    made["seed"] = clean.seed;
    made.update(try_json(tried));
    return made;
}

ordered_json probe_sum_json(const ProbeResult& result) {
    ordered_json made = head_json(result);
    made["played"] = result.tries.size();
    made["found_something"] = result.failed();
    return made;
}

ordered_json probe_json(const ProbeResult& result) {
    ordered_json made = head_json(result);
    ordered_json& tries = made["tries"] = ordered_json::array();
    for (const ProbeTry& tried : result.tries) {
        tries.push_back(try_json(tried));
    }
    return made;
}

}  // namespace ringback
