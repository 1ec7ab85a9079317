#include "harness/scenario/api_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/scenario/sources.h"
#include "simulator/core/path_pattern.h"

namespace ringback {
namespace {

struct MethodAndPath {
    std::string_view method;
    std::string_view path;
};

MethodAndPath parts_of(std::string_view route) {
    const std::size_t space = route.find(' ');
    return {route.substr(0, space), route.substr(space + 1)};
}

std::string_view take_segment(std::string_view& path) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

/// A path of the route's that is as much like the pattern as it can be: what the route leaves open
/// is what the pattern says there.
std::string nearest_path(std::string_view route, std::string_view pattern) {
    std::string path;
    while (!route.empty()) {
        const std::string_view own = take_segment(route);
        const std::string_view said = take_segment(pattern);
        const bool is_said = said.size() > 1 && said != "/*" && said != "/**";
        path += own != "/*" ? own : is_said ? said : std::string_view{"/any"};
    }
    return path;
}

}  // namespace

/// Held against the router's own by tests/unit/contract_test.cpp.
const std::vector<std::string_view>& api_route_names() {
    static const std::vector<std::string_view> all{
        "GET /v1/users/*/calls",
        "POST /v1/users/*/calls",
        "GET /v1/users/*/calls/*",
        "POST /v1/users/*/calls/*",
        "POST /v1/users/*/calls/*/audio",
        "POST /v1/users/*/calls/*/dtmf",
        "POST /v1/users/*/calls/*/gather",
        "GET /v1/users/*/calls/*/gather/*",
        "POST /v1/users/*/calls/*/gather/*",
        "GET /v1/users/*/calls/*/events",
        "GET /v1/users/*/calls/*/events/*",
        "GET /v1/users/*/calls/*/recordings",
        "GET /v1/users/*/calls/*/transcriptions",
        "GET /v1/users/*/recordings",
        "GET /v1/users/*/recordings/*",
        "GET /v1/users/*/recordings/*/transcriptions",
        "POST /v1/users/*/recordings/*/transcriptions",
        "GET /v1/users/*/recordings/*/transcriptions/*",
        "GET /v1/users/*/media",
        "GET /v1/users/*/media/*",
        "HEAD /v1/users/*/media/*",
        "PUT /v1/users/*/media/*",
        "DELETE /v1/users/*/media/*",
        "GET /v1/users/*/account",
        "GET /v1/users/*/account/transactions",
        "GET /v1/users/*/errors",
        "GET /v1/users/*/errors/*",
        "GET /v1/users/*/messages",
        "POST /v1/users/*/messages",
        "GET /v1/users/*/messages/*",
        "PATCH /v1/users/*/messages/*",
        "GET /v1/users/*/applications",
        "POST /v1/users/*/applications",
        "GET /v1/users/*/applications/*",
        "POST /v1/users/*/applications/*",
        "DELETE /v1/users/*/applications/*",
        "GET /v1/users/*/phoneNumbers",
        "POST /v1/users/*/phoneNumbers",
        "GET /v1/users/*/phoneNumbers/*",
        "POST /v1/users/*/phoneNumbers/*",
        "DELETE /v1/users/*/phoneNumbers/*",
        "GET /v1/users/*/domains",
        "POST /v1/users/*/domains",
        "GET /v1/users/*/domains/*",
        "DELETE /v1/users/*/domains/*",
        "GET /v1/users/*/domains/*/endpoints",
        "POST /v1/users/*/domains/*/endpoints",
        "GET /v1/users/*/domains/*/endpoints/*",
        "POST /v1/users/*/domains/*/endpoints/*",
        "DELETE /v1/users/*/domains/*/endpoints/*",
        "POST /v1/users/*/domains/*/endpoints/*/tokens",
        "DELETE /v1/users/*/domains/*/endpoints/*/tokens/*",
        "GET /v1/users/*/bridges",
        "POST /v1/users/*/bridges",
        "GET /v1/users/*/bridges/*",
        "POST /v1/users/*/bridges/*",
        "POST /v1/users/*/bridges/*/audio",
        "GET /v1/users/*/bridges/*/calls",
        "GET /v1/users/*/conferences",
        "POST /v1/users/*/conferences",
        "GET /v1/users/*/conferences/*",
        "POST /v1/users/*/conferences/*",
        "POST /v1/users/*/conferences/*/audio",
        "GET /v1/users/*/conferences/*/members",
        "POST /v1/users/*/conferences/*/members",
        "GET /v1/users/*/conferences/*/members/*",
        "POST /v1/users/*/conferences/*/members/*",
        "POST /v1/users/*/conferences/*/members/*/audio",
        "GET /v1/availableNumbers/*",
        "POST /v1/availableNumbers/*",
        "GET /v1/phoneNumbers/numberInfo/*",
    };
    return all;
}

bool is_of_the_api(std::string_view method, std::string_view pattern) {
    return std::ranges::any_of(api_route_names(), [&](std::string_view route) {
        const MethodAndPath known = parts_of(route);
        return (method.empty() || method == known.method) &&
               means_path(pattern, nearest_path(known.path, pattern));
    });
}

std::string nearest_route_text(std::string_view method, std::string_view pattern) {
    constexpr std::string_view version{"/v1/"};
    std::vector<std::string_view> known;
    for (const std::string_view route : api_route_names()) {
        known.push_back(method.empty() ? parts_of(route).path : route);
    }
    const std::string whole =
        fmt::format("{}{}{}{}", method, method.empty() ? "" : " ",
                    pattern.starts_with(version) ? "" : "/v1/users/*", pattern);
    const std::string near = did_you_mean(whole, known);
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return near.empty() ? fmt::format(" (the API has {})", fmt::join(known, ", ")) : near;
}

}  // namespace ringback
