#include "simulator/wire/redaction.h"

#include <algorithm>
#include <cstddef>

#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

using nlohmann::ordered_json;

// nlohmann copies and dumps recursively; deeper bodies are kept as text.
constexpr int deepest_body = 64;
// History says 4 kB; what is longer than this was not cut as promised and is not worth parsing.
constexpr std::size_t longest_parsed_body = std::size_t{64} * 1024;

/// The authority of the URL that goes on at the front of `text`, without what follows it.
std::size_t authority_length(std::string_view text) {
    return std::min(text.find_first_of("/?#\"'\\<> \t\r\n"), text.size());
}

/// As far as a URL could reach.
std::size_t token_length(std::string_view text) {
    return std::min(text.find_first_of("\"'\\<> \t\r\n"), text.size());
}

/// What stands around an authority at `begin` is a callback URL as it may be.
bool is_good_url(std::string_view text, std::size_t begin) {
    const auto rest = text.substr(begin, token_length(text.substr(begin)));
    return is_http_url("http://" + std::string{rest});
}

/// How long the variable at the front of `text` is written, "${host}" or "$HOST"; 0 if it is none.
std::size_t variable_length(std::string_view text) {
    if (text.starts_with("${")) {
        return text.find('}') + 1;  // none closes it: npos + 1 is 0
    }
    const auto is_of_name = [](char c) { return is_unreserved(c) && c != '-' && c != '.'; };
    std::size_t length = text.starts_with('$') ? 1 : 0;
    while (length > 0 && length < text.size() && is_of_name(text[length])) {
        ++length;
    }
    return length > 1 ? length : 0;
}

/// An authority such as "${host}:3000" that begins with a variable and is a host once it is filled
/// in. One that would be none, "$me:secret", may be the beginning of user information.
bool is_template(std::string_view authority) {
    if (variable_length(authority) == 0) {
        return false;
    }
    std::string filled;
    while (!authority.empty()) {
        const std::size_t variable = variable_length(authority);
        filled += variable > 0 ? '1' : authority.front();
        authority.remove_prefix(std::max<std::size_t>(variable, 1));
    }
    return is_host_and_port(filled);
}

/// Where user information may stand in the URL that goes on at `begin`: in the authority. But a
/// password may hold a raw '/', '?' or '#'; then the URL is none, and it may be anywhere.
std::string_view suspect(std::string_view text, std::size_t begin) {
    const auto token = text.substr(begin, token_length(text.substr(begin)));
    const auto authority = token.substr(0, authority_length(token));
    const bool has_none = authority.empty() && token.find(':') == std::string_view::npos;
    const bool is_clear = authority.find('@') != std::string_view::npos || has_none ||
                          is_template(authority) || is_good_url(text, begin);
    return is_clear ? authority : token;
}

/// Where the next URL's authority begins, at or after `from`; npos if there is none. JSON may write
/// the slashes as "\/".
std::size_t next_authority(std::string_view text, std::size_t from) {
    for (auto colon = text.find(':', from); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
        const auto rest = text.substr(colon + 1);
        for (const std::string_view slashes : {"//", "\\/\\/"}) {
            if (rest.starts_with(slashes)) {
                return colon + 1 + slashes.size();
            }
        }
    }
    return std::string_view::npos;
}

void hide_passwords(ordered_json& value) {
    if (!value.is_structured()) {
        return;
    }
    for (auto member = value.begin(); member != value.end(); ++member) {
        const bool is_secret =
            value.is_object() && (member.key() == "password" || member.key() == "token" ||
                                  (member.key() == "credentials" && !member->is_object()));
        if (is_secret) {
            *member = "***";
        } else {
            hide_passwords(*member);
        }
    }
}

}  // namespace

bool may_be_parsed(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            i += c == '\\' ? 1U : 0U;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            return false;
        }
        if (depth > deepest_body) {
            return false;
        }
    }
    return text.size() <= longest_parsed_body;
}

void redact_strings(ordered_json& value) {
    if (value.is_string()) {
        auto& text = value.get_ref<std::string&>();
        if (text.find('@') != std::string::npos) {
            text = redacted(text);
        }
    } else if (value.is_structured()) {
        for (auto& part : value) {
            redact_strings(part);
        }
    }
}

std::string redacted(std::string_view text, bool cut) {
    if (!cut && text.find('@') == std::string_view::npos) {
        return std::string{text};  // nobody's password without one
    }
    std::string out;
    std::size_t done = 0;
    for (auto begin = next_authority(text, 0); begin != std::string_view::npos;
         begin = next_authority(text, done)) {
        const auto part = suspect(text, begin);
        const auto at = part.rfind('@');
        const bool may_go_on = cut && begin + part.size() == text.size();
        out.append(text.substr(done, begin - done));
        done = begin;
        if (may_go_on) {
            out += "***";  // whatever '@' it has, the last may be to come
            done = text.size();
        } else if (at != std::string_view::npos) {
            out += "***";
            done = begin + at;
        }
    }
    return out.append(text.substr(done));
}

std::string without_passwords(std::string_view body) {
    if (body.empty()) {
        return {};
    }
    auto value = may_be_parsed(body) ? ordered_json::parse(body, nullptr, false)
                                     : ordered_json(ordered_json::value_t::discarded);
    if (value.is_discarded()) {
        return "***";
    }
    hide_passwords(value);
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace ringback
