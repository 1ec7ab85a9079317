#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/verdict.h"

namespace ringback {

struct StoryStyle {
    std::size_t width{80};
    bool utf8{true};
    bool colour{false};
};

/// One line: "ok   NAME  9 expectations  2 m 10 s modelled  0.31 s".
[[nodiscard]] std::string summary_line(const RunRecord& run, const StoryStyle& style);

/// What went wrong in one run: the step and its place in the file, what was expected, the closest
/// candidates with every field ticked or crossed, the ladder with the place marked, and the command
/// that plays it again. "" for a run that passed.
///
/// `behind`: what else the command needs ("-- npm start"), after the file and the seed.
[[nodiscard]] std::string failure_story(const RunRecord& run, const std::string& behind,
                                        const StoryStyle& style);

/// One expectation that did not hold: where it stands, what was expected, what came, what was
/// close.
[[nodiscard]] std::string expectation_story(const RunRecord& run, const Judged& told,
                                            const StoryStyle& style);

/// The command that plays a run again; `behind` as for failure_story().
[[nodiscard]] std::string again(const RunRecord& run, const std::string& behind);

/// What else that command needs for a variable, " -e NAME=VALUE", and for where the receiver is,
/// " -f URL". It goes into reports: passwords of URLs are not in it.
[[nodiscard]] std::string variable_flag(std::string_view name, std::string_view value);
[[nodiscard]] std::string receiver_flag(std::string_view url);

/// A word as a shell takes it.
[[nodiscard]] std::string shell_word(const std::string& word);

/// A line, broken between words where the terminal ends; what follows the first is indented as far
/// as `head` reaches. `painted`: bytes of the head that nobody sees.
[[nodiscard]] std::string line_of(std::string_view head, const std::string& text,
                                  const StoryStyle& style, std::size_t painted = 0);

/// "menu.json:8:5"; the file alone without a place.
[[nodiscard]] std::string place_text(const std::string& file, const Place& place);
/// "11.9 s".
[[nodiscard]] std::string seconds_text(Duration time);

/// The expectation that a run failed for, the first that did not hold; none: it passed.
[[nodiscard]] const Judged* decisive(const RunRecord& run);

/// The journal entries of a run as a ladder, up to where `marked` was decided and with its name
/// there; none: all of it.
[[nodiscard]] std::string marked_ladder(const RunRecord& run, const Judged* marked,
                                        const StoryStyle& style);

/// "passed", "failed", "inconclusive".
[[nodiscard]] std::string_view word_of(Judged::Result result);

}  // namespace ringback
