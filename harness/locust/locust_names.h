#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/result.h"

namespace ringback {

/// The class that stands for all scenarios of a worker, its lines dealt to them in turn.
inline constexpr std::string_view locust_any_class{"Ringback"};

/// The user class of a scenario, as a name that Python takes: "answer-hangup" -> "AnswerHangup",
/// "2 calls" -> "Scenario2Calls". Letters and digits of ASCII stay, everything else parts words.
[[nodiscard]] std::string locust_class_name(std::string_view scenario);

struct LocustAddress {
    std::string host;  // without brackets
    std::uint16_t port{5557};

    /// "tcp://127.0.0.1:5557", as ZeroMQ has it.
    [[nodiscard]] std::string endpoint() const;
    /// "127.0.0.1:5557", "[::1]:5557"
    [[nodiscard]] std::string text() const;

    friend bool operator==(const LocustAddress&, const LocustAddress&) = default;
};

/// Reads HOST, HOST:PORT, [IPV6] or [IPV6]:PORT.
[[nodiscard]] Result<LocustAddress> locust_address_of(std::string_view text);

}  // namespace ringback
