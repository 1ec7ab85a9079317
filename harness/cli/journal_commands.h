#pragma once

#include "harness/cli/commands.h"

namespace ringback {

// The words behind `ringback journal`.

/// check: what is wrong with a journal file, and its repair.
[[nodiscard]] Exit check_journal_file(const Args& args);

/// list, show, count, export: what a running fake has recorded.
[[nodiscard]] Exit list_journal(const Args& args);
[[nodiscard]] Exit show_journal_entry(const Args& args);
[[nodiscard]] Exit count_journal(const Args& args);
[[nodiscard]] Exit export_journal(const Args& args);

}  // namespace ringback
