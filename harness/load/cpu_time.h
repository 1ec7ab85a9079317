#pragma once

#include <ctime>

#include "simulator/core/time.h"

namespace ringback {

/// User and system time that the calling thread has taken so far.
[[nodiscard]] inline Duration thread_cpu_time() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

}  // namespace ringback
