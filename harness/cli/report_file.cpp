#include "harness/cli/report_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "harness/cli/output.h"

namespace ringback {
namespace {

bool is_step_summary(const std::string& path) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets variables
    const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
    return summary != nullptr && path == summary;
}

/// 0, or the system's error.
int write_to(const std::string& path, int flags, std::string_view text) {
    constexpr mode_t everybody_reads{0644};
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, everybody_reads);
    if (file < 0) {
        return errno;
    }
    const int error = write_whole(file, text);
    const int closed = ::close(file) == 0 ? 0 : errno;
    return error != 0 ? error : closed;
}

/// Pipes, terminals and the like cannot be replaced by a new file; they are written to as they are.
bool is_replaceable(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode);
}

/// 0, or the system's error.
int write_whole_or_not(const std::string& path, std::string_view text) {
    if (!is_replaceable(path)) {
        return write_to(path, 0, text);
    }
    const std::string made = fmt::format("{}.{}.new", path, ::getpid());
    int error = write_to(made, O_TRUNC, text);
    if (error == 0 && std::rename(made.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(made.c_str());
    }
    return error;
}

}  // namespace

bool write_report_file(const std::string& path, std::string_view text, bool is_markdown,
                       std::string_view what) {
    const int error = is_markdown && is_step_summary(path) ? write_to(path, O_APPEND, text)
                                                           : write_whole_or_not(path, text);
    if (error != 0) {
        complain(fmt::format("{}: {} cannot be written: {}", printable(path), what,
                             std::generic_category().message(error)));
    }
    return error == 0;
}

}  // namespace ringback
