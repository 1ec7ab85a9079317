#pragma once

#include <chrono>
#include <ctime>

#include "simulator/core/time.h"

namespace ringback {

/// The real clock's present instant: CLOCK_MONOTONIC, so that nobody who sets the machine's clock
/// moves a deadline.
[[nodiscard]] inline WallInstant wall_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return WallInstant{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

}  // namespace ringback
