#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ringback {

/// What a probe is played for.
enum class ProbeRole : std::uint8_t { ramp, bisect, confirm };

/// What came of one probe.
enum class ProbeOutcome : std::uint8_t {
    held,     // everything planned was done, and every claim held
    failed,   // the receiver could not
    invalid,  // ringback was the limit, so nothing is known of the receiver
};

/// How a search has ended.
enum class SearchEnd : std::uint8_t {
    found,     // the highest that held was confirmed, and not far above it one failed
    at_least,  // what held may not be all: ringback was the limit above it, or more was not allowed
    none_held,    // not even the lowest rate that was tried
    unconfirmed,  // the probes that a search may take were used up
    ended_early,  // interrupted, or the receiver was gone
};

/// One rate, played for a while.
struct SearchProbe {
    double rate{0};  // calls per second, planned
    ProbeRole role{ProbeRole::ramp};
    ProbeOutcome outcome{ProbeOutcome::held};
    std::string why;     // it failed or was invalid; "" = it held
    double achieved{0};  // calls finished per second, until the last had ended
    std::uint64_t started{0};
    std::uint64_t failed{0};  // calls
    std::uint64_t errors{0};  // of callbacks
    std::uint64_t response_p50_us{0};
    std::uint64_t response_p99_us{0};
    std::uint64_t service_p99_us{0};

    friend bool operator==(const SearchProbe&, const SearchProbe&) = default;
};

/// The highest rate that a receiver sustains, and how sure that is.
struct SearchResult {
    static constexpr unsigned confirmations_wanted{3};

    std::vector<std::string> claims;  // what had to hold
    std::vector<SearchProbe> probes;  // in the order in which they were played
    SearchEnd end{SearchEnd::ended_early};
    std::optional<double> held{};     // the highest rate that held, and was not refuted
    std::optional<double> failed{};   // the lowest that failed
    std::optional<double> limited{};  // the lowest at which ringback was the limit
    std::optional<double> allowed{};  // it was: no more may be tried (--max-rate)
    unsigned confirmed{0};            // how often `held` has held again

    friend bool operator==(const SearchResult&, const SearchResult&) = default;
};

[[nodiscard]] constexpr std::string_view word(ProbeRole role) {
    return role == ProbeRole::ramp ? "ramp" : role == ProbeRole::bisect ? "bisect" : "confirm";
}
[[nodiscard]] constexpr std::string_view word(ProbeOutcome outcome) {
    return outcome == ProbeOutcome::held     ? "held"
           : outcome == ProbeOutcome::failed ? "failed"
                                             : "invalid";
}
[[nodiscard]] constexpr std::string_view word(SearchEnd end) {
    switch (end) {
        case SearchEnd::found:
            return "found";
        case SearchEnd::at_least:
            return "at least";
        case SearchEnd::none_held:
            return "none held";
        case SearchEnd::unconfirmed:
            return "unconfirmed";
        case SearchEnd::ended_early:
            return "ended early";
    }
    return "ended early";
}

}  // namespace ringback
