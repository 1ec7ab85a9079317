#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "simulator/core/history.h"

namespace ringback::test {

/// 2026-01-05T09:00:00Z and `after`.
[[nodiscard]] inline Instant at(Duration after = {}) {
    return Instant{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}.time_since_epoch() +
                   std::chrono::hours{9} + after};
}

template <class What>
[[nodiscard]] Entry entry(What what, std::string user = "u-test", std::uint64_t call = 1) {
    Entry made;
    made.at = at();
    made.wall = WallInstant{std::chrono::microseconds{5'000}};
    if (!user.empty()) {
        made.user = Text{user};
    }
    made.call = call == 0 ? CallId::none : call_id(UserSlot{1}, call);
    put_news<What>(made.what, std::move(what));
    return made;
}

[[nodiscard]] inline ApiExchange api(std::string method, std::string target, int status) {
    ApiExchange exchange;
    exchange.method = std::move(method);
    exchange.target = std::move(target);
    exchange.status = status;
    exchange.remote = "127.0.0.1:51234";
    exchange.handled_in = std::chrono::microseconds{70};
    return exchange;
}

[[nodiscard]] inline RouteRef route(std::string url, Method method = Method::post,
                                    std::string fallback = {}) {
    Route made;
    made.url = std::move(url);
    made.method = method;
    made.fallback_url = std::move(fallback);
    return RouteRef{std::move(made)};
}

[[nodiscard]] inline EventRaised event(EventType type, RouteRef where, std::string payload) {
    return {DeliveryId{7}, type, std::move(where), Text{payload}};
}

[[nodiscard]] inline AttemptMade attempt(EventType type, RouteRef where, int status) {
    AttemptMade made;
    made.delivery = DeliveryId{7};
    made.type = type;
    made.attempt = 1;
    made.route = std::move(where);
    made.result.end = AttemptEnd::answered;
    made.result.status = status;
    made.result.reason = Text{"OK"};
    made.result.due = WallInstant{std::chrono::microseconds{1'000}};
    made.result.sent = WallInstant{std::chrono::microseconds{1'100}};
    made.result.ended = WallInstant{std::chrono::microseconds{1'900}};
    made.after = DeliveryState::delivered;
    return made;
}

}  // namespace ringback::test
