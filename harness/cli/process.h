#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

/// Makes the process fit to run servers; the first thing main() does. Ignores SIGPIPE, SIGXFSZ and
/// SIGHUP, opens descriptors 0-2 where they are closed (or they would become client sockets),
/// raises the descriptor limit to what the system allows, and ends the process with a word when an
/// exception is left unhandled.
void prepare_process();

/// Writes `text` to a temporary file beside `path` and renames it into place, so that whoever waits
/// for the file never reads half of it. The error names `path` and the system's reason.
[[nodiscard]] Result<bool> write_by_rename(const std::string& path, std::string_view text);

/// 128 bits from the system, as 32 hexadecimal digits: for secrets, never for behaviour.
[[nodiscard]] std::string secret_token();

}  // namespace ringback
