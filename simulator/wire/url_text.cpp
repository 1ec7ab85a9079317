#include "simulator/wire/url_text.h"

#include <algorithm>

#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

constexpr std::size_t longest_url = 2048;
constexpr std::size_t longest_echo = 256;

constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, is_digit)) {
        return false;
    }
    int value{0};
    for (const char c : text) {
        value = value * 10 + (c - '0');
    }
    return value >= 1 && value <= 65535;
}

bool is_host(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        return std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
            return hex_value(c) >= 0 || c == ':' || c == '.';
        });
    }
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, is_unreserved);
}

/// Where scheme://authority is in a URL; none if there is no such thing.
struct Authority {
    std::string_view scheme;
    std::size_t begin{};
    std::size_t end{};
};

std::optional<Authority> authority_of(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::size_t begin = colon + 3;
    return Authority{url.substr(0, colon), begin,
                     std::min(url.find_first_of("/?#", begin), url.size())};
}

bool same_letters(std::string_view a, std::string_view lower) {
    return std::ranges::equal(a, lower, [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

}  // namespace

void put_percent_encoded(Appender& out, std::string_view text) {
    constexpr std::string_view hex{"0123456789ABCDEF"};
    while (!text.empty()) {
        const auto* const odd = std::ranges::find_if_not(text, is_unreserved);
        const auto before = static_cast<std::size_t>(odd - text.begin());
        if (before == text.size()) {
            out.put(text);
            return;
        }
        const auto byte = static_cast<unsigned char>(*odd);
        out.put(text.substr(0, before), '%', hex[byte >> 4U], hex[byte & 15U]);
        text.remove_prefix(before + 1);
    }
}

std::optional<std::string> percent_decoded(std::string_view text) {
    const std::size_t first = text.find('%');
    std::string out{text.substr(0, first)};
    out.reserve(text.size());
    for (std::size_t i = out.size(); i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool is_host_and_port(std::string_view text) {
    const std::size_t bracket = text.rfind(']');
    const std::size_t colon = text.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1))
                    : is_host(text);
}

bool is_http_url(std::string_view url) {
    const bool clean = url.size() <= longest_url && std::ranges::all_of(url, [](char c) {
                           return c > 0x20 && c < 0x7f && c != '\\';
                       });
    const auto authority = clean ? authority_of(url) : std::nullopt;
    if (!authority ||
        !(same_letters(authority->scheme, "http") || same_letters(authority->scheme, "https"))) {
        return false;
    }
    std::string_view host = url.substr(authority->begin, authority->end - authority->begin);
    if (std::ranges::count(host, '@') > 1) {
        return false;
    }
    if (const std::size_t at = host.find('@'); at != std::string_view::npos) {
        host.remove_prefix(at + 1);
    }
    return is_host_and_port(host);
}

std::string redacted_url(std::string_view url) {
    if (url.find('@') == std::string_view::npos) {
        return std::string{url};
    }
    const auto authority = authority_of(url);
    std::size_t at = authority ? url.substr(0, authority->end).rfind('@') : std::string_view::npos;
    if (authority && at == std::string_view::npos && !is_http_url(url)) {
        at = url.rfind('@');  // a password may hold a raw '/', '?' or '#': hide rather too much
    }
    if (at == std::string_view::npos || at < authority->begin) {
        return std::string{url};
    }
    std::string out{url.substr(0, authority->begin)};
    out += "***";
    out += url.substr(at);
    return out;
}

std::string redacted_address(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || authority_of(text)) {
        return redacted_url(text);
    }
    std::string out{"***"};
    return out += text.substr(at);
}

std::optional<std::string_view> echoable(std::string_view text) {
    const bool fits = text.size() <= longest_echo &&
                      std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
    return fits ? std::optional{text} : std::nullopt;
}

}  // namespace ringback
