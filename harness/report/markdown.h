#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/report/suite_record.h"

namespace ringback {

/// A run of scenarios for people who read it in a browser beside their change: a table of the runs,
/// the story of each that did not pass behind a fold, what of the webhooks was touched. GitHub's
/// Markdown; text from receivers cannot leave its cell or block.
[[nodiscard]] std::string markdown_report(const SuiteRecord& suite);

/// Where the files of a change are.
struct Checkout {
    std::filesystem::path root;    // of the repository; "" = not known
    std::filesystem::path folder;  // in which ringback was started; files may be named from there
};

/// GitHub's workflow commands, a line each: everything that did not hold, at its place in the
/// scenario file. Files of the checkout are told relative to its root, which is what makes GitHub
/// show them beside the change.
[[nodiscard]] std::vector<std::string> annotations(const SuiteRecord& suite,
                                                   const Checkout& checkout);

/// Text in a table cell or a line: what Markdown and HTML would read is escaped.
[[nodiscard]] std::string markdown_cell(std::string_view text);
/// Text as a block, fenced longer than any run of backquotes in it.
[[nodiscard]] std::string markdown_fence(const std::string& text);

}  // namespace ringback
