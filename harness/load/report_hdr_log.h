#pragma once

#include <string>

#include "harness/load/result.h"

namespace ringback {

/// The histograms of a run as an HdrHistogram log (hdr_log.h): an interval for each, as long as the
/// run, tagged "response", "service", "reaction.greet", and of a step "response{step:answer}". Of
/// an invalid run only what was late on our own side, as nothing else in it is a result.
[[nodiscard]] std::string load_hdr_log(const LoadResult& result);

}  // namespace ringback
