#include "simulator/edge/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace ringback {
namespace {

constexpr std::size_t longest_ip_text = 45;

/// A network of the lists below.
struct Network {
    std::string_view base;
    unsigned bits;
};

constexpr std::array embedding_networks{
    Network{"::ffff:0:0", 96},    // mapped, RFC 4291
    Network{"::ffff:0:0:0", 96},  // translated, RFC 2765
    Network{"64:ff9b::", 96},     // NAT64, RFC 6052
    Network{"64:ff9b:1::", 48},   // local NAT64, RFC 8215
    Network{"2002::", 16},        // 6to4, RFC 3056
    Network{"2001::", 32},        // Teredo, RFC 4380
};

constexpr std::array special_networks{
    Network{"0.0.0.0", 8},   Network{"169.254.0.0", 16}, Network{"224.0.0.0", 4},
    Network{"240.0.0.0", 4}, Network{"::", 128},         Network{"fe80::", 10},
    Network{"ff00::", 8},
};

template <class Networks>
bool in_any(const Networks& networks, const IpAddress& address) {
    return std::ranges::any_of(networks, [&](const Network& network) {
        const auto base = parse_ip(network.base);
        return base && same_prefix(*base, address, network.bits);
    });
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
    if (text.empty() || text.size() > longest_ip_text) {
        return std::nullopt;
    }
    const std::string terminated{text};
    IpAddress address;
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    address.v6 = true;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::optional<IpAddress> ip_of(const sockaddr* address) {
    IpAddress read;
    if (address != nullptr && address->sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, address, sizeof four);
        std::memcpy(read.bytes.data(), &four.sin_addr, sizeof four.sin_addr);
        return read;
    }
    if (address != nullptr && address->sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, address, sizeof six);
        std::memcpy(read.bytes.data(), &six.sin6_addr, sizeof six.sin6_addr);
        read.v6 = true;
        return read;
    }
    return std::nullopt;
}

std::string to_text(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.v6 ? AF_INET6 : AF_INET;
    return ::inet_ntop(family, address.bytes.data(), text.data(), text.size());
}

bool same_prefix(const IpAddress& a, const IpAddress& b, unsigned bits) {
    if (a.v6 != b.v6) {
        return false;
    }
    const std::size_t whole = bits / 8;
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    b.bytes.begin())) {
        return false;
    }
    const unsigned rest = bits % 8;
    return rest == 0 || ((a.bytes.at(whole) ^ b.bytes.at(whole)) >> (8U - rest)) == 0;
}

bool is_local(const IpAddress& address) {
    if (!address.v6) {
        return address.bytes[0] == 127 || address.bytes[0] == 0;
    }
    return std::all_of(address.bytes.begin(), address.bytes.end() - 1,
                       [](std::uint8_t byte) { return byte == 0; }) &&
           address.bytes[15] <= 1;
}

bool embeds_v4(const IpAddress& address) {
    if (!address.v6) {
        return false;
    }
    // ::/96 are the "compatible" addresses of old; :: and ::1 are the two that are not.
    const bool compatible = same_prefix(IpAddress{.v6 = true}, address, 96) && !is_local(address);
    return compatible || in_any(embedding_networks, address);
}

bool is_special(const IpAddress& address) { return in_any(special_networks, address); }

}  // namespace ringback
