#include "simulator/wire/attempt_error.h"

#include <chrono>

#include "simulator/core/message_numbers.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

std::string milliseconds(WallInstant from, WallInstant to) {
    if (from == WallInstant::min() || to == WallInstant::min() || to < from) {
        return "0";
    }
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count());
}

}  // namespace

UserError attempt_error(const AttemptFigures& attempt, EventType event, const Route& route,
                        const std::string& id, const std::string& url, Instant at) {
    const char* const id_name = is_of_message(event)      ? "messageId"
                                : is_of_conference(event) ? "conferenceId"
                                                          : "callId";
    UserError error;
    error.at = at;
    error.category = "unavailable";
    error.details = {{id_name, id},
                     {"callbackUrl", url},
                     {"callbackMethod", route.method == Method::get ? "GET" : "POST"},
                     {"callbackEvent", std::string{word(event)}}};
    if (attempt.end == AttemptEnd::timed_out) {
        error.code = "callback-server-timeout";
        error.message = "The callback server took too long to respond";
        const auto timeout = route.timeout.value_or(std::chrono::milliseconds{10'000});
        error.details.emplace_back("callbackTimeout", std::to_string(timeout.count()));
    } else if (attempt.end == AttemptEnd::answered) {
        error.code = "callback-http-failure-status";
        error.message = "The callback returned an HTTP failure status";
        error.details.emplace_back("callbackStatusCode", std::to_string(attempt.status));
        error.details.emplace_back("totalDuration", milliseconds(attempt.due, attempt.ended));
        error.details.emplace_back("responseDuration", milliseconds(attempt.sent, attempt.ended));
        error.details.emplace_back("requestDuration", milliseconds(attempt.due, attempt.sent));
    } else {
        error.code = "callback-io-error";
        error.message =
            "A network error ocurred during the callback";  // spelled as the provider does
    }
    return error;
}

namespace {

UserError unreachable(const std::string& application_id, const std::string& number, Instant at) {
    UserError error;
    error.at = at;
    error.category = "unavailable";
    if (application_id.empty()) {
        error.code = "no-application-for-number";
        error.message = "No application is configured for number " + number;
        error.details = {{"number", number}};
    } else {
        error.details = {{"applicationId", application_id}, {"number", number}};
    }
    return error;
}

}  // namespace

UserError no_callback_error(const std::string& application_id, const std::string& number,
                            const std::string& call_id, Instant at) {
    UserError error = unreachable(application_id, number, at);
    if (error.code.empty()) {
        error.code = "no-callback-for-call";
        error.message = "The application has no URL for call events";
        error.details.emplace_back("callId", call_id);
    }
    return error;
}

UserError no_message_callback_error(const std::string& application_id, const std::string& number,
                                    const std::string& message_id, Instant at) {
    UserError error = unreachable(application_id, number, at);
    if (error.code.empty()) {
        error.code = "no-callback-for-message";
        error.message = "The application has no URL for message events";
    }
    error.details.emplace_back("messageId", message_id);
    return error;
}

UserError not_sent_error(const MessageBecame& how, const std::string& number,
                         const std::string& message_id, Instant at) {
    UserError error;
    error.at = at;
    error.category = "unavailable";
    error.code = "message-send-failure";
    error.message = "The message could not be sent";
    error.details = {{"messageId", message_id}, {"number", number}};
    if (has_code(how.receipt)) {
        error.message += ": " + std::string{delivery_description(how.code)};
        error.details.emplace_back("deliveryCode", std::to_string(how.code));
    }
    return error;
}

}  // namespace ringback
