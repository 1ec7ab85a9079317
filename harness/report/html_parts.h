#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/script/verdict.h"

namespace ringback {

// What the pages of runs and of load runs have in common.

/// All up to and with <body>. The page forbids itself requests, forms, another base, every script
/// but those that it names, and every style but its sheet: elements have no style of their own.
///
/// `scripts`: the texts of its <script> elements, exactly; none: no script at all.
[[nodiscard]] std::string page_head(std::string_view title, std::string_view style,
                                    const std::vector<std::string_view>& scripts);

/// A text with lines, as it stands in a <pre>.
[[nodiscard]] std::string html_lines(std::string_view text);

/// The ladder of a run, the row where `marked` was decided highlighted (null: none), and for each
/// of its rows a pane with what was said, which the row opens. Within an element of id
/// "run-NUMBER".
void append_ladder(std::string& out, const RunRecord& run, std::size_t number,
                   const Judged* marked);

}  // namespace ringback
