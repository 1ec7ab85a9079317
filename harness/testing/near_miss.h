#pragma once

#include <string>
#include <vector>

#include "harness/script/verdict.h"

namespace ringback::testing {

/// "\n  expected  ...\n  got  ...\n  closest 3:\n...": what `ringback run` prints of an expectation
/// that did not hold. Of the candidates the three with the fewest misses, of equals the earlier.
[[nodiscard]] std::string difference_text(std::string expected, std::string got,
                                          std::vector<Candidate> candidates);

}  // namespace ringback::testing
