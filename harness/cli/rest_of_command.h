#pragma once

#include <string>

#include "harness/cli/run_options.h"

namespace ringback {

/// What the command that plays a run again needs behind its file and seed: " --faults chaos -- npm
/// start". Secrets are not in it: it goes into reports.
[[nodiscard]] std::string rest_of_command(const RunOptions& options);

}  // namespace ringback
