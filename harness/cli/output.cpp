#include "harness/cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "simulator/wire/redaction.h"

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

/// Whether a word in a message ends before `rest`: as one that printable() has cut does.
bool ends_word(std::string_view rest) {
    return rest.empty() || rest.starts_with('"') || rest.starts_with(' ') || rest.starts_with(": ");
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

std::string masked(std::string_view text) {
    constexpr std::string_view mark{"..."};
    std::string out;
    for (auto at = text.find(mark); at != std::string_view::npos;) {
        const std::size_t end = at + mark.size();
        if (ends_word(text.substr(end))) {
            out += redacted(text.substr(0, end), true);
            text.remove_prefix(end);
            at = text.find(mark);
        } else {
            at = text.find(mark, at + 1);
        }
    }
    return out += redacted(text);
}

void complain(std::string_view text) { say(fmt::format("ringback: {}", text)); }

void say(std::string_view text) {
    // A person who cannot be told is no reason to stop.
    static_cast<void>(write_whole(STDERR_FILENO, masked(text) + "\n"));
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
