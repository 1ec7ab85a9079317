#pragma once

#include <chrono>
#include <cstdint>

namespace ringback {

/// Integer nanoseconds, the one unit of time inside; names and files say ms or s where they differ.
using Duration = std::chrono::nanoseconds;

/// The clock of the simulated telephone network. It has no `now()`: a driver tells the core.
struct ModelClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<ModelClock, duration>;
    static constexpr bool is_steady = true;
};

/// The clock of the receiver and its timeouts. Also without `now()`, and a type of its own, so that
/// a modelled instant compared with a real one does not compile.
struct WallClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<WallClock, duration>;
    static constexpr bool is_steady = true;
};

/// Modelled time: nanoseconds since 1970-01-01T00:00:00Z. What the payloads show.
using Instant = ModelClock::time_point;

/// Real time: nanoseconds of a monotonic clock with an arbitrary origin. What timeouts count.
using WallInstant = WallClock::time_point;

/// "Not yet": the value of an instant that has not come.
inline constexpr Instant never{Instant::min()};

}  // namespace ringback
