#include "simulator/edge/api/answers.h"

#include <chrono>
#include <utility>

#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

constexpr const char* json_type =
    "application/json";  // exactly: older python-bandwidth compares it

void add_if_harmless(ErrorDetails& details, const char* name, std::string_view value) {
    if (const auto shown = echoable(value)) {
        details.emplace_back(name, *shown);
    }
}

/// The provider's code for a request that is none; spec v1 has only categories for these.
std::string_view code_for(int status) {
    switch (status) {
        case 408:
            return "request-timeout";
        case 414:
            return "uri-too-long";
        case 415:
            return "unsupported-media-type";
        case 431:
            return "headers-too-large";
        case 503:
            return "media-unavailable";  // too many large bodies at once
        default:
            return "validation-error";
    }
}

}  // namespace

Response provider_error(const ApiError& error) {
    Response response;
    response.status = error.status;
    response.headers.push_back({"Content-Type", json_type});
    append_error(response.body, error);
    return response;
}

Response provider_error(int status, std::string_view category, std::string_view code,
                        std::string_view message, ErrorDetails details) {
    return provider_error(ApiError{status, std::string{category}, std::string{code},
                                   std::string{message}, std::move(details)});
}

Response provider_error(ApiError error, const Request& request) {
    std::string_view path = request.path;
    if (path.starts_with("/v1/")) {
        path.remove_prefix(4);
    } else if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    add_if_harmless(error.details, "requestMethod", request.method);
    add_if_harmless(error.details, "remoteAddress", request.remote_ip);
    add_if_harmless(error.details, "requestPath", path);
    return provider_error(error);
}

void say_when_to_come_again(Response& response, std::uint32_t seconds) {
    response.headers.push_back({"Retry-After", std::to_string(seconds)});
}

Response too_fast(ApiError error, const Request& request, Instant free_at) {
    const auto reset = std::chrono::ceil<std::chrono::milliseconds>(free_at.time_since_epoch());
    const std::string ms = std::to_string(reset.count());
    error.details.emplace_back("rateLimitResetTime", ms);
    Response response = provider_error(std::move(error), request);
    response.headers.push_back({"X-RateLimit-Reset", ms});
    return response;
}

Response refused_before_routes(int status, std::string_view what, std::string_view remote_ip) {
    if (status == 413) {
        status = 400;  // spec v1 7.2; the contract comes before reliability.md
    }
    Response response =
        provider_error(status, status == 503 ? "unavailable" : "bad-request", code_for(status),
                       what, {{"remoteAddress", std::string{remote_ip}}});
    if (status == 503) {
        say_when_to_come_again(response);
    }
    return response;
}

Response no_room_now(std::string_view code, std::string what, const Request& request) {
    Response response =
        provider_error({503, "unavailable", std::string{code}, std::move(what), {}}, request);
    say_when_to_come_again(response);
    return response;
}

Response json_answer(std::string body) {
    Response response;
    response.headers.push_back({"Content-Type", json_type});
    response.body = std::move(body);
    return response;
}

Response created_answer(std::string location) {
    Response response;
    response.status = 201;
    response.headers.push_back({"Location", std::move(location)});
    return response;
}

Response done_answer() { return {}; }

}  // namespace ringback
