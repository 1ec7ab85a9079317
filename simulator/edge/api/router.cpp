#include "simulator/edge/api/router.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "simulator/edge/api/account_api.h"
#include "simulator/edge/api/account_of.h"
#include "simulator/edge/api/api_request.h"
#include "simulator/edge/api/applications_api.h"
#include "simulator/edge/api/bridges_api.h"
#include "simulator/edge/api/call_commands_api.h"
#include "simulator/edge/api/calls_api.h"
#include "simulator/edge/api/conference_members_api.h"
#include "simulator/edge/api/conferences_api.h"
#include "simulator/edge/api/domains_api.h"
#include "simulator/edge/api/endpoints_api.h"
#include "simulator/edge/api/gather_api.h"
#include "simulator/edge/api/kept_body.h"
#include "simulator/edge/api/media_api.h"
#include "simulator/edge/api/messages_api.h"
#include "simulator/edge/api/number_stock_api.h"
#include "simulator/edge/api/phone_numbers_api.h"
#include "simulator/edge/api/recordings_api.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

/// One row: what stands behind /v1/users/{userId}; "{}" is any id.
struct ApiRoute {
    std::string_view method;
    std::array<std::string_view, 6> pattern;
    Handler handler;
    KeepBody keeps{KeepBody::whole};  // a password is nobody's to keep, and a file is no text

    [[nodiscard]] constexpr bool has_length(std::size_t parts) const {
        return (parts == pattern.size() || pattern[parts].empty()) &&
               (parts == 0 || !pattern[parts - 1].empty());
    }
};

constexpr std::string_view any{"{}"};
constexpr std::size_t most_parts = 9;  // v1/users/{userId} and the longest pattern

