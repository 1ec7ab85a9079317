#include "harness/process/marked.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>

#include "harness/process/descriptor.h"

namespace ringback {
namespace {

constexpr std::size_t longest_variable = 512;

/// read() that a signal does not end.
ssize_t read_some(int file, char* to, std::size_t size) noexcept {
    ssize_t got = 0;
    do {
        got = ::read(file, to, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

/// Variables one after the other, each with a NUL behind it. The text may be longer than the
/// buffer, so the end of one part is looked at again before the next.
bool holds(int file, std::string_view variable) noexcept {
    std::array<char, 8192> text{};
    std::array<char, longest_variable + 2> wanted{};  // a NUL on both sides
    std::copy(variable.begin(), variable.end(), wanted.begin() + 1);
    const std::string_view needle{wanted.data(), variable.size() + 2};
    std::size_t kept = 1;  // the NUL before the first variable
    for (;;) {
        const ssize_t got = read_some(file, text.data() + kept, text.size() - kept);
        if (got <= 0) {
            return false;
        }
        const std::string_view seen{text.data(), kept + static_cast<std::size_t>(got)};
        if (seen.find(needle) != std::string_view::npos) {
            return true;
        }
        kept = std::min(seen.size(), needle.size() - 1);
        std::memmove(text.data(), seen.data() + seen.size() - kept, kept);
    }
}

/// The number that a name in /proc consists of; 0: it is none.
pid_t process_named(const char* name) noexcept {
    pid_t process = 0;
    const char* const end = name + std::strlen(name);
    const auto read = std::from_chars(name, end, process);
    return read.ec == std::errc{} && read.ptr == end ? process : 0;
}

}  // namespace

bool has_variable(pid_t process, std::string_view variable) noexcept {
    constexpr std::string_view before{"/proc/"};
    constexpr std::string_view behind{"/environ"};
    std::array<char, 64> path{};  // ends in NUL, as it is longer than any such path
    char* at = std::copy(before.begin(), before.end(), path.data());
    at = std::to_chars(at, path.data() + path.size() - behind.size() - 1, process).ptr;
    std::copy(behind.begin(), behind.end(), at);
    const Descriptor file{::open(path.data(), O_RDONLY | O_CLOEXEC)};
    return file.is_open() && variable.size() <= longest_variable && holds(file.get(), variable);
}

int signal_all_with(std::string_view variable, int signal) noexcept {
    const Descriptor folder{::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    alignas(dirent64) std::array<char, 8192> entries{};
    int signalled = 0;
    for (;;) {
        const ssize_t length = ::getdents64(folder.get(), entries.data(), entries.size());
        if (length <= 0) {
            return signalled;
        }
        for (ssize_t at = 0; at < length;) {
            // NOLINTNEXTLINE(*reinterpret*): so the system writes them
            const auto* const entry = reinterpret_cast<const dirent64*>(entries.data() + at);
            const pid_t process = process_named(entry->d_name);
            if (process > 0 && has_variable(process, variable)) {
                ::kill(process, signal);
                ++signalled;
            }
            at += entry->d_reclen;
        }
    }
}

}  // namespace ringback
