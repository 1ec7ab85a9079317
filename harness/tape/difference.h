#pragma once

#include <optional>
#include <string>

#include "harness/script/verdict.h"

namespace ringback {

/// The first thing in which a run differs from its recording, in one line: "menu.json:12:7 step
/// say: body.tag: recorded "menu", now nothing". None when the run has passed.
[[nodiscard]] std::optional<std::string> difference_text(const RunRecord& run);

}  // namespace ringback
