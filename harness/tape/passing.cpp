#include "harness/tape/passing.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/tape/urls.h"
#include "simulator/edge/http_grammar.h"
#include "simulator/wire/ascii.h"

namespace ringback {
namespace {

/// Of one connection only, or written anew.
bool stays_behind(std::string_view name) {
    constexpr std::array<std::string_view, 11> names{"Connection",
                                                     "Keep-Alive",
                                                     "Proxy-Connection",
                                                     "TE",
                                                     "Trailer",
                                                     "Upgrade",
                                                     "Host",
                                                     "Expect",
                                                     "Transfer-Encoding",
                                                     "Content-Length",
                                                     "Accept-Encoding"};
    return std::ranges::any_of(
        names, [name](std::string_view known) { return equal_ignoring_case(known, name); });
}

/// Does a Connection header name this field as its connection's own?
bool is_named_in(std::string_view options, std::string_view name) {
    while (!options.empty()) {
        const std::size_t comma = std::min(options.find(','), options.size());
        if (equal_ignoring_case(grammar::trimmed(options.substr(0, comma)), name)) {
            return true;
        }
        options.remove_prefix(std::min(comma + 1, options.size()));
    }
    return false;
}

/// `options`: the values of all Connection headers.
bool is_of_this_connection(std::string_view name, const std::vector<std::string_view>& options) {
    return stays_behind(name) || std::ranges::any_of(options, [name](std::string_view value) {
               return is_named_in(value, name);
           });
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace

TapedRequest taped(Request& request) {
    return {request.method,
            request.target,
            std::string{request.header("User-Agent")},
            std::string{request.header("Authorization")},
            std::string{request.header("Content-Type")},
            std::move(request.body)};
}

OnwardRequest onward_of(const Request& request, const std::vector<std::string>& more) {
    OnwardRequest onward{request.method, request.target, {}, {}};
    std::vector<std::string_view> options;
    for (const Header& field : request.headers) {
        if (equal_ignoring_case(field.name, "Connection")) {
            options.push_back(field.value);
        }
    }
    for (const Header& field : request.headers) {
        const auto replaces = [&field](std::string_view line) {
            return equal_ignoring_case(line.substr(0, line.find(':')), field.name);
        };
        if (!is_of_this_connection(field.name, options) && std::ranges::none_of(more, replaces)) {
            onward.headers.emplace_back(field.name, field.value);
        }
    }
    for (const std::string& line : more) {
        const std::size_t colon = line.find(": ");
        onward.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    return onward;
}

Response answer_of(OnwardAnswer came, std::string_view upstream, std::string_view recorder) {
    Response response;
    response.status = came.status;
    std::vector<std::string> of_connection;
    for (const auto& [name, value] : came.headers) {
        if (equal_ignoring_case(name, "Connection")) {
            of_connection.push_back(value);
        }
    }
    const std::vector<std::string_view> options{of_connection.begin(), of_connection.end()};
    for (auto& [name, value] : came.headers) {
        if (is_of_this_connection(name, options)) {
            continue;
        }
        if (!upstream.empty() && equal_ignoring_case(name, "Location")) {
            value = moved_url(value, upstream, recorder).value_or(value);
        } else if (!upstream.empty() && equal_ignoring_case(name, "Link")) {
            value = replaced(std::move(value), upstream, recorder);
        }
        response.headers.push_back({std::move(name), std::move(value)});
    }
    response.body = std::move(came.body);
    return response;
}

Response refusal_of(int status, std::string_view code, std::string_view why) {
    const nlohmann::json body{{"category", "unavailable"},
                              {"code", code},
                              {"message", why},
                              {"details", nlohmann::json::array()}};
    Response response;
    response.status = status;
    response.headers.push_back({"Content-Type", "application/json"});
    response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return response;
}

}  // namespace ringback
