#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/wire/appender.h"

namespace ringback {

/// By a character's value: whether it stands for itself everywhere in a URL.
inline constexpr auto unreserved = [] {
    std::array<bool, 256> all{};
    for (const char c : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "abcdefghijklmnopqrstuvwxyz0123456789-._~"}) {
        all[static_cast<unsigned char>(c)] = true;
    }
    return all;
}();

/// A-Z a-z 0-9 - . _ ~ (RFC 3986 2.3).
[[nodiscard]] constexpr bool is_unreserved(char c) {
    return unreserved[static_cast<unsigned char>(c)];
}

/// Appends `text` with everything that is not unreserved as %XX. Source: spec v1 3.1, GET query
/// rules.
void put_percent_encoded(Appender& out, std::string_view text);

inline void append_percent_encoded(std::string& out, std::string_view text) {
    Appender to{out};
    put_percent_encoded(to, text);
}

[[nodiscard]] inline std::string percent_encoded(std::string_view text) {
    std::string out;
    append_percent_encoded(out, text);
    return out;
}

/// Decodes %XX once and leaves '+' alone; none for a % without two hexadecimal digits after it.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);

/// An absolute http or https URL that no two parsers can read differently: at most 2,048 bytes, all
/// of them printable ASCII without space and backslash, at most one '@' before the path, a host, a
/// port of 1-65535 if any. Says nothing about whether ringback may call it. Source  reliability
/// promise 33 (order of URL checks); spec v1 5.13.
[[nodiscard]] bool is_http_url(std::string_view url);

/// The URL with its user information as "***": "http://***@host/cb". For everything people may see.
[[nodiscard]] std::string redacted_url(std::string_view url);

/// The same of what was meant as an address, with a scheme or without, and may be none: also of
/// "me:secret@host:80", so that who mistyped a URL is not shown its password.
[[nodiscard]] std::string redacted_address(std::string_view text);

/// `text` if it is printable ASCII of at most 256 characters, else none: what an answer may repeat.
[[nodiscard]] std::optional<std::string_view> echoable(std::string_view text);

/// Something one can put into a URL as `host[:port]`: a name, an IPv4 address or a bracketed IPv6
/// address, with a port of 1-65535 if any.
[[nodiscard]] bool is_host_and_port(std::string_view text);

}  // namespace ringback
