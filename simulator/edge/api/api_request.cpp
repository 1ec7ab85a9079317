#include "simulator/edge/api/api_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// What an id in a path is called in the details of an error, by the part before it. Source: spec
/// v1 1.6.
std::string_view id_name_behind(std::string_view collection) {
    using Name = std::pair<std::string_view, std::string_view>;
    constexpr std::array names{
        Name{"calls", "callId"},           Name{"gather", "gatherId"},
        Name{"recordings", "recordingId"}, Name{"transcriptions", "transcriptionId"},
        Name{"messages", "messageId"},     Name{"media", "mediaName"},
        Name{"bridges", "bridgeId"},       Name{"conferences", "conferenceId"},
        Name{"members", "memberId"},       Name{"applications", "applicationId"},
        Name{"phoneNumbers", "numberId"},  Name{"domains", "domainId"},
        Name{"endpoints", "endpointId"},   Name{"tokens", "tokenId"},
        Name{"errors", "errorId"},         Name{"events", "eventId"}};
    const auto* const found = std::ranges::find(names, collection, &Name::first);
    return found == names.end() ? std::string_view{} : found->second;
}

/// What is not harmless to show is left out.
void name_resource(ErrorDetails& details, const ApiRequest& request, CallId call) {
    const auto add = [&details](std::string_view name, std::string_view id) {
        if (const auto shown = name.empty() ? std::nullopt : echoable(id)) {
            details.emplace_back(name, *shown);
        }
    };
    const auto [collection, place] = request.last_id;
    if (call == CallId::none || collection == "members") {
        add(id_name_behind(collection), request.ids.at(place));
    }
    if (call != CallId::none) {
        add(id_name(resource_of(call)), request.ids[0]);
    }
}

}  // namespace

FoundItem find_item(const ApiRequest& request, const ApiContext& context, IdKind kind,
                    std::string_view id) {
    const auto decoded = context.ids.decode(kind, id, request.user_hash);
    const User* const user = decoded ? context.engine.find_user(request.user) : nullptr;
    const Call* const call = user != nullptr ? user->calls.find(decoded->call_number) : nullptr;
    return call != nullptr ? FoundItem{call, decoded->sub} : FoundItem{};
}

const Call* find_call(const ApiRequest& request, const ApiContext& context, std::string_view id) {
    return find_item(request, context, IdKind::call, id).call;
}

const Message* find_message(const ApiRequest& request, const ApiContext& context,
                            std::string_view id) {
    const auto decoded = context.ids.decode(IdKind::message, id, request.user_hash);
    const User* const user = decoded ? context.engine.find_user(request.user) : nullptr;
    return user != nullptr ? user->messages.find(decoded->call_number) : nullptr;
}

const Bridge* find_bridge(const ApiRequest& request, const ApiContext& context,
                          std::string_view id) {
    const auto decoded = context.ids.decode(IdKind::bridge, id, request.user_hash);
    const User* const user = decoded ? context.engine.find_user(request.user) : nullptr;
    return user != nullptr ? user->bridges.find(decoded->call_number) : nullptr;
}

const Conference* find_conference(const ApiRequest& request, const ApiContext& context,
                                  std::string_view id) {
    const auto decoded = context.ids.decode(IdKind::conference, id, request.user_hash);
    const User* const user = decoded ? context.engine.find_user(request.user) : nullptr;
    return user != nullptr ? user->conferences.find(decoded->call_number) : nullptr;
}

ApiReply refuse(ApiError error, const ApiRequest& request, CallId call) {
    if (error.details.empty()) {
        name_resource(error.details, request, call);
    }
    ApiReply reply;
    reply.response = provider_error(std::move(error), request.http);
    reply.call = call;
    return reply;
}

ApiReply busy(const ApiRequest& request, std::string_view code, std::string_view what) {
    ApiReply reply =
        refuse({503,
                "unavailable",
                std::string{code},
                fmt::format("ringback holds as many {} as it may; try again later", what),
                {}},
               request);
    say_when_to_come_again(reply.response);
    return reply;
}

ApiError forbidden(std::string_view category, std::string_view code, std::string message) {
    return {403, std::string{category}, std::string{code}, std::move(message), {}};
}

std::optional<ApiError> refuse_sender(const std::string& from, const ApiRequest& request,
                                      const ApiContext& context) {
    if (!context.api.strict_numbers || context.api.numbers.contains(from)) {
        return std::nullopt;
    }
    const User* const user = context.engine.find_user(request.user);
    if (user != nullptr && user->directory && user->directory->number(from) != nullptr) {
        return std::nullopt;
    }
    return ApiError{401,
                    "authorization",
                    "number-access-denied",
                    fmt::format("User {} does not have permission to access number {}",
                                echoable(request.user).value_or("of this path"), from),
                    {}};
}

ApiReply call_not_found(const ApiRequest& request) {
    return refuse(not_found("call", "callId", request.ids[0]), request);
}

std::variant<RequestBody, ApiError> body_of(const ApiRequest& request) {
    auto parsed = RequestBody::parse(request.http.body);
    if (!parsed) {
        return bad_parameters(to_text(parsed.error()));
    }
    return std::move(parsed).value();
}

ApiError refusal_error(Refusal refusal, const Call& call, std::string_view id) {
    const auto forbidden = [&](std::string_view code, std::string message) {
        return ApiError{
            403, "forbidden", std::string{code}, std::move(message), {{"callId", std::string{id}}}};
    };
    const auto conflict = [&](std::string_view code, std::string message) {
        return ApiError{
            409, "conflict", std::string{code}, std::move(message), {{"callId", std::string{id}}}};
    };
    switch (refusal) {
        case Refusal::invalid_state:
            return forbidden(
                "call-invalid-state",
                fmt::format("Unable to update call {}. Invalid call state {}{}", id,
                            word(call.state), is_under_document(call) ? is_of_bxml : ""));
        case Refusal::already_ended:
            return forbidden("call-invalid-state",
                             fmt::format("Unable to update call {}. You can't update the call's "
                                         "state after being set to {}.",
                                         id, word(call.state)));
        case Refusal::nothing_playing:
            return forbidden(
                "call-audio-invalid-state",
                fmt::format("The audio for call {} could not be updated. The audio has "
                            "already finished or does not exist.",
                            id));
        case Refusal::duplicate_gather:
            return conflict("call-duplicate-gather-error",
                            fmt::format("DTMF digits are already being gathered for call {}", id));
        case Refusal::recording_in_progress:
            return conflict("conflicted-recording-values-request",
                            fmt::format("The recording values of call {} cannot be changed while "
                                        "it is being recorded",
                                        id));
        case Refusal::recording_not_ready:
            return forbidden("invalid-recording-state",
                             "Cannot transcribe the recording. The state must be complete");
        case Refusal::no_room:
            return validation_error(
                fmt::format("The number of gathers, recordings or transcriptions of call {} "
                            "exceeds the limit of {}",
                            id, most_parts_of_a_call));
        case Refusal::no_such_item:
        case Refusal::none:
        case Refusal::too_many_calls:  // these are said of bridges
        case Refusal::in_another_bridge:
        case Refusal::call_not_active:
        case Refusal::no_active_calls:
        case Refusal::bridge_is_over:
        case Refusal::conference_over:  // conferences_api.cpp
        case Refusal::conference_full:
        case Refusal::other_conference:
        case Refusal::already_member:
        case Refusal::member_left:
            break;
    }
    return resource_not_found();
}

}  // namespace ringback
