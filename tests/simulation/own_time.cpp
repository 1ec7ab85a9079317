#include "tests/simulation/own_time.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace ringback::test {
namespace {

OwnTime* in_force{nullptr};  // functions of the C library have no argument to find it by

}  // namespace

OwnTime::OwnTime() { in_force = this; }
OwnTime::~OwnTime() { in_force = nullptr; }

double machine_seconds() {
    timespec now{};
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace ringback::test

using ringback::test::in_force;

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (in_force == nullptr || clock != CLOCK_MONOTONIC) {
        return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    }
    const auto since = in_force->now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    time->tv_sec = seconds.count();
    time->tv_nsec = (since - seconds).count();
    return 0;
}

/// Without it Asio asks epoll_wait to wake it for its timers, as on kernels that have none.
extern "C" int timerfd_create(clockid_t clock, int flags) noexcept {
    if (in_force == nullptr) {
        return static_cast<int>(::syscall(SYS_timerfd_create, clock, flags));
    }
    errno = ENOSYS;
    return -1;
}

/// Nobody but the timers wakes the loop: what is posted to it, it sees before it sleeps.
extern "C" int epoll_wait(int descriptor, epoll_event* events, int most, int milliseconds) {
    if (in_force == nullptr) {
        return static_cast<int>(::syscall(SYS_epoll_pwait, descriptor, events, most, milliseconds,
                                          nullptr, sizeof(std::uint64_t)));
    }
    constexpr int longest = 1000;
    in_force->pass(
        std::chrono::milliseconds{milliseconds < 0 ? longest : std::min(milliseconds, longest)});
    return 0;
}
