#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

/// Makes the process fit to run servers; the first thing main() does. Ignores SIGPIPE, SIGXFSZ and
/// SIGHUP, opens descriptors 0-2 where they are closed (or they would become client sockets),
/// raises the descriptor limit to what the system allows, and ends the process with a word when an
/// exception is left unhandled: as a bug, or, where memory has run out, with status 3.
void prepare_process();

/// "ringback: out of memory", on stderr, without asking for any.
void say_out_of_memory() noexcept;

/// Why there is no event loop or thread, where that is what was thrown and the system had no room
/// for it: memory, descriptors, processes. None: it is something else.
[[nodiscard]] std::optional<std::string> refused_for_want_of_room(const std::exception& error);

/// Overwrites in main()'s own words what the process list should not show to everybody: values of
/// flags that are secrets, and user information in URLs. Words behind "--" are another command's.
/// What was shown until then was shown; RINGBACK_SECRET and files never are.
void hide_secrets(std::span<char* const> words);

/// Who may read a file that is written.
enum class Readers : std::uint8_t { everybody, owner };

/// Writes `text` to a temporary file beside `path` and renames it into place, so that whoever waits
/// for the file never reads half of it; where it holds a secret, for the owner's eyes only. The
/// error names `path` and the system's reason.
[[nodiscard]] Result<bool> write_by_rename(const std::string& path, std::string_view text,
                                           Readers readers = Readers::everybody);

/// 128 bits from the system, as 32 hexadecimal digits: for secrets, never for behaviour.
[[nodiscard]] std::string secret_token();

}  // namespace ringback
