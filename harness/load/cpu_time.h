#pragma once

#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <ctime>

#include "simulator/core/time.h"

namespace ringback {

/// User and system time that the calling thread has taken so far.
[[nodiscard]] inline Duration thread_cpu_time() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

/// On which this process may run, at least 1.
[[nodiscard]] inline std::size_t usable_cores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    const bool known = ::sched_getaffinity(0, sizeof cores, &cores) == 0;
    return known ? std::max<std::size_t>(static_cast<std::size_t>(CPU_COUNT(&cores)), 1) : 1;
}

}  // namespace ringback
