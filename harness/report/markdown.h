#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/suite_record.h"

namespace ringback {

/// A run of scenarios for people who read it in a browser beside their change: a table of the runs,
/// the story of each that did not pass behind a fold, what of the webhooks was touched. GitHub's
/// Markdown; text from receivers cannot leave its cell or block.
[[nodiscard]] std::string markdown_report(const SuiteRecord& suite);

/// GitHub's workflow commands, a line each: everything that did not hold, at its place in the
/// scenario file.
///
/// `workspace`: where the checkout is; paths below it are told relative to it, which is what makes
///              GitHub show them beside the change. "" = paths as they are.
[[nodiscard]] std::vector<std::string> annotations(const SuiteRecord& suite,
                                                   const std::string& workspace);

/// Text in a table cell or a line: what Markdown and HTML would read is escaped.
[[nodiscard]] std::string markdown_cell(std::string_view text);
/// Text as a block, fenced longer than any run of backquotes in it.
[[nodiscard]] std::string markdown_fence(const std::string& text);

}  // namespace ringback
