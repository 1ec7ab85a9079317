#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cli/commands.h"
#include "simulator/wire/printable.h"  // IWYU pragma: export

namespace ringback {

/// What a stream can show.
struct Terminal {
    bool is_terminal{false};
    bool colour{false};     // a terminal, and neither NO_COLOR nor --no-color nor TERM=dumb
    bool utf8{false};       // by LC_ALL, LC_CTYPE, LANG
    std::size_t width{80};  // 80..120; 80 when it is no terminal
};
[[nodiscard]] Terminal terminal_of(int descriptor, bool no_color);

/// Results: standard output, exactly as given, written at once. False: not all could be written,
/// which is said with the system's reason.
[[nodiscard]] bool print(std::string_view text);
/// The same as the end of a command that only prints.
[[nodiscard]] Exit printed(std::string_view text);

/// All of it to a descriptor; 0, or the system's error.
[[nodiscard]] int write_whole(int descriptor, std::string_view text);

/// What a person should know: standard error, one line "ringback: ...".
void complain(std::string_view text);

/// One line on standard error without a name before it. Both say it masked: a URL may stand where a
/// file or a number was asked for.
void say(std::string_view text);

/// `text` without the user information of URLs. Callers may have cut it before: of a URL that ends
/// in the mark of printable() nothing is shown, for the '@' behind a password may lie behind the
/// cut.
[[nodiscard]] std::string masked(std::string_view text);

/// Broken at spaces into lines of at most `width` bytes; '\n' breaks too; never empty.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace ringback
