#pragma once

#include <cstdint>
#include <string>

#include "simulator/core/faults.h"

namespace ringback {

/// The fault with its latency drawn: what one message meets.
[[nodiscard]] WireFault settled(WireFault fault, Rng& rng);

/// What a message meets that meets both, as a connection through two toxics does: latencies add up,
/// the smaller limit holds, and of what can be only once the first that has it.
[[nodiscard]] WireFault both(WireFault first, const WireFault& second);

/// Whether it arrives as something else than it should be, not only late: what comes behind it on
/// the same connection cannot be trusted.
[[nodiscard]] bool spoils(const WireFault& fault);

/// Whether all of it leaves as it should be, if late or slowly: the receiver can make of it what it
/// is.
[[nodiscard]] bool arrives_whole(const WireFault& fault);

/// How many bytes leave of a message whose head, with its empty line, and body are so long. Half of
/// a message without a body is half of its head.
[[nodiscard]] std::uint64_t leaving(const WireFault& fault, std::uint64_t head, std::uint64_t body);

/// What it comes to, for people: "300 ms late, closed after half the body". Its latency is drawn.
[[nodiscard]] std::string to_text(const WireFault& fault);

}  // namespace ringback
