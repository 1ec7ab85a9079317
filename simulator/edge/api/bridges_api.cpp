#include "simulator/edge/api/bridges_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/bridge_json.h"
#include "simulator/wire/bridge_request.h"

namespace ringback {
namespace {

ApiReply about_bridge(Response response, const Bridge& bridge) {
    return about_item(std::move(response), bridge.id);
}

ApiReply bridge_not_found(const ApiRequest& request) {
    return refuse(not_found("bridge", "bridgeId", request.ids[0]), request);
}

/// What is behind text ids; `none` for those that name no call of the user.
std::vector<CallId> calls_of(const std::vector<std::string>& ids, const ApiRequest& request,
                             const ApiContext& context) {
    std::vector<CallId> calls;
    calls.reserve(ids.size());
    for (const std::string& id : ids) {
        const Call* const call = find_call(request, context, id);
        calls.push_back(call != nullptr ? call->id : CallId::none);
    }
    return calls;
}

/// The text of the call at fault: of those that are asked for the first one with that id, which is
/// `none` where there is no such call.
std::string_view text_at_fault(const Outcome& outcome, const std::vector<std::string>& ids,
                               const std::vector<CallId>& calls) {
    const bool blames_one = outcome.leg != CallId::none || outcome.refusal == Refusal::no_such_item;
    const auto at = std::ranges::find(calls, outcome.leg);
    return blames_one && at != calls.end()
               ? std::string_view{ids[static_cast<std::size_t>(at - calls.begin())]}
               : std::string_view{};
}

}  // namespace

ApiReply list_bridges(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    if (const User* const user = context.engine.find_user(request.user)) {
        const ResourceText text = resource_text(request, context);
        user->bridges.newest_first([&listing, &text](const Bridge& bridge) {
            if (std::string* const place = listing.place()) {
                append_bridge(*place, bridge, text);
            }
            return !listing.complete();
        });
    }
    return listing.reply(request, "bridges", query);
}

ApiReply create_bridge(const ApiRequest& request, ApiContext& context) {
    constexpr std::string_view too_many{"bridge-create-error"};
    if (context.overloaded) {
        return busy(request, too_many, "bridges or undelivered events");
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_bridge_request(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& wanted = std::get<BridgeRequest>(read);
    const std::vector<std::string> ids = wanted.call_ids.value_or(std::vector<std::string>{});
    const std::vector<CallId> calls = calls_of(ids, request, context);
    if (context.engine.find_user(request.user) == nullptr && !ids.empty()) {
        // Refusing whatever comes must not make users.
        const bool overflows = ids.size() > most_bridged_calls;
        return refuse(bridge_error(overflows ? Refusal::too_many_calls : Refusal::no_such_item, "",
                                   overflows ? "" : ids.front()),
                      request);
    }
    const Outcome made = context.engine.create_bridge(
        context.engine.user(request.user), wanted.audio.value_or(true), calls, context.now);
    if (made.refusal == Refusal::no_room) {
        return busy(request, too_many, "bridges or undelivered events");
    }
    if (made.refusal != Refusal::none) {
        return refuse(bridge_error(made.refusal, "", text_at_fault(made, ids, calls)), request);
    }
    const Bridge& bridge = *context.engine.find_bridge(made.leg);
    std::string location;
    append_bridge_url(location, bridge, location_text(request, context));
    ApiReply reply = about_bridge(created_answer(location), bridge);
    reply.location = std::move(location);
    return reply;
}

ApiReply get_bridge(const ApiRequest& request, ApiContext& context) {
    const Bridge* const bridge = find_bridge(request, context, request.ids[0]);
    if (bridge == nullptr) {
        return bridge_not_found(request);
    }
    std::string body;
    append_bridge(body, *bridge, resource_text(request, context));
    return about_bridge(json_answer(std::move(body)), *bridge);
}

ApiReply update_bridge(const ApiRequest& request, ApiContext& context) {
    const Bridge* const bridge = find_bridge(request, context, request.ids[0]);
    if (bridge == nullptr) {
        return bridge_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, bridge->id);
    }
    auto read = read_bridge_request(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, bridge->id);
    }
    const auto& wanted = std::get<BridgeRequest>(read);
    const std::vector<std::string> ids = wanted.call_ids.value_or(std::vector<std::string>{});
    std::optional<std::vector<CallId>> calls;
    if (wanted.call_ids) {
        calls = calls_of(ids, request, context);
    }
    const CallId id = bridge->id;
    const Outcome outcome = context.engine.update_bridge(id, wanted.audio, calls, context.now);
    if (outcome.refusal != Refusal::none) {
        const auto at_fault = calls ? text_at_fault(outcome, ids, *calls) : std::string_view{};
        return refuse(bridge_error(outcome.refusal, request.ids[0], at_fault), request, id);
    }
    return about_item(done_answer(), id);
}

ApiReply post_bridge_audio(const ApiRequest& request, ApiContext& context) {
    const Bridge* const bridge = find_bridge(request, context, request.ids[0]);
    if (bridge == nullptr) {
        return bridge_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, bridge->id);
    }
    auto wanted = read_group_audio(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request, bridge->id);
    }
    const BridgeInput input = std::visit([](auto& audio) { return BridgeInput{std::move(audio)}; },
                                         std::get<std::variant<Play, StopPlaying>>(wanted));
    const Outcome outcome = context.engine.apply(bridge->id, input, context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(bridge_error(outcome.refusal, request.ids[0], ""), request, bridge->id);
    }
    return about_bridge(done_answer(), *bridge);
}

ApiReply list_bridge_calls(const ApiRequest& request, ApiContext& context) {
    const Bridge* const bridge = find_bridge(request, context, request.ids[0]);
    if (bridge == nullptr) {
        return bridge_not_found(request);
    }
    std::string body{"["};
    for (const BridgedCall& one : bridge->calls) {
        body += body.size() > 1 ? "," : "";
        append_call(body, *context.engine.find(one.call), resource_text(request, context));
    }
    return about_bridge(json_answer(body + "]"), *bridge);
}

}  // namespace ringback