constexpr std::array routes{
    ApiRoute{"GET", {"calls"}, list_calls},
    ApiRoute{"POST", {"calls"}, create_call},
    ApiRoute{"GET", {"calls", any}, get_call},
    ApiRoute{"POST", {"calls", any}, update_call},
    ApiRoute{"POST", {"calls", any, "audio"}, post_audio},
    ApiRoute{"POST", {"calls", any, "dtmf"}, post_dtmf},
    ApiRoute{"POST", {"calls", any, "gather"}, create_gather},
    ApiRoute{"GET", {"calls", any, "gather", any}, get_gather},
    ApiRoute{"POST", {"calls", any, "gather", any}, stop_gather},
    ApiRoute{"GET", {"calls", any, "events"}, list_call_events},
    ApiRoute{"GET", {"calls", any, "events", any}, get_call_event},
    ApiRoute{"GET", {"calls", any, "recordings"}, list_call_recordings},
    ApiRoute{"GET", {"calls", any, "transcriptions"}, list_call_transcriptions},
    ApiRoute{"GET", {"recordings"}, list_recordings},
    ApiRoute{"GET", {"recordings", any}, get_recording},
    ApiRoute{"GET", {"recordings", any, "transcriptions"}, list_transcriptions},
    ApiRoute{"POST", {"recordings", any, "transcriptions"}, create_transcription},
    ApiRoute{"GET", {"recordings", any, "transcriptions", any}, get_transcription},
    ApiRoute{"GET", {"media"}, list_media},
    ApiRoute{"GET", {"media", any}, get_media},
    ApiRoute{"HEAD", {"media", any}, get_media},
    ApiRoute{"PUT", {"media", any}, put_media, KeepBody::size_only},
    ApiRoute{"DELETE", {"media", any}, delete_media},
    ApiRoute{"GET", {"account"}, get_account},
    ApiRoute{"GET", {"account", "transactions"}, list_transactions},
    ApiRoute{"GET", {"errors"}, list_errors},
    ApiRoute{"GET", {"errors", any}, get_error},
    ApiRoute{"GET", {"messages"}, list_messages},
    ApiRoute{"POST", {"messages"}, create_messages},
    ApiRoute{"GET", {"messages", any}, get_message},
    ApiRoute{"PATCH", {"messages", any}, redact_message},
    ApiRoute{"GET", {"applications"}, list_applications},
    ApiRoute{"POST", {"applications"}, create_application},
    ApiRoute{"GET", {"applications", any}, get_application},
    ApiRoute{"POST", {"applications", any}, update_application},
    ApiRoute{"DELETE", {"applications", any}, delete_application},
    ApiRoute{"GET", {"phoneNumbers"}, list_numbers},
    ApiRoute{"POST", {"phoneNumbers"}, create_number, KeepBody::without_passwords},
    ApiRoute{"GET", {"phoneNumbers", any}, get_number},
    ApiRoute{"POST", {"phoneNumbers", any}, update_number, KeepBody::without_passwords},
    ApiRoute{"DELETE", {"phoneNumbers", any}, delete_number},
    ApiRoute{"GET", {"domains"}, list_domains},
    ApiRoute{"POST", {"domains"}, create_domain},
    ApiRoute{"GET", {"domains", any}, get_domain},
    ApiRoute{"DELETE", {"domains", any}, delete_domain},
    ApiRoute{"GET", {"domains", any, "endpoints"}, list_endpoints},
    ApiRoute{"POST", {"domains", any, "endpoints"}, create_endpoint, KeepBody::without_passwords},
    ApiRoute{"GET", {"domains", any, "endpoints", any}, get_endpoint},
    ApiRoute{
        "POST", {"domains", any, "endpoints", any}, update_endpoint, KeepBody::without_passwords},
    ApiRoute{"DELETE", {"domains", any, "endpoints", any}, delete_endpoint},
    ApiRoute{"POST",
             {"domains", any, "endpoints", any, "tokens"},
             create_endpoint_token,
             KeepBody::without_passwords},
    ApiRoute{"DELETE", {"domains", any, "endpoints", any, "tokens", any}, delete_endpoint_token},
    ApiRoute{"GET", {"bridges"}, list_bridges},
    ApiRoute{"POST", {"bridges"}, create_bridge},
    ApiRoute{"GET", {"bridges", any}, get_bridge},
    ApiRoute{"POST", {"bridges", any}, update_bridge},
    ApiRoute{"POST", {"bridges", any, "audio"}, post_bridge_audio},
    ApiRoute{"GET", {"bridges", any, "calls"}, list_bridge_calls},
    ApiRoute{"GET", {"conferences"}, list_conferences},
    ApiRoute{"POST", {"conferences"}, create_conference},
    ApiRoute{"GET", {"conferences", any}, get_conference},
    ApiRoute{"POST", {"conferences", any}, update_conference},
    ApiRoute{"POST", {"conferences", any, "audio"}, post_conference_audio},
    ApiRoute{"GET", {"conferences", any, "members"}, list_members},
    ApiRoute{"POST", {"conferences", any, "members"}, create_member},
    ApiRoute{"GET", {"conferences", any, "members", any}, get_member},
    ApiRoute{"POST", {"conferences", any, "members", any}, update_member},
    ApiRoute{"POST", {"conferences", any, "members", any, "audio"}, post_member_audio},
};

/// The same of what stands behind /v1 without a user.
constexpr std::array routes_without_user{
    ApiRoute{"GET", {"availableNumbers", any}, search_numbers},
    ApiRoute{"POST", {"availableNumbers", any}, order_numbers},
    ApiRoute{"GET", {"phoneNumbers", "numberInfo", any}, get_number_info},
};

using Routes = std::span<const ApiRoute>;

bool matches(const ApiRoute& route, std::span<const std::string> parts) {
    if (parts.size() > route.pattern.size() || !route.has_length(parts.size())) {
        return false;
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (route.pattern[i] != any && route.pattern[i] != parts[i]) {
            return false;
        }
    }
    return true;
}

/// Which methods the resource knows: "GET, POST"; "" if there is none.
std::string methods_of(Routes known, std::span<const std::string> parts) {
    std::string methods;
    for (const ApiRoute& route : known) {
        if (matches(route, parts)) {
            methods += methods.empty() ? "" : ", ";
            methods += route.method;
        }
    }
    return methods;
}

bool is_clean(std::string_view text) {
    return is_utf8(text) && std::ranges::all_of(text, [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
           });
}

/// Visible ASCII that stands for itself.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '%'; });
}

