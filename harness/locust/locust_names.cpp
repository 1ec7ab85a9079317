#include "harness/locust/locust_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "simulator/wire/printable.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool is_host_character(char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

}  // namespace

std::string locust_class_name(std::string_view scenario) {
    std::string name;
    bool word_begins{true};
    for (const char c : scenario) {
        if (!is_digit(c) && !is_lower(c) && !is_upper(c)) {
            word_begins = true;
            continue;
        }
        name += word_begins && is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
        word_begins = false;
    }
    if (name.empty() || is_digit(name.front())) {
        name.insert(0, "Scenario");
    }
    return name;
}

std::string LocustAddress::text() const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                               : fmt::format("[{}]:{}", host, port);
}

std::string LocustAddress::endpoint() const { return "tcp://" + text(); }

Result<LocustAddress> locust_address_of(std::string_view text) {
    const auto refused = [&] {
        return Error{"", fmt::format("expected HOST:PORT of a Locust master, found \"{}\"",
                                     printable(redacted_address(text)))};
    };
    LocustAddress address;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            return refused();
        }
        address.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
        if (!std::ranges::all_of(address.host, is_ipv6_character)) {
            return refused();
        }
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        address.host = text.substr(0, colon);
        port = text.substr(colon);
        if (!std::ranges::all_of(address.host, is_host_character)) {
            return refused();
        }
    }
    if (address.host.empty()) {
        return refused();
    }
    if (!port.empty()) {
        const char* const end = port.data() + port.size();
        const auto [rest, error] = std::from_chars(port.data() + 1, end, address.port);
        if (port.front() != ':' || error != std::errc{} || rest != end || address.port == 0) {
            return refused();
        }
    }
    return address;
}

}  // namespace ringback
