#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/script/verdict.h"

namespace ringback {

/// What was expected beside what was done, step by step: what both have stands in one row (their
/// longest common order), the rest alone in its own.
///
/// `done`: names with the journal entries that did them.
[[nodiscard]] std::vector<AlignedStep> aligned(
    const std::vector<std::string>& expected,
    const std::vector<std::pair<std::string, std::uint64_t>>& done);

}  // namespace ringback
