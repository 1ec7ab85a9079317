#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ringback {

// How much of a scenario is read and played: far above what a test needs, far below what harms.
inline constexpr std::size_t most_steps = 10'000;  // after every `use`
inline constexpr std::size_t deepest_use = 8;
inline constexpr std::size_t most_files = 64;              // one scenario and all that it uses
inline constexpr std::int64_t most_times = 1000;           // of one `repeat`
inline constexpr std::int64_t most_nested_times = 10'000;  // of `repeat`s in each other, multiplied
inline constexpr std::size_t most_steps_of_a_run = 100'000;
inline constexpr std::size_t most_events_of_a_run = 100'000;
inline constexpr std::chrono::hours longest_waits{1};  // of a run's steps, together; modelled

}  // namespace ringback
