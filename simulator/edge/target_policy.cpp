#include <algorithm>
#include <charconv>

#include "simulator/edge/own_machine.h"
#include "simulator/edge/target.h"
#include "simulator/wire/printable.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr unsigned v4_bits = 32;
constexpr unsigned v6_bits = 128;

bool is_loopback(const IpAddress& address) {
    return is_local(address) && (address.v6 ? address.bytes[15] == 1 : address.bytes[0] == 127);
}

std::optional<unsigned> small_number(std::string_view digits) {
    unsigned value = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = problem == std::errc{} && end == digits.data() + digits.size();
    return whole ? std::optional{value} : std::nullopt;
}

}  // namespace

std::optional<TargetPolicy::Rule> TargetPolicy::parse_rule(std::string_view text) {
    Rule rule;
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        std::string_view base = text.substr(0, slash);
        if (base.starts_with('[') && base.ends_with(']')) {
            base = base.substr(1, base.size() - 2);
        }
        const auto address = parse_ip(base);
        const auto bits = small_number(text.substr(slash + 1));
        if (!address || !bits || *bits > (address->v6 ? v6_bits : v4_bits)) {
            return std::nullopt;
        }
        rule.base = *address;
        rule.bits = *bits;
        return rule;
    }
    // An IPv6 address needs no brackets where no port follows.
    const auto bare = parse_ip(text);
    const bool bare_v6 = bare && bare->v6;
    const std::string host =
        std::string{bare_v6 ? "[" : ""}.append(text).append(bare_v6 ? "]" : "");
    // What follows the host must be nothing but a port, or the URL's parser would take more than a
    // rule.
    if (host.find_first_of("/?#@") != std::string::npos) {
        return std::nullopt;
    }
    auto target = parse_target("http://" + host);
    if (!target.ok()) {
        return std::nullopt;
    }
    const bool port_given =
        host.ends_with(std::string{":"}.append(std::to_string(target.value().port)));
    rule.port = port_given ? target.value().port : std::uint16_t{0};
    if (target.value().address) {
        rule.base = *target.value().address;
        rule.bits = rule.base.v6 ? v6_bits : v4_bits;
    } else {
        rule.name = target.value().host;
    }
    return rule;
}

Result<TargetPolicy> TargetPolicy::from(const TargetSettings& settings) {
    TargetPolicy policy;
    for (const std::string& text : settings.allow) {
        auto rule = parse_rule(text);
        if (!rule) {
            return Error{
                "--allow-target",
                "expected CIDR, HOST or HOST:PORT (10.0.0.0/8, receiver.test, 10.0.0.5:8080, "
                "[2001:db8::1]:8080), found \"" +
                    printable(redacted_address(text)) + "\""};
        }
        policy.rules_.push_back(std::move(*rule));
    }
    return policy;
}

bool TargetPolicy::names(std::string_view host, std::uint16_t port) const {
    return std::ranges::any_of(rules_, [&](const Rule& rule) {
        return !rule.name.empty() && rule.name == host && (rule.port == 0 || rule.port == port);
    });
}

bool TargetPolicy::covers(const IpAddress& address, std::uint16_t port) const {
    return std::ranges::any_of(rules_, [&](const Rule& rule) {
        return rule.name.empty() && (rule.port == 0 || rule.port == port) &&
               same_prefix(rule.base, address, rule.bits);
    });
}

void TargetPolicy::add_own_port(std::uint16_t port) {
    own_ports_.push_back(port);
    if (auto addresses = addresses_of_this_machine()) {
        own_addresses_ = std::move(addresses);
    }
}

bool TargetPolicy::is_own_port(std::uint16_t port) const {
    return std::ranges::find(own_ports_, port) != own_ports_.end();
}

bool TargetPolicy::is_own(const IpAddress& address, std::uint16_t port) const {
    if (!is_own_port(port) || is_local(address)) {
        return is_own_port(port);
    }
    // The system is asked for this port only. It may have no descriptor to answer with: then what
    // it said first holds. If it never says, a callback that is refused does less harm than a loop.
    const auto now = addresses_of_this_machine();
    const auto& ours = now ? now : own_addresses_;
    return !ours || std::ranges::find(*ours, address) != ours->end();
}

bool TargetPolicy::allows(const Target& target) const {
    if (target.address) {  // asked before every try: no text is parsed here
        return !is_own(*target.address, target.port) &&
               (is_loopback(*target.address) || covers(*target.address, target.port));
    }
    return target.is_localhost() ? !is_own_port(target.port) : names(target.host, target.port);
}

bool TargetPolicy::allows_address(const IpAddress& address, std::uint16_t port,
                                  std::string_view host) const {
    if (is_own(address, port)) {
        return false;
    }
    if (host == "localhost") {
        return is_loopback(address);
    }
    // A literal speaks for itself; what a name resolves to must be an ordinary address or be named
    // too.
    if (parse_ip(host) == address) {
        return is_loopback(address) || covers(address, port);
    }
    return names(host, port) &&
           ((!is_special(address) && !embeds_v4(address)) || covers(address, port));
}

std::optional<std::string> TargetPolicy::refusal(const Target& target) const {
    if (allows(target)) {
        return std::nullopt;
    }
    const std::string where = target.host_and_port();
    const bool own = target.address ? is_own(*target.address, target.port)
                                    : target.is_localhost() && is_own_port(target.port);
    if (own) {
        return "callbacks to " + where + " are refused: ringback itself listens there";
    }
    return "callbacks to " + where + " are refused; start ringback with --allow-target " + where;
}

}  // namespace ringback