bool is_odd(const std::string& segment) {
    return segment.empty() || segment == "." || segment == ".." ||
           segment.find('/') != std::string::npos;
}

/// The name of a media file may hold any character that is encoded (spec v1 2.5).
bool is_odd_path(std::span<const std::string> path) {
    constexpr std::size_t of_media = 5;
    const bool named = path.size() == of_media && path[3] == "media" && !path[4].empty() &&
                       path[4] != "." && path[4] != "..";
    return std::ranges::any_of(named ? path.first(of_media - 1) : path, is_odd);
}

/// What is wrong with the request whatever its route.
std::optional<ApiError> judge_host(const Request& request, Familiar* familiar) {
    const auto host = request.only("Host");
    if (host && familiar != nullptr && Familiar::is(familiar->host, *host)) {
        return std::nullopt;
    }
    if (!host || !is_host_and_port(*host)) {
        return bad_parameters("the Host header must be there once, as host or host:port");
    }
    if (familiar != nullptr) {
        familiar->host = *host;
    }
    return std::nullopt;
}

Response method_not_allowed(const Request& request, const std::string& allowed) {
    ApiError error{405,
                   "bad-request",
                   "method-not-allowed",
                   "The resource knows only the methods " + allowed,
                   {}};
    Response response = provider_error(std::move(error), request);
    response.headers.push_back({"Allow", allowed});
    return response;
}

/// Spec v1 7.1: 429 with the only header of its kind.
Response too_many_requests(const Request& request, Instant free_at) {
    return too_fast({429, "too-many-requests", "rate-limit-reached", "Rate limit reached", {}},
                    request, free_at);
}

/// To what no route has claimed. It may have been meant for one that keeps a password.
ApiReply unclaimed(Response response, const Request& request, std::string user = {}) {
    ApiReply reply;
    reply.response = std::move(response);
    reply.user = std::move(user);
    reply.keeps = kept_of_unclaimed(request);
    return reply;
}

/// When a request that comes too fast may be made again; calls and messages have limits of their
/// own. Every route is under one of these, whatever it is.
std::optional<Instant> refuse_pace(const ApiRoute& route, Routes known, const std::string& user,
                                   ApiContext& context) {
    if (!context.api.rate_limits || route.handler == create_call ||
        route.handler == create_messages) {
        return std::nullopt;
    }
    using Pace = RateLimits::Pace;
    const bool is_own_number =
        route.pattern[0] == "phoneNumbers" && route.pattern[1] != "numberInfo";
    const Pace pace = route.handler == search_numbers  ? Pace::searching
                      : route.handler == order_numbers ? Pace::ordering
                      : is_own_number                  ? Pace::managing
                                                       : Pace::each_route;
    const std::size_t place = static_cast<std::size_t>(&route - known.data()) +
                              (known.data() == routes.data() ? 0U : routes.size());
    const auto free_at = context.limits.refuse(user, pace, place, context.now);
    if (free_at) {
        context.engine.remind_at(*free_at);
    }
    return free_at;
}

/// Whether there will be more of something behind it. What ends something has to work always.
bool creates(const ApiRoute& route, const Request& request) {
    constexpr std::array<Handler, 14> makers{
        create_call,           create_messages,     create_bridge, create_conference,
        create_member,         create_gather,       create_domain, create_endpoint,
        create_number,         order_numbers,       put_media,     create_application,
        create_endpoint_token, create_transcription};
    return std::ranges::find(makers, route.handler) != makers.end() ||
           // another leg; what has the word elsewhere can come again
           (route.handler == update_call && request.body.find("transferring") != std::string::npos);
}

