#include "harness/cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace ringback {
namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets variables
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string_view value = variable(name);
        if (!value.empty()) {
            std::string lower{value};
            std::ranges::transform(lower, lower.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            return lower.find("utf-8") != std::string::npos ||
                   lower.find("utf8") != std::string::npos;
        }
    }
    return false;
}

/// How many bytes the UTF-8 character at the front has; 0 when it is not one.
std::size_t character_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    const bool continues = std::ranges::all_of(text.substr(1, length - 1), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
    });
    return continues ? length : 0;
}

}  // namespace

Terminal terminal_of(int descriptor, bool no_color) {
    Terminal terminal;
    terminal.is_terminal = ::isatty(descriptor) == 1;
    terminal.utf8 = locale_is_utf8();
    if (terminal.is_terminal) {
        terminal.colour = !no_color && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
        winsize size{};
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
            terminal.width = std::clamp<std::size_t>(size.ws_col, 80, 120);
        }
    }
    return terminal;
}

int write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? errno : EIO;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

bool print(std::string_view text) {
    const int error = write_whole(STDOUT_FILENO, text);
    if (error != 0) {
        complain("standard output: cannot be written: " + std::generic_category().message(error));
    }
    return error == 0;
}

Exit printed(std::string_view text) { return print(text) ? Exit::passed : Exit::failed; }

void complain(std::string_view text) { say(fmt::format("ringback: {}", text)); }

void say(std::string_view text) {
    // A person who cannot be told is no reason to stop.
    static_cast<void>(write_whole(STDERR_FILENO, fmt::format("{}\n", text)));
}

std::string printable(std::string_view text) {
    constexpr std::size_t most = 256;
    std::string out;
    while (!text.empty() && out.size() < most) {
        const std::size_t length = character_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        // C1 controls (U+0080..U+009F) move cursors too.
        const bool control =
            length == 1 ? byte < 0x20 || byte == 0x7f
                        : length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
        const std::size_t taken = std::max<std::size_t>(length, 1);
        if (length == 0 || control) {
            for (const char c : text.substr(0, taken)) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            }
        } else {
            out += text.substr(0, taken);
        }
        text.remove_prefix(taken);
    }
    if (!text.empty()) {
        out += "...";
    }
    return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines{{}};
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
        const std::string_view word = text.substr(at, end - at);
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) {
            lines.emplace_back();
        }
        lines.back() += (lines.back().empty() || word.empty() ? "" : " ") + std::string{word};
        if (end < text.size() && text[end] == '\n') {
            lines.emplace_back();
        }
        at = end + 1;
    }
    return lines;
}

}  // namespace ringback
