#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/process/wait_for.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/url_text.h"

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

/// As a resolver takes it: letters, digits, '-', '_' and '.', and not only digits and dots, which
/// would be an address written wrongly.
bool is_name(std::string_view host) {
    constexpr std::size_t longest = 253;
    constexpr std::string_view digits{"0123456789."};
    return !host.empty() && host.size() <= longest && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    }) && host.find_first_not_of(digits) != std::string_view::npos;
}

/// What to connect to for the host as it is written; false when it is none.
bool take_host(std::string_view host, ReceiverAddress& address) {
    if (host == "localhost") {
        address.hosts = {"127.0.0.1", "::1"};
    } else if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        std::string inside{host.substr(1, host.size() - 2)};
        if (!is_ip(AF_INET6, inside)) {
            return false;
        }
        address.hosts = {std::move(inside)};
    } else if (std::string plain{host}; is_ip(AF_INET, plain)) {
        address.hosts = {std::move(plain)};
    } else if (is_name(host)) {
        address.name = std::move(plain);
    } else {
        return false;
    }
    return true;
}

/// "host", "host:port" or "[::1]:port"; false when either half is none. Without a port: `usual`, or
/// none is allowed when that is 0.
bool take_authority(std::string_view text, std::uint16_t usual, ReceiverAddress& address) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    const auto port = has_port ? port_of(text.substr(colon + 1)) : std::optional{usual};
    address.port = port.value_or(0);
    return address.port != 0 && take_host(has_port ? text.substr(0, colon) : text, address);
}

}  // namespace

Result<ReceiverAddress> parse_receiver_address(std::string_view text) {
    const Error wrong{
        "the receiver's address",
        fmt::format("expected http://HOST[:PORT][/PATH], https://HOST[:PORT], HOST:PORT or a port; "
                    "found \"{}\"",
                    printable(redacted_address(text)))};
    constexpr std::uint16_t http_port = 80;
    constexpr std::uint16_t https_port = 443;
    ReceiverAddress address;
    address.text = text;
    if (const auto port = port_of(text)) {
        address.text = fmt::format("localhost:{}", *port);
        take_host("localhost", address);
        address.port = *port;
        return address;
    }
    const std::size_t scheme = text.find("://");
    const bool tls = text.starts_with("https://");
    if (scheme == std::string_view::npos) {
        return take_authority(text, 0, address) ? Result{address} : Result<ReceiverAddress>{wrong};
    }
    if (!tls && !text.starts_with("http://")) {
        return wrong;
    }
    std::string_view rest = text.substr(scheme + 3);
    rest = rest.substr(0, rest.find('#'));
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    rest.remove_prefix(authority.size());
    // It goes into a request line, where a blank or a line break would be another request.
    const bool is_plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_plain || !take_authority(authority, tls ? https_port : http_port, address)) {
        return wrong;
    }
    if (!tls) {
        address.host_header = authority;
        address.request_target =
            rest.starts_with('/') ? std::string{rest} : fmt::format("/{}", rest);
    }
    return address;
}

}  // namespace ringback
