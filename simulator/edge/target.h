#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/result.h"
#include "simulator/edge/ip_address.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// Where a callback goes, taken apart once; everything later works on this and never on the text,
/// so that what was judged and what is dialled cannot differ.
struct Target {
    bool tls{false};
    std::string host;       // lower case name, dotted quad, or IPv6 text without brackets
    std::uint16_t port{0};  // 1-65535
    std::string
        host_header;  // "host", "host:8080", "[::1]:8080": the port only if not the scheme's own
    std::string request_target;          // path and query, begins with '/'; the fragment is gone
    std::string authorization;           // "Basic dTpw" from the user information; "" = none
    std::optional<IpAddress> address{};  // when the host is a literal

    [[nodiscard]] bool is_localhost() const { return host == "localhost"; }
    /// "host:port", IPv6 in brackets, the port always: as --allow-target takes it.
    [[nodiscard]] std::string host_and_port() const;
    /// The whole URL, user information as "***".
    [[nodiscard]] std::string redacted_url() const;
};

/// Reads a callback URL strictly; one spelling for every target, so no parser behind us can read
/// another.
///
/// Needs   at most 2,048 bytes, all visible ASCII, no backslash; scheme http or https in any case;
/// at most one
///         '@' before the first of / ? #; a dotted quad, [IPv6] without zone or embedded IPv4, or a
///         name of letters, digits, '-', '_' and '.'; a port of 1-65535 if there is a colon.
/// Errors  where: "url"; what: expected and found, without a byte of the URL's own.
/// Source  order of checks: RFC 3986, WHATWG URL 4.4 for what looks like a number; Basic from spec
/// v1 5.5.
[[nodiscard]] Result<Target> parse_target(std::string_view url);

/// The URL as it may be shown: user information replaced by "***". Takes anything, also what
/// parse_target refuses, and then hides rather too much than too little.
[[nodiscard]] std::string redact_url(std::string_view url);

/// Whom ringback may call: against being aimed at somebody by a URL in a request. Without rules
/// only 127.0.0.0/8 in dotted form, [::1] and localhost; never one of our own ports at any address
/// of this machine.
class TargetPolicy {
public:
    /// Loopback only.
    TargetPolicy() = default;

    /// The rules of --allow-target: "CIDR", "HOST", "HOST:PORT" (IPv6 with a port in brackets).
    /// Errors  where: "--allow-target"; the first rule that is none.
    [[nodiscard]] static Result<TargetPolicy> from(const TargetSettings& settings);

    /// A port ringback itself listens on: a callback there would be a loop.
    void add_own_port(std::uint16_t port);
    /// Another number whenever what is allowed may have changed: a verdict is good for its edition.
    [[nodiscard]] std::size_t edition() const { return own_ports_.size() + 1; }

    /// May a request name this target? For a name: may it be resolved?
    [[nodiscard]] bool allows(const Target& target) const;

    /// Why not, for people, with the flag that would change it; nullopt = allowed. Holds no byte of
    /// the URL but a host that has passed parse_target.
    [[nodiscard]] std::optional<std::string> refusal(const Target& target) const;

    /// May this address be dialled for that host of a target? Asked for every answer of the
    /// resolver.
    [[nodiscard]] bool allows_address(const IpAddress& address, std::uint16_t port,
                                      std::string_view host) const;

private:
    /// A name, or a network (a single address is one of full length); port 0 = any.
    struct Rule {
        std::string name;
        IpAddress base;
        unsigned bits{0};
        std::uint16_t port{0};
    };

    static std::optional<Rule> parse_rule(std::string_view text);
    [[nodiscard]] bool names(std::string_view host, std::uint16_t port) const;
    [[nodiscard]] bool covers(const IpAddress& address, std::uint16_t port) const;
    [[nodiscard]] bool is_own(const IpAddress& address, std::uint16_t port) const;
    [[nodiscard]] bool is_own_port(std::uint16_t port) const;

    std::vector<Rule> rules_;
    std::vector<std::uint16_t> own_ports_;
    std::optional<std::vector<IpAddress>> own_addresses_{};  // when the latest of them was added
};

}  // namespace ringback
