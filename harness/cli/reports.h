#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report/suite_record.h"
#include "simulator/core/result.h"

namespace ringback {

/// One `--report KIND=PATH`.
struct ReportWish {
    enum class Kind : unsigned char { junit, json, html, markdown };
    Kind kind{};
    std::string path;
};
/// Errors: "expected KIND=PATH with KIND one of ..., found ...".
[[nodiscard]] Result<ReportWish> report_wish_of(std::string_view text);

/// Writes every report that was wished for; a file is there whole or not at all. What cannot be
/// written is told with its path and the system's reason; false then. A Markdown report whose path
/// is that of GitHub's step summary is appended, as GitHub wants it.
[[nodiscard]] bool write_reports(const std::vector<ReportWish>& wishes, const SuiteRecord& suite);

/// On GitHub's runners: what did not hold, as lines that GitHub shows beside the change. On
/// standard error, because standard output is for results.
void tell_github(const SuiteRecord& suite);

}  // namespace ringback
