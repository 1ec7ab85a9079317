#include "harness/report/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/ladder/ladder.h"
#include "harness/report/losses.h"
#include "harness/report/suite_record.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/redaction.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::string_view red{"\x1b[31m"};
constexpr std::string_view green{"\x1b[32m"};
constexpr std::string_view yellow{"\x1b[33m"};
constexpr std::string_view bold{"\x1b[1m"};

std::string painted(std::string_view text, std::string_view colour, const StoryStyle& style) {
    return style.colour ? fmt::format("{}{}\x1b[0m", colour, text) : std::string{text};
}

std::string_view colour_of(Judged::Result result) {
    return result == Judged::Result::passed   ? green
           : result == Judged::Result::failed ? red
                                              : yellow;
}

/// Control bytes of whoever sent the text never reach a terminal.
std::string harmless(std::string_view text) {
    constexpr std::size_t most = 4096;
    return printable(text, most);
}

/// How much of a word that is wider than a line stands on its first one: up to a slash, if there is
/// one, so that a path falls apart where it has parts.
std::size_t first_part(std::string_view word, std::size_t room) {
    const std::string_view fits = utf8_crop(word, room);
    const std::size_t slash = fits.rfind('/');
    return slash == std::string_view::npos || slash == 0 ? fits.size() : slash + 1;
}

void append_candidate(std::string& out, const Candidate& candidate, const StoryStyle& style) {
    const std::string_view tick = style.utf8 ? "✓" : "ok";
    const std::string_view cross = style.utf8 ? "✗" : "NO";
    std::string when = candidate.seq == 0 ? "" : fmt::format("   #{}", candidate.seq);
    if (candidate.after > Duration{}) {
        when += fmt::format(", +{} ms", duration_cast<milliseconds>(candidate.after).count());
    }
    out += line_of("    ", harmless(candidate.what) + when, style);
    std::size_t widest{0};
    for (const FieldFinding& field : candidate.fields) {
        widest = std::max(widest, field.field.size());
    }
    for (const FieldFinding& field : candidate.fields) {
        const bool fits = field.finding.fits;
        const std::string_view plain = fits ? tick : cross;
        const std::string mark = painted(plain, fits ? green : red, style);
        out += line_of(fmt::format("      {:<{}}  {} ", field.field, widest, mark),
                       harmless(fits ? field.finding.found : field.finding.why), style,
                       mark.size() - plain.size());
    }
}

/// The two orders side by side; what stands in one of them only is marked.
void append_aligned(std::string& out, const Judged& told, const StoryStyle& style) {
    if (told.aligned.empty()) {
        return;
    }
    std::size_t widest = std::string_view{"expected"}.size();
    for (const AlignedStep& row : told.aligned) {
        widest = std::max(widest, utf8_length(row.expected));
    }
    const std::string_view bar = style.utf8 ? "│" : "|";
    const auto cell = [&](std::string_view text) {
        return harmless(text) + std::string(widest - std::min(widest, utf8_length(text)), ' ');
    };
    out += fmt::format("    {} {} done\n", cell("expected"), bar);
    for (const AlignedStep& row : told.aligned) {
        const bool same = row.expected == row.done;
        const std::string where = row.seq > 0 ? fmt::format("   #{}", row.seq) : "";
        const std::string_view cross = style.utf8 ? "✗" : "x";
        out += fmt::format("  {} {} {} {}{}\n", same ? " " : painted(cross, red, style),
                           cell(row.expected), bar, row.done.empty() ? "-" : harmless(row.done),
                           where);
    }
}

/// The call that entry `seq` is about, else the first one of the run; "" = none was made.
std::string call_of(const RunRecord& run, std::uint64_t seq) {
    std::string first;
    for (const nlohmann::json& entry : run.entries) {
        const auto call = entry.find("call");
        if (call == entry.end() || !call->is_string()) {
            continue;
        }
        first = first.empty() ? harmless(call->get<std::string>()) : first;
        if (seq > 0 && entry.value("seq", std::uint64_t{0}) == seq) {
            return harmless(call->get<std::string>());
        }
    }
    return first;
}

/// "FAIL menu  say  menu.json:8:5"; the place on a line of its own where that is too long.
std::string head_of(const RunRecord& run, const Judged& told, const StoryStyle& style) {
    const std::string word = told.result == Judged::Result::failed ? "FAIL" : "INCONCLUSIVE";
    const std::string name = harmless(told.name);
    const std::string place = harmless(place_text(told.file, told.place));
    const std::size_t length = word.size() + 1 + utf8_length(run.scenario) + 2 + utf8_length(name) +
                               2 + utf8_length(place);
    return fmt::format("{} {}  {}{}{}\n", painted(word, colour_of(told.result), style),
                       harmless(run.scenario), painted(name, bold, style),
                       length > style.width ? "\n            " : "  ", place);
}

/// Below a ladder that ends where the verdict fell.
std::string pointer_to(const std::string& what, const StoryStyle& style) {
    const std::string head = style.utf8 ? "          └── " : "          ^-- ";
    const std::string text = what.empty() ? "here" : "here: " + harmless(what);
    const std::size_t room = std::max<std::size_t>(style.width, 60) - utf8_length(head);
    return fmt::format("{}{}\n", head, utf8_crop(text, room));
}

/// The last of them, where there are very many.
std::string steps_text(const std::vector<std::string>& steps) {
    constexpr std::size_t most{60};
    const std::size_t left_out = steps.size() - std::min(steps.size(), most);
    const std::string begin = left_out == 0 ? "" : fmt::format("({} more), ", left_out);
    const auto from = steps.begin() + static_cast<std::ptrdiff_t>(left_out);
    return begin + fmt::format("{}", fmt::join(from, steps.end(), ", "));
}

}  // namespace

