#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/load/plan.h"
#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"
#include "simulator/edge/target.h"

namespace ringback {

/// How near a receiver is, told from its URL alone.
enum class Reach : std::uint8_t {
    here,     // this machine, by name or address
    near,     // a private address, as networks of one's own have
    foreign,  // any other address; a name, as it may stand for any
};
[[nodiscard]] Reach reach_of(const Target& target);

/// What a load comes to at most.
struct LoadDemand {
    double calls_per_second{0};
    std::uint64_t callbacks_per_call{2};

    /// As WebHook-Request-Rate counts.
    [[nodiscard]] std::uint64_t callbacks_per_minute() const;
};
/// The whole plan's, whatever this process's share: the receiver gets all of it. A call has as many
/// callbacks as its scenario names, and at least an answer and a hangup.
[[nodiscard]] LoadDemand demand_of(const LoadPlan& plan, const Scenario& scenario);

/// Load on a machine of a private network needs nobody's word up to here.
inline constexpr double calls_per_second_unasked{50};

/// Must the receiver be asked first? Not on this machine, not where somebody says that it is his
/// own, and not for a little load on a private address. `demand`: none where nobody knows it
/// before.
[[nodiscard]] bool needs_consent(Reach reach, bool owned, const std::optional<LoadDemand>& demand);

/// What load may come to.
struct LoadBounds {
    std::optional<double> calls_per_second{};  // none: whatever this machine can do
    std::size_t in_flight{100'000};
};
/// What a machine gets that is not this one when nobody has said more.
inline constexpr double calls_per_second_elsewhere{1'000};
inline constexpr std::size_t in_flight_elsewhere{1'000};

/// `most_rate`, `most_in_flight`: as somebody has said, wherever the receiver is.
/// Source  reliability promise 38: a mistyped rate must not be a flood at somebody's machine.
[[nodiscard]] LoadBounds bounds_of(bool elsewhere, std::optional<double> most_rate,
                                   std::optional<std::size_t> most_in_flight);

/// An answer to OPTIONS, as far as consent goes; "": no such header.
struct ConsentAnswer {
    int status{0};
    std::string allowed_origin;
    std::string allowed_rate;
};
/// From an answer's headers, name and value by turns, a line each.
[[nodiscard]] ConsentAnswer consent_answer(int status, std::string_view headers);

/// Why that is no consent to `demand`; none: it is.
///
/// Source  CloudEvents, HTTP 1.1 Web Hooks for Event Delivery 1.0.2, 4.2: 2xx,
/// WebHook-Allowed-Origin
///         names the sender or "*", WebHook-Allowed-Rate is "*" or requests a minute. A rate that
///         is not there was not allowed, as one was asked for.
[[nodiscard]] std::optional<std::string> refused_consent(const ConsentAnswer& answer,
                                                         std::string_view origin,
                                                         const LoadDemand& demand);

}  // namespace ringback
