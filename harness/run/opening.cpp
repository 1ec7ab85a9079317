#include "harness/run/opening.h"

#include <chrono>
#include <utility>

namespace ringback {

using nlohmann::json;

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
    const auto text = [&](const char* name, const json& otherwise) {
        const auto found = members.value().find(name);
        const json& value = found == members.value().end() ? otherwise : *found;
        return value.is_string() ? value.get<std::string>() : std::string{};
    };
    NewCall wanted;
    wanted.from = text("from", "+19195550187");
    wanted.to = text("to", bindings.vars->at("from"));
    wanted.auto_answer = members.value().value("autoAnswer", true);
    wanted.application_id = text("applicationId", "a-ringback");
    if (std::string name = text("displayName", ""); !name.empty()) {
        wanted.caller.open().display_name = std::move(name);
    }
    wanted.fallback_number = text("fallbackNumber", "");
    Route route;
    route.url = text("url", receiver);
    if (const auto ms = members.value().find("callbackTimeout");
        ms != members.value().end() && ms->is_number_integer()) {
        route.timeout = std::chrono::milliseconds{ms->get<std::int64_t>()};
    }
    route.fallback_url = text("fallbackUrl", "");
    route.method = text("callbackHttpMethod", "POST") == "GET" ? Method::get : Method::post;
    wanted.route = RouteRef{std::move(route)};
    return wanted;
}

}  // namespace ringback
