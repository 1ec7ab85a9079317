#pragma once

#include <string>

#include "harness/report/suite_record.h"

namespace ringback {

/// A run of scenarios as one page that needs nothing else: no script, no font, no picture from
/// anywhere. Summary, coverage, and of each run its expectations, the story of a failure, and the
/// ladder, whose rows open what was said.
///
/// Shape  HTML; everything that came from a receiver or a file is escaped, and the page forbids
///        itself scripts and requests.
[[nodiscard]] std::string html_report(const SuiteRecord& suite);

}  // namespace ringback
