#pragma once

#include <string>
#include <string_view>

namespace ringback {

/// Writes a report; a file is there whole or not at all, pipes and the like are written to as they
/// are. What cannot be written is told with its path, `what` it is, and the system's reason; false
/// then.
///
/// `is_markdown`: if `path` is that of GitHub's step summary it is appended, as GitHub wants it.
[[nodiscard]] bool write_report_file(const std::string& path, std::string_view text,
                                     bool is_markdown, std::string_view what = "the report");

}  // namespace ringback
