#include "simulator/edge/api/conferences_api.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/conference_json.h"
#include "simulator/wire/conference_request.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// What all commands have in common: find the conference, read the body, judge it, hand it over.
/// `read` makes an Intake of conference and body.
template <class Read>
ApiReply order(const ApiRequest& request, ApiContext& context, Read read) {
    const Conference* const conference = find_conference(request, context, request.ids[0]);
    if (conference == nullptr) {
        return conference_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, conference->id);
    }
    Intake<ConferenceInput> wanted = read(*conference, std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request, conference->id);
    }
    const Outcome outcome =
        context.engine.apply(conference->id, std::get<ConferenceInput>(wanted), context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(conference_refusal(outcome.refusal, *conference, request.ids[0]), request,
                      conference->id);
    }
    return changed_conference(done_answer(), *conference);
}

}  // namespace

ApiReply conference_not_found(const ApiRequest& request) {
    return refuse(not_found("conference", "conferenceId", request.ids[0]), request);
}

ApiError conference_error(const Conference& conference, std::string_view id) {
    ApiError error = forbidden("forbidden", "conference-error",
                               fmt::format("Unable to update conference {}. Invalid conference "
                                           "state {}",
                                           id, word(conference.state)));
    error.details.emplace_back("conferenceId", id);
    return error;
}

ApiError conference_refusal(Refusal refusal, const Conference& conference, std::string_view id) {
    switch (refusal) {
        case Refusal::conference_over:
            return conference_error(conference, id);
        case Refusal::conference_full:
            return forbidden(
                "limit", "conference-max-members",
                fmt::format("The conference {} reached the max number of members", id));
        case Refusal::nothing_playing:
            return forbidden("forbidden", "call-audio-invalid-state",
                             fmt::format("The audio for conference {} could not be updated. The "
                                         "audio has already finished or does not exist.",
                                         id));
        case Refusal::member_left:
            return forbidden("forbidden", "conference-error",
                             fmt::format("Unable to update a member of conference {}. Invalid "
                                         "member state {}",
                                         id, member_word(true)));
        case Refusal::already_member:
            return {409,
                    "conflict",
                    "conference-member-update-conflict",
                    "The call is an active member of a conference already",
                    {}};
        case Refusal::none:
        case Refusal::no_such_item:
        case Refusal::invalid_state:  // of a call: refusal_error
        case Refusal::already_ended:
        case Refusal::other_conference:  // conference_members_api.cpp
        case Refusal::no_room:
        case Refusal::too_many_calls:  // of bridges
        case Refusal::in_another_bridge:
        case Refusal::call_not_active:
        case Refusal::no_active_calls:
        case Refusal::bridge_is_over:
        case Refusal::duplicate_gather:
        case Refusal::recording_in_progress:
        case Refusal::recording_not_ready:
            break;
    }
    return resource_not_found();
}

ApiReply list_conferences(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    if (const User* const user = context.engine.find_user(request.user)) {
        user->conferences.newest_first([&](const Conference& conference) {
            if (std::string* const place = listing.place()) {
                append_conference(*place, conference, resource_text(request, context));
            }
            return !listing.complete();
        });
    }
    return listing.reply(request, "conferences", query);
}

ApiReply create_conference(const ApiRequest& request, ApiContext& context) {
    if (context.overloaded) {
        return busy(request, no_room_for_conferences, "conferences or undelivered events");
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_conference(std::get<RequestBody>(body), context.refuse_url);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<NewConference>(read);
    if (auto refused = refuse_sender(wanted.from, request, context)) {
        return refuse(std::move(*refused), request);
    }
    const Conference* const conference =
        context.engine.create(context.engine.user(request.user), std::move(wanted), context.now);
    if (conference == nullptr) {
        return busy(request, no_room_for_conferences, "conferences or undelivered events");
    }
    std::string location;
    append_conference_url(location, conference->id, location_text(request, context));
    ApiReply reply = changed_conference(created_answer(location), *conference);
    reply.location = std::move(location);
    return reply;
}

ApiReply get_conference(const ApiRequest& request, ApiContext& context) {
    const Conference* const conference = find_conference(request, context, request.ids[0]);
    if (conference == nullptr) {
        return conference_not_found(request);
    }
    std::string body;
    append_conference(body, *conference, resource_text(request, context));
    return about_conference(json_answer(std::move(body)), *conference);
}

ApiReply update_conference(const ApiRequest& request, ApiContext& context) {
    return order(
        request, context,
        [&](const Conference& conference, const RequestBody& body) -> Intake<ConferenceInput> {
            auto update = read_conference_update(body, conference, context.refuse_url);
            if (auto* const wrong = std::get_if<ApiError>(&update)) {
                return std::move(*wrong);
            }
            return ConferenceInput{std::move(std::get<UpdateConference>(update))};
        });
}

ApiReply post_conference_audio(const ApiRequest& request, ApiContext& context) {
    return order(request, context,
                 [](const Conference&, const RequestBody& body) -> Intake<ConferenceInput> {
                     auto wanted = read_group_audio(body);
                     if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
                         return std::move(*wrong);
                     }
                     return std::visit(
                         [](auto& input) { return ConferenceInput{std::move(input)}; },
                         std::get<std::variant<Play, StopPlaying>>(wanted));
                 });
}

}  // namespace ringback
