#include "harness/tape/urls.h"

namespace ringback {
namespace {

/// "http" "//" "user:pass" "host:port" "/path?query".
struct UrlParts {
    std::string_view scheme;
    std::string_view user;  // with its '@'
    std::string_view host;
    std::string_view port;
    std::string_view rest;
};

std::optional<UrlParts> parts_of(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    UrlParts parts;
    parts.scheme = url.substr(0, colon);
    std::string_view authority = url.substr(colon + 3);
    const std::size_t end = authority.find_first_of("/?#");
    if (end != std::string_view::npos) {
        parts.rest = authority.substr(end);
        authority = authority.substr(0, end);
    }
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parts.user = authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
    parts.port = parts.scheme == "https" ? "443" : "80";
    const std::size_t port = authority.rfind(':');
    if (port != std::string_view::npos && !authority.ends_with(']')) {
        parts.port = authority.substr(port + 1);
        authority = authority.substr(0, port);
    }
    parts.host = authority;
    return parts;
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool is_shallow(std::string_view text) {
    constexpr int deepest = 64;
    int depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (quoted) {
            at += c == '\\' ? 1U : 0U;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) {
                return false;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return true;
}

}  // namespace

std::string origin_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t end =
        scheme == std::string_view::npos ? scheme : url.find_first_of("/?#", scheme + 3);
    return std::string{url.substr(0, end)};
}

nlohmann::ordered_json shallow_json(std::string_view text) {
    using nlohmann::ordered_json;
    return is_shallow(text) ? ordered_json::parse(text, nullptr, /*allow_exceptions=*/false)
                            : ordered_json(ordered_json::value_t::discarded);
}

std::optional<std::string> moved_url(std::string_view url, std::string_view from,
                                     std::string_view to) {
    const auto own = parts_of(url);
    const auto base = parts_of(from);
    if (!own || !base || own->scheme != base->scheme || own->port != base->port ||
        (own->host != base->host && !(is_this_machine(own->host) && is_this_machine(base->host))) ||
        !own->rest.starts_with(base->rest)) {
        return std::nullopt;
    }
    const std::string_view behind = own->rest.substr(base->rest.size());
    if (!behind.empty() && behind.find_first_of("/?#") != 0) {
        return std::nullopt;
    }
    std::string moved{to};
    if (const std::size_t scheme = moved.find("://"); scheme != std::string::npos) {
        moved.insert(scheme + 3, own->user);
    }
    return moved.append(behind);
}

std::optional<std::string> moved_body(const std::string& body, std::string_view receiver,
                                      std::string_view recorder) {
    auto read = shallow_json(body);
    if (!read.is_object()) {
        return std::nullopt;
    }
    bool changed = false;
    for (const char* const name : {"callbackUrl", "fallbackUrl"}) {
        const auto member = read.find(name);
        if (member == read.end() || !member->is_string()) {
            continue;
        }
        if (auto moved = moved_url(member->get_ref<const std::string&>(), receiver, recorder)) {
            *member = std::move(*moved);
            changed = true;
        }
    }
    if (!changed) {
        return std::nullopt;
    }
    return read.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ringback
