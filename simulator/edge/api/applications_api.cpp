#include "simulator/edge/api/applications_api.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/application_json.h"
#include "simulator/wire/application_request.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// What the path names; null if there is none.
const Application* named_application(const ApiRequest& request, const ApiContext& context) {
    const Directory* const directory = directory_of(request, context);
    return directory == nullptr
               ? nullptr
               : directory->application(find_application(request, context, request.ids[0]));
}

/// What the body asks for, over what there is.
Intake<Application> wanted_application(const ApiRequest& request, const ApiContext& context,
                                       const Application* before) {
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return std::move(*wrong);
    }
    return read_application(std::get<RequestBody>(body), context.refuse_url, before);
}

}  // namespace

const Directory* directory_of(const ApiRequest& request, const ApiContext& context) {
    const User* const user = context.engine.find_user(request.user);
    return user == nullptr ? nullptr : user->directory.get();
}

std::uint64_t find_application(const ApiRequest& request, const ApiContext& context,
                               std::string_view id) {
    const Directory* const directory = directory_of(request, context);
    const auto decoded = context.ids.decode(IdKind::application, id, request.user_hash);
    const bool known =
        decoded && directory != nullptr && directory->application(decoded->call_number) != nullptr;
    return known ? decoded->call_number : 0;
}

ApiReply no_application(const ApiRequest& request, const ApiContext& context, std::string_view id) {
    for (const User* const user : context.engine.users()) {
        const auto decoded = context.ids.decode(IdKind::application, id, user->hash);
        if (decoded && user->directory &&
            user->directory->application(decoded->call_number) != nullptr) {
            ApiError error =
                forbidden("forbidden", "application-access-denied",
                          fmt::format("User {} does not have permission to access application {}",
                                      echoable(request.user).value_or("of this path"), id));
            error.details.emplace_back("applicationId", id);
            return refuse(std::move(error), request);
        }
    }
    return refuse(DirectoryRefusal::no_such_application, request, id);
}

ApiReply refuse(DirectoryRefusal refusal, const ApiRequest& request, std::string_view id) {
    switch (refusal) {
        case DirectoryRefusal::no_such_application:
            return refuse(not_found("application", "applicationId", id), request);
        case DirectoryRefusal::no_such_number:
            return refuse(not_found("number", "numberId", id), request);
        case DirectoryRefusal::duplicate_number:
            return refuse({409,
                           "conflict",
                           "duplicate-number",
                           fmt::format("The number {} is in the account already",
                                       echoable(id).value_or("asked for")),
                           {}},
                          request);
        case DirectoryRefusal::full:
        case DirectoryRefusal::none:
            break;
    }
    return busy(request, "gateway-unavailable", "applications or phone numbers");
}

ApiReply created_item(std::string location) {
    ApiReply reply;
    reply.response = created_answer(location);
    reply.location = std::move(location);
    return reply;
}

ApiReply shown_item(std::string body) {
    ApiReply reply;
    reply.response = json_answer(std::move(body));
    return reply;
}

ApiReply done_item() {
    ApiReply reply;
    reply.response = done_answer();
    return reply;
}

ApiReply list_applications(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    const auto name = query.value("name");
    Listing listing{page};
    if (const Directory* const directory = directory_of(request, context)) {
        directory->applications().newest_first([&](const Application& application) {
            if (name && *name != application.name) {
                return true;
            }
            if (std::string* const place = listing.place()) {
                append_application(*place, application, resource_text(request, context));
            }
            return !listing.complete();
        });
    }
    return listing.reply(request, "applications", query);
}

ApiReply create_application(const ApiRequest& request, ApiContext& context) {
    auto wanted = wanted_application(request, context, nullptr);
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request);
    }
    const DirectoryOutcome outcome = context.engine.apply(
        context.engine.user(request.user),
        CreateApplication{std::get<Application>(std::move(wanted))}, context.now);
    if (outcome.refusal != DirectoryRefusal::none) {
        return refuse(outcome.refusal, request, {});
    }
    std::string location;
    append_application_url(location, outcome.id, location_text(request, context));
    return created_item(std::move(location));
}

ApiReply get_application(const ApiRequest& request, ApiContext& context) {
    const Application* const application = named_application(request, context);
    if (application == nullptr) {
        return no_application(request, context, request.ids[0]);
    }
    std::string body;
    append_application(body, *application, resource_text(request, context));
    return shown_item(std::move(body));
}

ApiReply update_application(const ApiRequest& request, ApiContext& context) {
    const Application* const before = named_application(request, context);
    if (before == nullptr) {
        return no_application(request, context, request.ids[0]);
    }
    auto wanted = wanted_application(request, context, before);
    if (auto* const wrong = std::get_if<ApiError>(&wanted)) {
        return refuse(std::move(*wrong), request);
    }
    const DirectoryOutcome outcome = context.engine.apply(
        context.engine.user(request.user),
        ChangeApplication{before->id, std::get<Application>(std::move(wanted))}, context.now);
    return outcome.refusal == DirectoryRefusal::none
               ? done_item()
               : refuse(outcome.refusal, request, request.ids[0]);
}

ApiReply delete_application(const ApiRequest& request, ApiContext& context) {
    const Application* const known = named_application(request, context);
    if (known == nullptr) {
        return no_application(request, context, request.ids[0]);
    }
    const DirectoryOutcome outcome = context.engine.apply(
        context.engine.user(request.user), RemoveApplication{known->id}, context.now);
    return outcome.refusal == DirectoryRefusal::none
               ? done_item()
               : refuse(outcome.refusal, request, request.ids[0]);
}

}  // namespace ringback
