// What comes in from the telephone network: whose number it is for, and where it goes.

#include <utility>

#include "simulator/edge/simulator.h"

namespace ringback {
namespace {

/// What was said, and of the rest what the application has.
RouteRef with_what_is_missing(const RouteRef& said, const RouteRef& owned) {
    if (*said == Route{}) {
        return owned;  // one and the same for all that comes in
    }
    Route route = *said;
    if (route.url.empty()) {
        route.url = owned->url;
    }
    if (route.fallback_url.empty()) {
        route.fallback_url = owned->fallback_url;
    }
    if (!route.method_given) {
        route.method = owned->method;
        route.method_given = owned->method_given;
    }
    if (!route.timeout) {
        route.timeout = owned->timeout;
    }
    return RouteRef{std::move(route)};
}

}  // namespace

/// Why nothing can come in now.
std::optional<Error> Simulator::refuse_inbound() const {
    if (memory_ != nullptr && memory_->is_short()) {
        return Error{"", memory_->trouble()};
    }
    if (!cannot_accept()) {
        return std::nullopt;
    }
    return Error{"", not_ready_ ? "no calls are accepted: " + *not_ready_
                                : "no calls are accepted: too much is owed already"};
}

/// Whose the number is, and the application that answers for it: that of the id, if one was said.
Simulator::Called Simulator::who_is_called(const User& user, const std::string& number,
                                           const std::string& application_id) const {
    Called called;
    const Directory* const directory = user.directory.get();
    if (directory == nullptr) {
        return called;
    }
    called.number = directory->number(number);
    if (!application_id.empty()) {
        const auto decoded = ids_.decode(IdKind::application, application_id, user.hash);
        called.application = decoded ? directory->application(decoded->call_number) : nullptr;
    } else if (called.number != nullptr) {
        called.application = directory->application_of(*called.number);
    }
    return called;
}

/// What comes in without a URL goes to --inbound-url.
RouteRef Simulator::inbound_route(const RouteRef& given) const {
    if (!given->url.empty() || settings_.api.inbound_url.empty()) {
        return given;
    }
    Route route = *given;
    route.url = settings_.api.inbound_url;
    return RouteRef{std::move(route)};
}

Result<CallId> Simulator::ring_in(std::string_view user_name, NewCall call) {
    if (auto refused = refuse_inbound()) {
        return std::move(*refused);
    }
    User& user = engine_.user(user_name);
    const auto [number, application] = who_is_called(user, call.to, call.application_id);
    if (application != nullptr) {
        call.application_id = ids_.text(IdKind::application, user.hash, application->id);
        call.route = with_what_is_missing(call.route, application->calls);
        call.auto_answer = call.auto_answer.value_or(application->auto_answer);
    }
    if (number != nullptr && call.fallback_number.empty()) {
        call.fallback_number = number->fallback_number;
    }
    call.route = inbound_route(call.route);
    call.direction = Direction::in;
    driver_.catch_up();
    const Call* made = engine_.create(user, std::move(call), driver_.now());
    if (made == nullptr) {
        return Error{"", "no calls are accepted: too many are in flight"};
    }
    const CallId id = made->id;
    take_outputs();
    driver_.nudge();
    return id;
}

Result<CallId> Simulator::text_in(std::string_view user_name, NewMessage message) {
    if (auto refused = refuse_inbound()) {
        return std::move(*refused);
    }
    User& user = engine_.user(user_name);
    const Called called = who_is_called(user, message.to, message.application_id);
    if (called.application != nullptr) {
        message.application_id = ids_.text(IdKind::application, user.hash, called.application->id);
        message.route = with_what_is_missing(message.route, called.application->messages);
    }
    message.route = inbound_route(message.route);
    message.direction = Direction::in;
    driver_.catch_up();
    const Message* made = engine_.create(user, std::move(message), driver_.now());
    if (made == nullptr) {
        return Error{"", "no messages are accepted: too many are on their way"};
    }
    const CallId id = made->id;
    take_outputs();
    driver_.nudge();
    return id;
}

}  // namespace ringback
