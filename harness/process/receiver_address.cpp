#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/process/wait_for.h"

namespace ringback {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    return read.ec == std::errc{} && read.ptr == end && port != 0 ? std::optional{port}
                                                                  : std::nullopt;
}

bool is_ip(int family, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> ignored{};
    return ::inet_pton(family, host.c_str(), ignored.data()) == 1;
}

/// What to connect to for the host as it is written; empty when it is none of ours.
std::vector<std::string> hosts_of(std::string_view host) {
    if (host == "localhost") {
        return {"127.0.0.1", "::1"};
    }
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        std::string inside{host.substr(1, host.size() - 2)};
        return is_ip(AF_INET6, inside) ? std::vector{std::move(inside)}
                                       : std::vector<std::string>{};
    }
    std::string plain{host};
    return is_ip(AF_INET, plain) ? std::vector{std::move(plain)} : std::vector<std::string>{};
}

/// "host", "host:port" or "[::1]:port"; false when either half is none.
bool take_authority(std::string_view text, bool needs_port, ReceiverAddress& address) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    const auto port = has_port ? port_of(text.substr(colon + 1)) : std::optional<std::uint16_t>{80};
    address.hosts = hosts_of(has_port ? text.substr(0, colon) : text);
    address.port = port.value_or(0);
    return port && !address.hosts.empty() && (has_port || !needs_port);
}

}  // namespace

Result<ReceiverAddress> parse_receiver_address(std::string_view text) {
    const Error wrong{
        "the receiver's address",
        fmt::format("expected http://HOST[:PORT][/PATH], HOST:PORT or a port; HOST is "
                    "an IP address or localhost; found \"{}\"",
                    text)};
    ReceiverAddress address;
    address.text = text;
    if (const auto port = port_of(text)) {
        address.text = fmt::format("localhost:{}", *port);
        address.hosts = hosts_of("localhost");
        address.port = *port;
        return address;
    }
    constexpr std::string_view scheme = "http://";
    if (!text.starts_with(scheme)) {
        return take_authority(text, /*needs_port=*/true, address) ? Result{address}
                                                                  : Result<ReceiverAddress>{wrong};
    }
    std::string_view rest = text.substr(scheme.size());
    rest = rest.substr(0, rest.find('#'));
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    // It goes into a request line, where a blank or a line break would be another request.
    const bool is_plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_plain || !take_authority(authority, /*needs_port=*/false, address)) {
        return wrong;
    }
    address.host_header = authority;
    address.request_target = rest.starts_with('/') ? std::string{rest} : fmt::format("/{}", rest);
    return address;
}

}  // namespace ringback
