#include "simulator/wire/application_request.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/wire/sound_request.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

constexpr std::size_t longest_name = 1000;  // characters
constexpr std::int64_t longest_timeout_ms = 10'000;

/// What calls, or messages, have: each member's name and the one it had before, if any.
struct IncomingNames {
    std::string_view url;
    std::string_view timeout;
    std::string_view fallback;
    std::string_view old_url{};
    std::string_view old_timeout{};
    std::string_view old_fallback{};
};
constexpr IncomingNames of_calls{"incomingCallUrl", "incomingCallUrlCallbackTimeout",
                                 "incomingCallFallbackUrl"};
constexpr IncomingNames of_messages{
    "incomingMessageUrl", "incomingMessageUrlCallbackTimeout", "incomingMessageFallbackUrl",
    "incomingSmsUrl",     "incomingSmsUrlCallbackTimeout",     "incomingSmsFallbackUrl"};

/// The name under which the member is there: the current one unless only the old one is.
std::string_view name_used(const Members& in, std::string_view name, std::string_view old_name) {
    return old_name.empty() || in.has(name) || !in.has(old_name) ? name : old_name;
}

void read_fallback(const Members& in, std::string_view name, std::string_view url_name,
                   const RefuseUrl& refuse_url, Route& route) {
    const auto given = in.text(name);
    if (!given) {
        return;
    }
    if (is_blank(*given)) {
        in.note(validation_error(fmt::format(
            "The 'application' resource property '{}' must contain at least one non-whitespace "
            "character",
            name)));
    } else if (route.url.empty()) {
        in.note(validation_error(fmt::format(
            "The 'application' resource property '{}' needs the property '{}'", name, url_name)));
    } else {
        route.fallback_url = read_url(in, name, refuse_url).value_or("");
    }
}

/// The members of one of the two over what there was.
Route read_incoming(const Members& in, const IncomingNames& names, const RefuseUrl& refuse_url,
                    Route route) {
    const std::string_view url_name = name_used(in, names.url, names.old_url);
    if (const auto url = read_url(in, url_name, refuse_url)) {
        route.url = *url;
    }
    const std::string_view timeout_name = name_used(in, names.timeout, names.old_timeout);
    if (const auto ms = in.integer(timeout_name, 1, longest_timeout_ms)) {
        route.timeout = std::chrono::milliseconds{*ms};
    }
    read_fallback(in, name_used(in, names.fallback, names.old_fallback), url_name, refuse_url,
                  route);
    if (route.url.empty()) {  // whatever belonged to it goes with it
        route.fallback_url.clear();
        route.timeout.reset();
    }
    return route;
}

}  // namespace

std::optional<std::string> read_name(const Members& in) {
    const auto name = in.text("name");
    if (name && is_blank(*name)) {
        in.note(blank_property(in.resource(), "name"));
    } else if (name && utf8_length(*name) > longest_name) {
        in.note(exceeds(in.resource(), "name", fmt::format("{} characters", longest_name)));
    }
    return name ? std::optional{std::string{*name}} : std::nullopt;
}

Intake<Application> read_application(const RequestBody& body, const RefuseUrl& refuse_url,
                                     const Application* before) {
    FirstProblem problems;
    const Members in{body, "application", problems};
    Application wanted = before != nullptr ? *before : Application{};
    if (auto name = read_name(in)) {
        wanted.name = std::move(*name);
    } else if (before == nullptr) {
        in.note(missing_property("application", "name"));
    }
    Route calls = read_incoming(in, of_calls, refuse_url, *wanted.calls);
    Route messages = read_incoming(in, of_messages, refuse_url, *wanted.messages);
    if (const auto method = one_of(in, "callbackHttpMethod", {"POST", "GET"})) {
        calls.method = *method == 0 ? Method::post : Method::get;
    }
    messages.method = calls.method;
    calls.method_given = true;  // what comes in inherits it, and shows it
    messages.method_given = true;
    wanted.auto_answer = in.boolean("autoAnswer").value_or(wanted.auto_answer);
    if (calls.url.empty() && messages.url.empty()) {
        in.note(validation_error("Your application must have a least one callback URL."));
    }
    wanted.calls = RouteRef{std::move(calls)};
    wanted.messages = RouteRef{std::move(messages)};
    return verdict(problems, std::move(wanted));
}

}  // namespace ringback
