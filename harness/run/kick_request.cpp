#include "harness/run/kick_request.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "simulator/edge/header_line.h"
#include "simulator/wire/header_object.h"

namespace ringback {

using nlohmann::json;

Result<KickRequest> kick_request(const Kick& kick, const Bindings& bindings) {
    KickRequest request;
    request.method = kick.method;
    for (const auto& [name, value] : kick.headers) {
        const auto made = expanded_text(value, bindings);
        if (!made) {
            return Error{"start.kick.headers." + name, to_text(made.error())};
        }
        request.headers.push_back(fmt::format("{}: {}", name, made.value()));
    }
    auto url = expanded_text(kick.url, bindings);
    if (!url) {
        return url.error();
    }
    const auto body = expanded(kick.body, bindings);
    if (!body) {
        return body.error();
    }
    request.url = std::move(url).value();
    request.body = body.value().is_null() ? std::string{} : body.value().dump();
    return request;
}

std::optional<Error> problem_of(const KickRequest& request, const TargetPolicy& policy) {
    if (request.method != "POST" && request.method != "GET") {
        return Error{"start.kick.method", "expected POST or GET, found \"" + request.method + "\""};
    }
    const Result<Target> target = parse_target(request.url);
    if (!target) {
        return Error{"start.kick.url", target.error().what};
    }
    if (auto refusal = policy.refusal(target.value())) {
        return Error{"start.kick.url", std::move(*refusal)};
    }
    for (const std::string& line : request.headers) {
        if (auto problem = problem_of_header_line(line)) {
            return Error{"start.kick.headers", std::move(*problem)};
        }
    }
    return std::nullopt;
}

SeenReply reply_of_kick(const AttemptResult& answer) {
    SeenReply seen;
    seen.end = answer.end == AttemptEnd::answered ? "answered" : "no answer";
    seen.error = answer.error.view();
    seen.status = answer.status;
    if (answer.sent != WallInstant::min() && answer.last_byte != WallInstant::min()) {
        seen.latency_ms =
            std::chrono::duration<double, std::milli>{answer.last_byte - answer.sent}.count();
    }
    seen.reused_connection = answer.reused_connection;
    const std::string text{answer.body.view()};
    const json body = json::parse(text.empty() ? "null" : text, nullptr, false);
    seen.body = body.is_discarded() ? json(text) : body;
    seen.headers = header_object(answer.headers.view());
    return seen;
}

}  // namespace ringback
