#include "harness/admin/gate.h"

#include <algorithm>
#include <array>

#include "harness/admin/answers.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// "localhost:12180" -> "localhost"; "[::1]:80" -> "[::1]".
std::string_view without_port(std::string_view host) {
    const auto bracket = host.rfind(']');
    const auto colon = host.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? host.substr(0, colon) : host;
}

bool is_own_host(std::string_view host, const AdminSettings& settings) {
    constexpr std::array<std::string_view, 3> always{"127.0.0.1", "localhost", "[::1]"};
    if (!is_host_and_port(host)) {
        return false;
    }
    const auto name = without_port(host);
    const auto is_it = [&](std::string_view own) { return equal_ignoring_case(own, name); };
    return std::any_of(always.begin(), always.end(), is_it) ||
           std::any_of(settings.host_names.begin(), settings.host_names.end(), is_it);
}

/// A page of this very server, or no page at all. Browsers send Origin with every POST and
/// Sec-Fetch-Site with everything.
bool is_same_site(const Request& head) {
    const auto fetched_by = head.header("Sec-Fetch-Site");
    if (!fetched_by.empty() && fetched_by != "same-origin" && fetched_by != "none") {
        return false;
    }
    if (head.count("Origin") == 0) {
        return true;
    }
    std::string_view origin = head.header("Origin");
    const std::string_view scheme = head.tls ? "https://" : "http://";
    if (head.count("Origin") > 1 || !origin.starts_with(scheme)) {
        return false;
    }
    origin.remove_prefix(scheme.size());
    return equal_ignoring_case(origin, head.header("Host"));
}

bool has_token(const Request& head, const AdminSettings& settings) {
    constexpr std::string_view scheme{"Bearer "};
    if (settings.token.empty()) {
        return settings.loopback;
    }
    const auto given = head.header("Authorization");
    return head.count("Authorization") == 1 && given.size() > scheme.size() &&
           equal_ignoring_case(given.substr(0, scheme.size()), scheme) &&
           equal_in_constant_time(given.substr(scheme.size()), settings.token);
}

bool has_body(const Request& request) {
    const auto length = request.header("Content-Length");
    return !request.body.empty() || request.count("Transfer-Encoding") > 0 ||
           length.find_first_not_of('0') != std::string_view::npos;
}

bool is_json(std::string_view type) {
    constexpr std::string_view expected{"application/json"};
    const auto end = std::min(type.find_first_of("; \t"), type.size());
    return equal_ignoring_case(type.substr(0, end), expected);
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0U : 1U;
    // Over the length of what was given; the secret's own length shows at most in `difference`.
    for (std::size_t i = 0; i < a.size(); ++i) {
        const char expected = b.empty() ? '\0' : b[i % b.size()];
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^
                                            static_cast<unsigned char>(expected));
    }
    return difference == 0;
}

std::optional<Response> refuse_visitor(const Request& head, const AdminSettings& settings) {
    if (head.count("Host") != 1 || !is_own_host(head.header("Host"), settings)) {
        return error_answer(421, "this name is not mine; --host-name makes it mine");
    }
    if (!is_same_site(head)) {
        return error_answer(403, "requests of other sites are refused");
    }
    if (!has_token(head, settings) && head.path != "/__admin/live") {
        Response response = error_answer(
            401, settings.token.empty()
                     ? "not only reachable from this machine, so --admin-token must be set"
                     : "expected Authorization: Bearer with the admin token");
        response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"ringback admin\""});
        return response;
    }
    if (head.method == "POST" && has_body(head) && !is_json(head.header("Content-Type"))) {
        return error_answer(415, "expected Content-Type: application/json");
    }
    return std::nullopt;
}

}  // namespace ringback
