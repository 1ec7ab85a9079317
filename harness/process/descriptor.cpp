#include "harness/process/descriptor.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "simulator/core/result.h"

namespace ringback {

Pipe make_pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return {};
    }
    return {.reader = Descriptor{ends[0]}, .writer = Descriptor{ends[1]}};
}

/// Not by /proc, which takes a descriptor to look at.
std::size_t free_descriptors(std::size_t most) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        bug("the limit of descriptors cannot be asked for");
    }
    constexpr rlim_t numbers = std::numeric_limits<int>::max();
    const int end = static_cast<int>(std::min(limit.rlim_cur, numbers));
    std::size_t free{0};
    for (int number = 0; number < end && free < most; ++number) {
        free += ::fcntl(number, F_GETFD) == -1 ? 1 : 0;  // NOLINT(*vararg): POSIX
    }
    return free;
}

Bell::Bell() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

void Bell::ring() const {
    if (event_.is_open() && ::eventfd_write(event_.get(), 1) != 0 && errno != EAGAIN) {
        bug("an eventfd does not take a 1");  // EAGAIN: it has rung a good many times
    }
}

Descriptor open_process(pid_t process) {
    // Not by pidfd_open(): glibc 2.36 declares it without extern "C".
    return Descriptor{static_cast<int>(::syscall(SYS_pidfd_open, process, 0))};
}

bool poll_until(std::span<pollfd> watched, SteadyTime deadline) {
    using std::chrono::milliseconds;
    constexpr milliseconds longest{60'000};  // poll counts in int; a far deadline is asked in parts
    for (;;) {
        const auto now = std::chrono::steady_clock::now();
        const auto left = deadline > now
                              ? std::min(std::chrono::ceil<milliseconds>(deadline - now), longest)
                              : milliseconds{0};
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            bug("poll() refused what it was given");
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
    }
}

bool readable_by(int descriptor, SteadyTime deadline) {
    pollfd watched{.fd = descriptor, .events = POLLIN, .revents = 0};
    return poll_until({&watched, 1}, deadline);
}

}  // namespace ringback
