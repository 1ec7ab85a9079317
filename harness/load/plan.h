#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ringback {

/// Calls arrive for that long, at a rate that goes evenly from one figure to the other.
struct LoadStage {
    std::chrono::nanoseconds duration{};
    double rate_from{0};  // calls per second at its begin
    double rate_to{0};    // and at its end; the same: constant

    friend bool operator==(const LoadStage&, const LoadStage&) = default;
};

enum class Arrivals : std::uint8_t {
    constant,  // evenly, by arithmetic on n
    poisson,   // as independent callers come: gaps drawn from the seed
    trace,     // at the times of a file
};

/// What a person changed while it was played.
struct PlanChange {
    double at_s{0};    // since the start of the run
    std::string what;  // "rate x 1.1, 44/s", "paused"

    friend bool operator==(const PlanChange&, const PlanChange&) = default;
};

/// From the end of one step to the end of another, by their ids.
struct LoadTimer {
    std::string name;  // "reaction.greet"
    std::string from;
    std::string to;

    friend bool operator==(const LoadTimer&, const LoadTimer&) = default;
};

/// This process's share of the arrivals: the n-th (from 0) is ours if n % of == index.
struct Segment {
    std::size_t index{0};  // from 0; "2/8" is index 1 of 8
    std::size_t of{1};

    friend bool operator==(const Segment&, const Segment&) = default;
};

/// What a load run is to do; everything that decides when the n-th call starts.
struct LoadPlan {
    std::vector<LoadStage> stages;
    Arrivals arrivals{Arrivals::constant};
    std::vector<std::chrono::nanoseconds> trace;  // since the start, ascending; of `trace` only
    std::optional<std::uint64_t> calls{};         // no more than that, over all segments
    std::chrono::nanoseconds warmup{};            // starts in it are made, but measured nowhere
    std::uint64_t seed{42};
    Segment segment;
};

[[nodiscard]] constexpr std::string_view word(Arrivals arrivals) {
    switch (arrivals) {
        case Arrivals::constant:
            return "constant";
        case Arrivals::poisson:
            return "poisson";
        case Arrivals::trace:
            return "trace";
    }
    return "constant";
}

}  // namespace ringback
