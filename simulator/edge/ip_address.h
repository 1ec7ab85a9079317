#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace ringback {

/// An IPv4 or IPv6 address: 4 or 16 bytes in network order, without zone.
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four, the rest 0
    bool v6{false};

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// Only what inet_pton takes: a dotted quad without leading zeros, or an IPv6 text without
/// brackets.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);

/// What the system's structure says; none: it is null, or of another family.
[[nodiscard]] std::optional<IpAddress> ip_of(const sockaddr* address);

/// "127.0.0.1", "2001:db8::1" (no brackets).
[[nodiscard]] std::string to_text(const IpAddress& address);

/// The first `bits` bits agree and both are of one family.
[[nodiscard]] bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits);

/// Reaches this very machine: 127.0.0.0/8, ::1, and the unspecified addresses, which connect there
/// too.
[[nodiscard]] bool is_local(const IpAddress& address);

/// An IPv6 address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo): a second
/// spelling that would walk around rules written for the first.
[[nodiscard]] bool embeds_v4(const IpAddress& address);

/// Link-local, multicast, broadcast or unspecified: never what a receiver's name should resolve to.
[[nodiscard]] bool is_special(const IpAddress& address);

}  // namespace ringback
