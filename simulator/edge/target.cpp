#include "simulator/edge/target.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "simulator/wire/ascii.h"
#include "simulator/wire/base64.h"

namespace ringback {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t longest_name = 253;  // RFC 1035
constexpr std::size_t longest_label = 63;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

Error refused(std::string what) { return Error{"url", std::move(what)}; }

// The <cctype> functions ask the locale; URLs are ASCII.
constexpr bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char letter = ascii_lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
            return std::nullopt;
        }
        result += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
        i += 2;
    }
    return result;
}

/// What no name may end in: a last label that some resolver would read as a number ("1", "0x7f").
bool looks_numeric(std::string_view host) {
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return (!last.empty() && std::ranges::all_of(last, is_digit)) || last.starts_with("0x");
}

std::optional<std::string> problem_of_name(std::string_view host) {
    if (host.size() > longest_name) {
        return "expected a host of at most 253 characters";
    }
    if (looks_numeric(host)) {
        return "expected a host that is a name, a dotted quad (127.0.0.1) or [IPv6]; found another "
               "spelling of "
               "a number";
    }
    std::size_t label = 0;
    for (const char c : host) {
        if (c == '.' ? label == 0 : !(is_digit(c) || is_letter(c) || c == '-' || c == '_')) {
            return "expected a host of letters, digits, '-', '_' and single dots";
        }
        label = c == '.' ? 0 : label + 1;
        if (label > longest_label) {
            return "expected labels of at most 63 characters in the host";
        }
    }
    if (label == 0) {
        return "expected a host that does not end in a dot";
    }
    return std::nullopt;
}

/// The part between "://" and the first of / ? #, into `target`.
class AuthorityReader {
public:
    explicit AuthorityReader(Target& target) : target_{target} {}

    std::optional<Error> read(std::string_view authority) {
        const std::size_t at = authority.rfind('@');
        if (at != std::string_view::npos) {
            if (authority.find('@') != at) {
                return refused("expected at most one '@' before the path");
            }
            if (auto error = read_user(authority.substr(0, at))) {
                return error;
            }
            authority.remove_prefix(at + 1);
        }
        const std::size_t host_end =
            authority.starts_with('[') ? authority.find(']') : authority.find(':');
        if (authority.starts_with('[')) {
            if (host_end == std::string_view::npos) {
                return refused("expected a ']' after the IPv6 address");
            }
            return read_v6_then_port(authority.substr(1, host_end - 1),
                                     authority.substr(host_end + 1));
        }
        const bool with_port = host_end != std::string_view::npos;
        if (auto error = read_host(authority.substr(0, host_end))) {
            return error;
        }
        return read_port(with_port ? authority.substr(host_end) : std::string_view{});
    }

private:
    std::optional<Error> read_user(std::string_view user) {
        auto decoded = percent_decoded(user);
        if (!decoded) {
            return refused(
                "expected two hexadecimal digits after each '%' of the user information");
        }
        if (user.empty()) {
            return std::nullopt;
        }
        if (user.find(':') == std::string_view::npos) {
            *decoded += ':';
        }
        target_.authorization = "Basic ";
        target_.authorization += base64_encoded(*decoded);
        return std::nullopt;
    }

    std::optional<Error> read_v6_then_port(std::string_view host, std::string_view rest) {
        const auto address = parse_ip(host);
        // A dot inside is the dotted spelling of the last 32 bits, a '%' a zone.
        if (!address || !address->v6 || host.find('.') != std::string_view::npos) {
            return refused("expected an IPv6 address without zone or dotted part in the brackets");
        }
        if (embeds_v4(*address)) {
            return refused("expected an IPv6 address that does not stand for an IPv4 one");
        }
        target_.address = address;
        target_.host = to_text(*address);
        return read_port(rest);
    }

    std::optional<Error> read_host(std::string_view host) {
        if (host.empty()) {
            return refused("expected a host");
        }
        target_.host = ascii_lowered(host);
        target_.address = parse_ip(target_.host);
        if (!target_.address) {
            if (auto problem = problem_of_name(target_.host)) {
                return refused(std::move(*problem));
            }
        }
        return std::nullopt;
    }

    /// `text`: "" or ":8080".
    std::optional<Error> read_port(std::string_view text) {
        target_.port = target_.tls ? https_port : http_port;
        if (text.empty()) {
            return std::nullopt;
        }
        const std::string_view digits = text.substr(1);
        std::uint16_t port = 0;
        const auto [end, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (text[0] != ':' || problem != std::errc{} || end != digits.data() + digits.size() ||
            port == 0 || digits[0] == '0') {
            return refused("expected a port of 1-65535 after the host");
        }
        target_.port = port;
        return std::nullopt;
    }

    Target& target_;
};

std::string bracketed(const Target& target) {
    const bool v6 = target.address && target.address->v6;
    return std::string{v6 ? "[" : ""}.append(target.host).append(v6 ? "]" : "");
}

std::optional<Error> problem_of_bytes(std::string_view url) {
    if (url.empty() || url.size() > longest_url) {
        return refused("expected 1-2048 characters");
    }
    const auto is_bad = [](char c) { return c <= ' ' || c >= 0x7f || c == '\\'; };
    if (std::ranges::any_of(url, is_bad)) {
        return refused(
            "expected visible ASCII without spaces and backslashes (percent-encode the rest)");
    }
    return std::nullopt;
}

}  // namespace

Result<Target> parse_target(std::string_view url) {
    if (auto error = problem_of_bytes(url)) {
        return std::move(*error);
    }
    const std::size_t colon = url.find(':');
    const std::string scheme = ascii_lowered(url.substr(0, colon));
    if (colon == std::string_view::npos || (scheme != "http" && scheme != "https") ||
        !url.substr(colon).starts_with("://")) {
        return refused("expected http:// or https:// at the beginning");
    }
    Target target;
    target.tls = scheme == "https";
    url.remove_prefix(colon + 3);
    const std::size_t authority_end = std::min(url.find_first_of("/?#"), url.size());
    if (auto error = AuthorityReader{target}.read(url.substr(0, authority_end))) {
        return std::move(*error);
    }
    url.remove_prefix(authority_end);
    url = url.substr(0, url.find('#'));
    if (!url.starts_with('/')) {
        target.request_target.push_back('/');
    }
    target.request_target += url;
    const bool own_port = target.port == (target.tls ? https_port : http_port);
    target.host_header = own_port ? bracketed(target) : target.host_and_port();
    return target;
}

std::string Target::host_and_port() const {
    return bracketed(*this).append(":").append(std::to_string(port));
}

std::string Target::redacted_url() const {
    std::string url{tls ? "https://" : "http://"};
    url += authorization.empty() ? "" : "***@";
    url += host_header;
    return url += request_target;
}

std::string redact_url(std::string_view url) {
    const std::size_t slashes = url.find("://");
    const std::size_t begin = slashes == std::string_view::npos ? 0 : slashes + 3;
    const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
    std::size_t at = url.substr(begin, end - begin).rfind('@');
    if (at == std::string_view::npos && !parse_target(url).ok()) {
        // A password may hold a raw '/', '?' or '#': such a URL is refused, and shown without it.
        at = url.substr(begin).rfind('@');
    }
    if (at == std::string_view::npos) {
        return std::string{url};
    }
    std::string shown{url.substr(0, begin)};
    shown += "***";
    return shown += url.substr(begin + at);
}

}  // namespace ringback
