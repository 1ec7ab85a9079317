#include "simulator/edge/api/conference_members_api.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/conferences_api.h"
#include "simulator/wire/conference_json.h"
#include "simulator/wire/conference_request.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// The member of the path, if it is one of the path's conference.
struct FoundMember {
    const Conference* conference{nullptr};
    std::uint32_t number{0};
    std::optional<ApiReply> refused{};

    [[nodiscard]] const Member& member() const { return conference->members[number - 1]; }
};

FoundMember find_member(const ApiRequest& request, const ApiContext& context) {
    FoundMember found;
    found.conference = find_conference(request, context, request.ids[0]);
    if (found.conference == nullptr) {
        found.refused = conference_not_found(request);
        return found;
    }
    const auto decoded =
        context.ids.decode(IdKind::conference_member, request.ids[1], request.user_hash);
    const bool is_of_it = decoded && decoded->call_number == number_of(found.conference->id) &&
                          decoded->sub != 0 && decoded->sub <= found.conference->members.size();
    if (!is_of_it) {
        found.refused = refuse(not_found("conference-member", "memberId", request.ids[1]), request,
                               found.conference->id);
        return found;
    }
    found.number = decoded->sub;
    return found;
}

ApiError unknown_call(const std::string& call_id) {
    const auto shown = echoable(call_id);
    ApiError error = forbidden("forbidden", "call-id-not-found",
                               fmt::format("Call Id not found. callId {}", shown.value_or("?")));
    if (shown) {
        error.details.emplace_back("callId", *shown);
    }
    return error;
}

/// Why a call could not join.
ApiError refusal_to_join(Refusal refusal, const Conference& conference, const ApiRequest& request,
                         const Call& call, const std::string& call_id) {
    switch (refusal) {
        case Refusal::invalid_state:
        case Refusal::already_ended:
            return refusal_error(refusal, call, call_id);
        case Refusal::other_conference: {
            ApiError error = forbidden(
                "forbidden", "invalid-call-conference-id",
                fmt::format("Invalid conference Id in call. conferenceId {}", request.ids[0]));
            error.details.emplace_back("conferenceId", request.ids[0]);
            return error;
        }
        default:
            return conference_refusal(refusal, conference, request.ids[0]);
    }
}

}  // namespace

ApiReply list_members(const ApiRequest& request, ApiContext& context) {
    const Conference* const conference = find_conference(request, context, request.ids[0]);
    if (conference == nullptr) {
        return conference_not_found(request);
    }
    std::string body{"["};
    for (std::uint32_t number = 1; number <= conference->members.size(); ++number) {
        body += number > 1 ? "," : "";
        append_member(body, *conference, number, resource_text(request, context));
    }
    return about_conference(json_answer(body + "]"), *conference);
}

ApiReply create_member(const ApiRequest& request, ApiContext& context) {
    if (context.overloaded) {
        return busy(request, no_room_for_conferences, "conferences or undelivered events");
    }
    const Conference* const conference = find_conference(request, context, request.ids[0]);
    if (conference == nullptr) {
        return conference_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, conference->id);
    }
    auto read = read_member(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, conference->id);
    }
    auto& [call_id, wanted] = std::get<MemberRequest>(read);
    const Call* const call = find_call(request, context, call_id);
    if (call == nullptr) {
        return refuse(unknown_call(call_id), request, conference->id);
    }
    wanted.call = call->id;
    const Outcome outcome = context.engine.apply(conference->id, wanted, context.now);
    if (outcome.refusal == Refusal::no_room) {
        return busy(request, no_room_for_conferences, "conferences or undelivered events");
    }
    if (outcome.refusal != Refusal::none) {
        return refuse(refusal_to_join(outcome.refusal, *conference, request, *call, call_id),
                      request, conference->id);
    }
    std::string location;
    append_member_url(location, *conference, outcome.number, location_text(request, context));
    ApiReply reply = changed_conference(created_answer(location), *conference);
    reply.location = std::move(location);
    return reply;
}

ApiReply get_member(const ApiRequest& request, ApiContext& context) {
    FoundMember found = find_member(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    std::string body;
    append_member(body, *found.conference, found.number, resource_text(request, context));
    return about_conference(json_answer(std::move(body)), *found.conference);
}

ApiReply update_member(const ApiRequest& request, ApiContext& context) {
    FoundMember found = find_member(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    const CallId id = found.conference->id;
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, id);
    }
    auto update = read_member_update(std::get<RequestBody>(body), found.number);
    if (auto* const wrong = std::get_if<ApiError>(&update)) {
        return refuse(std::move(*wrong), request, id);
    }
    const Outcome outcome = context.engine.apply(id, std::get<UpdateMember>(update), context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(conference_refusal(outcome.refusal, *found.conference, request.ids[0]),
                      request, id);
    }
    return changed_conference(done_answer(), *found.conference);
}

ApiReply post_member_audio(const ApiRequest& request, ApiContext& context) {
    FoundMember found = find_member(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    const Conference& conference = *found.conference;
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, conference.id);
    }
    auto wanted = read_group_audio(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request, conference.id);
    }
    if (!is_active(found.member())) {
        const Refusal why = conference.state == ConferenceState::completed
                                ? Refusal::conference_over
                                : Refusal::member_left;
        return refuse(conference_refusal(why, conference, request.ids[0]), request, conference.id);
    }
    const Call& call = *context.engine.find(found.member().call);  // it stands: it is a member
    const Outcome outcome = std::visit(
        [&](auto& input) {
            return context.engine.apply(call.id, Input{std::move(input)}, context.now);
        },
        std::get<std::variant<Play, StopPlaying>>(wanted));
    if (outcome.refusal != Refusal::none) {
        const std::string call_id =
            context.ids.text(IdKind::call, request.user_hash, number_of(call.id));
        return refuse(refusal_error(outcome.refusal, call, call_id), request, conference.id);
    }
    return changed_call(done_answer(), call);
}

}  // namespace ringback
