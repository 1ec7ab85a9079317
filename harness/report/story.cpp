#include "harness/report/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/ladder/ladder.h"
#include "harness/report/suite_record.h"
#include "simulator/wire/printable.h"
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

/// The first call of the run; "" = none was made.
std::string call_of(const RunRecord& run) {
    for (const nlohmann::json& entry : run.entries) {
        const auto call = entry.find("call");
        if (call != entry.end() && call->is_string()) {
            return harmless(call->get<std::string>());
        }
    }
    return {};
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
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
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
    const std::string word = told.result == Judged::Result::failed ? "FAIL" : "INCONCLUSIVE";
    const std::string call = call_of(run);
    out += fmt::format("{} {}  {}  {}\n", painted(word, colour_of(told.result), style),
                       run.scenario, painted(harmless(told.name), bold, style),
                       harmless(place_text(told.file, told.place)));
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
    return fmt::format("{} {}  {} of {} held, {} modelled, {}",
                       painted(word, colour_of(result), style), harmless(name_of(run)), good,
                       run.verdict.judged.size(), seconds_text(run.modelled),
                       seconds_text(run.wall));
}

std::string marked_ladder(const RunRecord& run, std::uint64_t marked, const StoryStyle& style) {
    if (run.entries.empty()) {
        return "  (nothing happened)\n";
    }
    const LadderStyle drawn{style.width, style.utf8, style.colour};
    const auto found = std::ranges::find_if(run.entries, [&](const nlohmann::json& entry) {
        return marked > 0 && entry.value("seq", std::uint64_t{0}) == marked;
    });
    if (found == run.entries.end()) {
        return ladder(run.entries, drawn);
    }
    return ladder({run.entries.begin(), found + 1}, drawn) +
           (style.utf8 ? "          └── here\n" : "          ^-- here\n");
}

std::string failure_story(const RunRecord& run, const std::string& behind,
                          const StoryStyle& style) {
    if (run.verdict.result == Judged::Result::passed) {
        return {};
    }
    std::string out;
    std::uint64_t marked{0};
    for (const Judged& told : run.verdict.judged) {
        if (told.result != Judged::Result::passed) {
            out += expectation_story(run, told, style);
            marked = marked == 0 ? told.seq : marked;
        }
    }
    if (!run.verdict.reached.empty()) {
        out += line_of("  steps done: ", steps_text(run.verdict.reached), style);
    }
    out += "\n" + marked_ladder(run, marked, style);
    out += fmt::format("\n  again: {}\n", again(run, behind));
    return out;
}

std::string again(const RunRecord& run, const std::string& behind) {
    return fmt::format("ringback run {} --seed {}{}", run.file, run.seed, behind);
}

}  // namespace ringback
