#pragma once

#include <functional>

#include "harness/cli/commands.h"
#include "harness/cli/run_options.h"
#include "harness/script/verdict.h"

namespace ringback {

// What `run` shares with `replay`.

/// What is done with each run when it has ended, in place of showing it; false: it could not be
/// printed.
using ShowRun = std::function<bool(const RunRecord&)>;

/// Plays the scenarios, then writes the reports, whatever became of it. Null: runs are shown as
/// `ringback run` does.
Exit play_and_report(RunOptions& options, const ShowRun& show_instead);

}  // namespace ringback