std::string line_of(std::string_view head, const std::string& text, const StoryStyle& style,
                    std::size_t painted) {
    const std::string indent(utf8_length(head) - painted, ' ');
    std::string out{head};
    std::size_t column = indent.size();
    std::string_view rest = text;
    while (!rest.empty()) {
        std::size_t end = std::min(rest.find(' '), rest.size());
        const std::size_t room = style.width - std::min(style.width / 2, indent.size());
        const bool too_wide = utf8_length(rest.substr(0, end)) > room;
        if (too_wide) {
            end = first_part(rest.substr(0, end), room);
        }
        const std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + (too_wide ? 0 : 1), rest.size()));
        const std::size_t length = utf8_length(word);
        if (column > indent.size() && column + 1 + length > style.width) {
            out.erase(out.find_last_not_of(' ') + 1);
            out += "\n" + indent;
            column = indent.size();
        }
        if (column > indent.size()) {
            out += ' ';
            ++column;
        }
        out += word;
        column += length;
    }
    return out + "\n";
}

std::string place_text(const std::string& file, const Place& place) {
    return place.line == 0 ? file : fmt::format("{}:{}:{}", file, place.line, place.column);
}

std::string seconds_text(Duration time) {
    return fmt::format("{:.1f} s",
                       static_cast<double>(duration_cast<milliseconds>(time).count()) / 1000.0);
}

std::string expectation_story(const RunRecord& run, const Judged& told, const StoryStyle& style) {
    std::string out;
    const std::string call = call_of(run, told.seq);
    out += head_of(run, told, style);
    if (!run.scenario.empty()) {  // a fixture's expectation has no run
        out += fmt::format("  seed {}{}{}\n", run.seed,
                           run.row > 0 ? fmt::format(", row {}", run.row) : "",
                           call.empty() ? "" : ", call " + call);
    }
    out += line_of("  expected  ", harmless(told.expected), style);
    out += line_of("  got       ",
                   harmless(told.got) + (told.seq > 0 ? fmt::format(" #{}", told.seq) : ""), style);
    if (!told.candidates.empty()) {
        out += told.candidates.size() == 1 ? "  closest:\n"
                                           : fmt::format("  closest {}:\n", told.candidates.size());
        for (const Candidate& candidate : told.candidates) {
            append_candidate(out, candidate, style);
        }
    }
    append_aligned(out, told, style);
    for (const std::string& edit : told.accept) {
        out += fmt::format("  accept: --override {}\n", harmless(shell_word(edit)));
    }
    return out;
}

std::string shell_word(const std::string& word) {
    constexpr std::string_view plain{
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=+,@%"};
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
        return word;
    }
    std::string out{"'"};
    for (const char c : word) {
        out += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return out + "'";
}

std::string_view word_of(Judged::Result result) {
    return result == Judged::Result::passed   ? "passed"
           : result == Judged::Result::failed ? "failed"
                                              : "inconclusive";
}

std::string summary_line(const RunRecord& run, const StoryStyle& style) {
    const Judged::Result result = run.verdict.result;
    const std::string_view word = result == Judged::Result::passed   ? "ok  "
                                  : result == Judged::Result::failed ? "FAIL"
                                                                     : "??  ";
    const auto good =
        std::ranges::count(run.verdict.judged, Judged::Result::passed, &Judged::result);
    const std::string lost = losses_text(losses_of(run.entries));
    return fmt::format("{} {}  {} of {} held, {} modelled, {}{}{}",
                       painted(word, colour_of(result), style), harmless(name_of(run)), good,
                       run.verdict.judged.size(), seconds_text(run.modelled),
                       seconds_text(run.wall), lost.empty() ? "" : "; ", lost);
}

const Judged* decisive(const RunRecord& run) {
    const auto& all = run.verdict.judged;
    const auto found = std::ranges::find_if(
        all, [](const Judged& told) { return told.result != Judged::Result::passed; });
    return found == all.end() ? nullptr : &*found;
}

std::string marked_ladder(const RunRecord& run, const Judged* marked, const StoryStyle& style) {
    if (run.entries.empty()) {
        return "  (nothing happened)\n";
    }
    const LadderStyle drawn{style.width, style.utf8, style.colour};
    if (marked == nullptr) {
        return ladder(run.entries, drawn);
    }
    // What was decided by nothing that happened was decided when all of it had.
    const auto found = std::ranges::find_if(run.entries, [&](const nlohmann::json& entry) {
        return marked->seq > 0 && entry.value("seq", std::uint64_t{0}) == marked->seq;
    });
    const auto end = found == run.entries.end() ? found : found + 1;
    return ladder({run.entries.begin(), end}, drawn) + pointer_to(marked->name, style);
}

std::string failure_story(const RunRecord& run, const std::string& behind,
                          const StoryStyle& style) {
    if (run.verdict.result == Judged::Result::passed) {
        return {};
    }
    std::string out;
    for (const Judged& told : run.verdict.judged) {
        if (told.result != Judged::Result::passed) {
            out += expectation_story(run, told, style);
        }
    }
    if (!run.verdict.reached.empty()) {
        out += line_of("  steps done: ", steps_text(run.verdict.reached), style);
    }
    out += "\n" + marked_ladder(run, decisive(run), style);
    out += fmt::format("\n  again: {}\n", again(run, behind));
    return out;
}

std::string again(const RunRecord& run, const std::string& behind) {
    return fmt::format("ringback run {} --seed {}{}", shell_word(run.file), run.seed, behind);
}

std::string variable_flag(std::string_view name, std::string_view value) {
    return " -e " + shell_word(fmt::format("{}={}", name, redacted(value)));
}

std::string receiver_flag(std::string_view url) { return " -f " + shell_word(redacted_url(url)); }

}  // namespace ringback
