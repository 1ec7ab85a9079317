#include "simulator/edge/memory_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>  // says whose library it is
#include <fstream>
#include <iterator>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace ringback {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

void say_on_stderr(std::string_view line) {
    std::fprintf(stderr, "ringback: %.*s\n", static_cast<int>(line.size()), line.data());
}

/// A whole number at the start; none where there is something else, like "max".
std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} ? std::optional{number} : std::nullopt;
}

std::optional<std::size_t> number_in_file(const std::string& path) {
    std::ifstream in{path};
    std::string text;
    return in >> text ? number_in(text) : std::nullopt;
}

void lower(std::optional<MemoryLimit>& lowest, std::optional<std::size_t> bytes,
           MemoryLimit::Of of) {
    if (bytes && *bytes > 0 && (!lowest || *bytes < lowest->bytes)) {
        lowest = MemoryLimit{*bytes, of};
    }
}

/// The group's own and those of all around it: each holds. In a container, which sees only its own
/// folder, the path outside it may still be told; then the folder itself is what there is.
void lower_by_group(std::optional<MemoryLimit>& lowest, const std::string& mounted,
                    std::string path, std::string_view file) {
    while (true) {
        lower(lowest,
              number_in_file(fmt::format("{}{}/{}", mounted, path == "/" ? "" : path, file)),
              MemoryLimit::Of::group);
        const std::size_t above = path.rfind('/');
        if (above == std::string::npos || path.size() <= 1) {
            return;
        }
        path.resize(std::max<std::size_t>(above, 1));
    }
}

/// Pages: those of the whole address space, then the resident ones. Read with what allocates
/// nothing.
std::array<std::size_t, 2> statm() {
    std::array<char, 128> text{};
    const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);  // NOLINT(*vararg)
    const ssize_t length = file < 0 ? 0 : ::read(file, text.data(), text.size());
    if (file >= 0) {
        ::close(file);
    }
    const std::string_view all{text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
    const std::size_t space = all.find(' ');
    if (space == std::string_view::npos) {
        return {};
    }
    return {number_in(all).value_or(0), number_in(all.substr(space + 1)).value_or(0)};
}

/// Bytes that the allocator has of the system and nobody has of it.
std::size_t freed_and_kept() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    return ::mallinfo2().fordblks;
#else
    return 0;
#endif
}

void give_back_freed() {
#ifdef __GLIBC__
    static_cast<void>(::malloc_trim(0));
#endif
}

}  // namespace

std::string_view name_of(MemoryLimit::Of of) {
    return of == MemoryLimit::Of::address_space ? "ulimit -v" : "its control group";
}

std::optional<MemoryLimit> memory_limit(const std::string& root) {
    std::optional<MemoryLimit> lowest;
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        lower(lowest, space.rlim_cur, MemoryLimit::Of::address_space);
    }
    std::ifstream groups{root + "/proc/self/cgroup"};  // "0::/path" or "4:memory:/path"
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string which = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string path = line.substr(second + 1);
        if (which == ",,") {
            lower_by_group(lowest, root + "/sys/fs/cgroup", path, "memory.max");
        } else if (which.find(",memory,") != std::string::npos) {
            lower_by_group(lowest, root + "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
        }
    }
    // Version 1 has no word for "none", only a number that nobody has memory for.
    constexpr std::size_t none = std::size_t{1} << 60U;
    return lowest && lowest->bytes < none ? lowest : std::nullopt;
}

/// Of a group's memory only what is the process's own: files that it has written are the kernel's
/// to drop, and what others in the group do is not for us to answer for.
std::size_t memory_used(MemoryLimit::Of of, bool closely) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (of == MemoryLimit::Of::group) {
        if (closely) {
            give_back_freed();
        }
        return statm()[1] * page;
    }
    const std::size_t mapped = statm()[0] * page;
    return closely ? mapped - std::min(mapped, freed_and_kept()) : mapped;
}

MemoryWatch::MemoryWatch(Settings settings)
    : settings_{std::move(settings)}, gauge_{settings_.limit.bytes} {
    if (!settings_.say) {
        settings_.say = say_on_stderr;
    }
}

bool MemoryWatch::look() {
    std::size_t used = settings_.used(settings_.limit.of, false);
    if (used >= gauge_.begins_at() || gauge_.is_short()) {
        used = settings_.used(settings_.limit.of, true);
    }
    const auto figures = [&] {
        return fmt::format("{} of {} MiB ({})", used / mebibyte, gauge_.limit() / mebibyte,
                           name_of(settings_.limit.of));
    };
    switch (gauge_.measured(used)) {
        case MemoryGauge::News::begins:
            settings_.say(fmt::format(
                "memory is short: {} are in use; until there is more, what creates something is "
                "refused (503) and what is over is forgotten, oldest first",
                figures()));
            break;
        case MemoryGauge::News::ends:
            settings_.say(fmt::format("there is memory again: {} are in use", figures()));
            told_nearly_out_ = false;
            break;
        case MemoryGauge::News::none:
            break;
    }
    return gauge_.is_short();
}

bool MemoryWatch::asked(std::size_t bytes) {
    return gauge_.asked(bytes) ? look() : gauge_.is_short();
}

void MemoryWatch::tell_nearly_out() {
    if (!std::exchange(told_nearly_out_, true)) {
        settings_.say(
            "memory is nearly out: the modelled clock stands still while callbacks are owed");
    }
}

std::string MemoryWatch::trouble() const {
    return fmt::format("ringback's memory is nearly used up: {} of {} MiB ({}); try again later",
                       gauge_.used() / mebibyte, gauge_.limit() / mebibyte,
                       name_of(settings_.limit.of));
}

}  // namespace ringback
