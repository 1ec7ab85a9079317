#pragma once

#include "simulator/core/time.h"

namespace ringback::test {

/// While one is there, this process has its time, not the machine's: CLOCK_MONOTONIC stands still
/// until the event loop would sleep, and then what it would have slept is over. So a whole
/// Simulator, timers and all, runs as fast as it can compute, and the same inputs give the same
/// instants. The product has no switch for it: own_time.cpp defines the three functions of the C
/// library by which Asio learns of time, and the executable's come first.
///
/// One at a time, one thread. Make it before the io_context, and destroy it after.
class OwnTime {
public:
    OwnTime();
    OwnTime(const OwnTime&) = delete;
    OwnTime& operator=(const OwnTime&) = delete;
    ~OwnTime();

    [[nodiscard]] WallInstant now() const { return now_; }
    void pass(Duration time) { now_ += time; }

private:
    WallInstant now_{std::chrono::hours{1}};
};

/// Seconds of the machine, whatever time the process has; for saying how fast something was.
[[nodiscard]] double machine_seconds();

}  // namespace ringback::test