/// What is behind the account's part of the path, on its way to a handler.
ApiReply dispatch(const Request& request, ApiContext& context, std::string user, Routes known,
                  std::span<const std::string> parts) {
    for (const ApiRoute& route : known) {
        if (route.method != request.method || !matches(route, parts)) {
            continue;
        }
        if (const auto free_at = refuse_pace(route, known, user, context)) {
            ApiReply reply =
                unclaimed(too_many_requests(request, *free_at), request, std::move(user));
            reply.keeps = route.keeps;
            return reply;
        }
        if (context.memory != nullptr && context.memory->is_short() && creates(route, request)) {
            ApiReply reply =
                unclaimed(no_room_now(memory_unavailable, context.memory->trouble(), request),
                          request, std::move(user));
            reply.keeps = route.keeps;
            return reply;
        }
        ApiRequest taken{request, {}, user, percent_encoded(user), hash_of(user), {}, {}};
        taken.base = request.tls ? "https://" : "http://";
        taken.base += request.header("Host");
        std::size_t next{0};
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (route.pattern[i] == any) {
                taken.last_id = {i == 0 ? std::string_view{} : route.pattern[i - 1], next};
                taken.ids.at(next++) = parts[i];
            }
        }
        ApiReply reply = route.handler(taken, context);
        reply.user = std::move(user);
        reply.keeps = route.keeps;
        return reply;
    }
    const std::string allowed = methods_of(known, parts);
    return unclaimed(allowed.empty() ? provider_error(resource_not_found(), request)
                                     : method_not_allowed(request, allowed),
                     request, std::move(user));
}

}  // namespace

std::optional<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> parts;
    parts.reserve(most_parts);
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    if (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    while (true) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (is_plain(part)) {  // as nearly all are: neither to be decoded nor to be looked at again
            parts.emplace_back(part);
        } else if (auto decoded = percent_decoded(part); decoded && is_clean(*decoded)) {
            parts.push_back(std::move(*decoded));
        } else {
            return std::nullopt;
        }
        if (slash == std::string_view::npos) {
            return parts;
        }
        path.remove_prefix(slash + 1);
    }
}

std::optional<std::string> user_in(std::string_view path) {
    auto parts = split_path(path);
    const bool has_user =
        parts && parts->size() > 2 && (*parts)[0] == "v1" && (*parts)[1] == "users";
    return has_user ? std::optional{std::move((*parts)[2])} : std::nullopt;
}

std::string with_user(std::string_view target, std::string_view user) {
    constexpr std::string_view before{"/v1/users/"};
    if (!target.starts_with(before)) {
        return std::string{target};
    }
    const std::string_view rest = target.substr(before.size());
    const std::string_view behind = rest.substr(std::min(rest.find_first_of("/?"), rest.size()));
    return std::string{before} + percent_encoded(user) + std::string{behind};
}

bool is_without_user(std::string_view path) {
    if (!path.starts_with("/v1/") || path.starts_with("/v1/users/")) {
        return false;
    }
    const auto parts = split_path(path);
    return parts && std::ranges::any_of(routes_without_user, [&](const ApiRoute& route) {
               return matches(route, std::span{*parts}.subspan(1));
           });
}

ApiReply answer_api(const Request& request, ApiContext& context) {
    if (auto wrong = judge_host(request, context.familiar)) {
        return unclaimed(provider_error(std::move(*wrong), request), request);
    }
    auto path = split_path(request.path);
    if (!path) {
        return unclaimed(
            provider_error(
                bad_parameters("the path must be percent-encoded UTF-8 without control characters"),
                request),
            request);
    }
    const bool is_v1 = path->size() > 2 && (*path)[0] == "v1" && !is_odd_path(*path);
    const bool under_user =
        is_v1 && path->size() > 3 && (*path)[1] == "users" && (*path)[2].size() <= 128;
    const std::span<const std::string> parts{*path};
    if (under_user) {
        std::string user = std::move((*path)[2]);
        return dispatch(request, context, std::move(user), routes, parts.subspan(3));
    }
    if (is_v1 && (*path)[1] != "users") {
        return dispatch(request, context, account_of(request, context), routes_without_user,
                        parts.subspan(1));
    }
    return unclaimed(provider_error(resource_not_found(), request), request);
}

std::vector<RouteName> all_routes() {
    std::vector<RouteName> all;
    const auto add = [&all](Routes known, std::string_view below) {
        for (const ApiRoute& route : known) {
            std::string path{below};
            for (const std::string_view part : route.pattern) {
                path += part.empty() ? "" : "/" + std::string{part};
            }
            all.push_back({route.method, std::move(path)});
        }
    };
    add(routes, "/v1/users/{}");
    add(routes_without_user, "/v1");
    return all;
}

}  // namespace ringback
