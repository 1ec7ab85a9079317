#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "harness/process/descriptor.h"
#include "simulator/core/result.h"

namespace ringback {

/// A TCP port picked for a receiver, which no other ringback of this machine picks while this
/// lives: two runs at once would otherwise now and then send their receivers to the same one. Held
/// by an abstract socket of the port's name, which ends with us, however we end.
class PortClaim {
public:
    /// None when another has it.
    [[nodiscard]] static std::optional<PortClaim> of(std::uint16_t number);

    [[nodiscard]] std::uint16_t number() const { return number_; }

private:
    PortClaim(std::uint16_t number, Descriptor held) : number_{number}, held_{std::move(held)} {}

    std::uint16_t number_;
    Descriptor held_;
};

/// A port that nobody has at this moment, on loopback or elsewhere. Until the receiver takes it, a
/// stranger may.
[[nodiscard]] Result<PortClaim> free_port();

}  // namespace ringback
