#include "harness/process/port_claim.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace ringback {
namespace {

/// Of all addresses, so that a receiver that listens on 0.0.0.0 or :: can have it too. Nothing
/// listens. 0: the system has none to give (see errno).
template <typename Address>
std::uint16_t bind_any(int socket, Address any) {
    socklen_t length = sizeof any;
    auto* const raw = reinterpret_cast<sockaddr*>(&any);  // NOLINT(*reinterpret*): POSIX
    if (::bind(socket, raw, length) != 0 || ::getsockname(socket, raw, &length) != 0) {
        return 0;
    }
    // The port is at the same place in both families' addresses.
    sockaddr_in got{};
    std::memcpy(&got, &any, std::min(sizeof got, sizeof any));
    return ntohs(got.sin_port);
}

/// A socket that has a free port, of both families where there are both.
struct Held {
    Descriptor socket;
    std::uint16_t number{0};
};
Held any_port() {
    Held held{Descriptor{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
    if (held.socket.is_open()) {
        const int off = 0;
        ::setsockopt(held.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
        sockaddr_in6 any{};
        any.sin6_family = AF_INET6;
        held.number = bind_any(held.socket.get(), any);
    }
    if (held.number == 0) {
        held.socket = Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        sockaddr_in any{};
        any.sin_family = AF_INET;
        held.number = held.socket.is_open() ? bind_any(held.socket.get(), any) : std::uint16_t{0};
    }
    return held;
}

}  // namespace

std::optional<PortClaim> PortClaim::of(std::uint16_t number) {
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string text = fmt::format("ringback-port-{}", number);
    std::memcpy(name.sun_path + 1, text.data(), text.size());  // a NUL first: no file
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    const auto* const raw =
        reinterpret_cast<const sockaddr*>(&name);  // NOLINT(*reinterpret*): POSIX
    if (!socket.is_open() || ::bind(socket.get(), raw, length) != 0) {
        return std::nullopt;
    }
    return PortClaim{number, std::move(socket)};
}

Result<PortClaim> free_port() {
    constexpr int most_tries = 1000;  // the system deals at random from some 28,000
    for (int tries = 0; tries < most_tries; ++tries) {
        const Held held = any_port();
        if (held.number == 0) {
            break;
        }
        if (auto claim = PortClaim::of(held.number)) {
            return std::move(*claim);
        }
    }
    const int error = errno;
    return Error{"a port for the receiver",
                 "expected one that is free, found: " + std::generic_category().message(error)};
}

}  // namespace ringback
