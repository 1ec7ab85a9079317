#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/load/result.h"
#include "harness/report/story.h"
#include "simulator/core/result.h"

namespace ringback {

/// What a load result can be made into.
enum class LoadReport : unsigned char { text, json, csv, junit, html, markdown, prometheus, hlog };

/// Errors: "expected text, json, csv, ..., found ...".
[[nodiscard]] Result<LoadReport> load_report_of(std::string_view word);

/// One `--report KIND=PATH` of a load run.
struct LoadReportWish {
    LoadReport kind{};
    std::string path;
};
/// Errors: "expected KIND=PATH with KIND one of ..., found ...".
[[nodiscard]] Result<LoadReportWish> load_report_wish_of(std::string_view text);

/// `style` is that of `text`.
[[nodiscard]] std::string render(LoadReport kind, const LoadResult& result,
                                 const StoryStyle& style);

/// Writes every report that was wished for, as write_report_file().
[[nodiscard]] bool write_load_reports(const std::vector<LoadReportWish>& wishes,
                                      const LoadResult& result);

}  // namespace ringback
