#include "harness/run/opening.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "simulator/wire/ascii.h"
#include "simulator/wire/message_request.h"
#include "simulator/wire/utf8.h"

namespace ringback {

using nlohmann::json;

namespace {

/// Members that are texts, others as if they were not there.
struct Texts {
    const json& members;

    std::string operator()(const char* name, const json& otherwise) const {
        const auto found = members.find(name);
        const json& value = found == members.end() ? otherwise : *found;
        return value.is_string() ? value.get<std::string>() : std::string{};
    }
};

RouteRef inbound_route(const Texts& text, const std::string& receiver) {
    Route route;
    route.url = text("url", receiver);
    if (const auto ms = text.members.find("callbackTimeout");
        ms != text.members.end() && ms->is_number_integer()) {
        route.timeout = std::chrono::milliseconds{ms->get<std::int64_t>()};
    }
    route.fallback_url = text("fallbackUrl", "");
    const std::string method = text("callbackHttpMethod", "POST");
    route.method = equal_ignoring_case(method, "GET") ? Method::get : Method::post;
    return RouteRef{std::move(route)};
}

/// What the caller's network says beyond the number; empty when it says nothing.
Boxed<Caller> caller_of(const json& members) {
    const Texts text{members};
    Caller said;
    said.display_name = text("displayName", "");
    said.name_withheld = members.value("withholdCallerName", false);
    said.number_withheld = members.value("withholdCallerNumber", false);
    if (const auto diversion = members.find("diversion"); diversion != members.end()) {
        const Texts words{*diversion};
        Diversion& told = said.diversion.open();
        told.orig_to = words("origTo", "");
        told.reason = words("reason", told.reason);
        told.privacy = words("privacy", told.privacy);
        told.screen = words("screen", told.screen);
        told.counter = diversion->value("counter", told.counter);
        told.limit = diversion->value("limit", told.limit);
    }
    Boxed<Caller> caller;
    if (said != Caller{}) {
        caller.open() = std::move(said);
    }
    return caller;
}

}  // namespace

Scenario with_start_await(Scenario scenario) {
    if (scenario.start.await) {
        scenario.block.steps.insert(scenario.block.steps.begin(), *scenario.start.await);
    }
    return scenario;
}

Result<json> own_call_body(const OwnCall& call, const Bindings& bindings,
                           const std::string& receiver) {
    const auto members = expanded(call.members, bindings);
    if (!members) {
        return members.error();
    }
    const json& vars = *bindings.vars;
    json body{{"from", vars.at("from")}, {"to", vars.at("to")}, {"callbackUrl", receiver}};
    body.update(members.value());
    return body;
}

Result<NewCall> inbound_call(const InboundCall& call, const Bindings& bindings,
                             const std::string& receiver) {
    const auto members = expanded(call.members, bindings);
    if (!members) {
        return members.error();
    }
    const Texts text{members.value()};
    NewCall wanted;
    wanted.from = text("from", "+19195550187");
    wanted.to = text("to", bindings.vars->at("from"));
    wanted.auto_answer = members.value().value("autoAnswer", true);
    wanted.application_id = text("applicationId", "a-ringback");
    wanted.caller = caller_of(members.value());
    wanted.fallback_number = text("fallbackNumber", "");
    wanted.route = inbound_route(text, receiver);
    return wanted;
}

Result<NewMessage> inbound_message(const InboundMessage& message, const Bindings& bindings,
                                   const std::string& receiver) {
    const auto members = expanded(message.members, bindings);
    if (!members) {
        return members.error();
    }
    const Texts text{members.value()};
    NewMessage wanted;
    wanted.direction = Direction::in;
    wanted.from = text("from", bindings.vars->at("to"));
    wanted.to = text("to", bindings.vars->at("from"));
    wanted.text = text("text", "");
    if (const auto parts = members.value().find("media"); parts != members.value().end()) {
        wanted.media = parts->get<std::vector<std::string>>();
    }
    if (utf8_length(wanted.text) > longest_message_text) {
        return Error{"text", fmt::format("expected at most {} characters, found {}",
                                         longest_message_text, utf8_length(wanted.text))};
    }
    for (const std::string& part : wanted.media) {
        if (!is_part_name(part)) {
            return Error{"media", std::string{part_names_are}};
        }
    }
    wanted.segments = segment_count(wanted.text, !wanted.media.empty());
    wanted.application_id = text("applicationId", "a-ringback");
    wanted.route = inbound_route(text, receiver);
    return wanted;
}

}  // namespace ringback
