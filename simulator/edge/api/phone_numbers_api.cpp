#include "simulator/edge/api/phone_numbers_api.h"

#include <optional>
#include <utility>

#include "simulator/edge/api/applications_api.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/number_json.h"
#include "simulator/wire/number_request.h"

namespace ringback {
namespace {

/// What GET phoneNumbers may be narrowed to.
struct NumberFilter {
    std::optional<std::string_view> name;
    std::optional<std::string_view> city;
    std::optional<std::string_view> state;
    std::optional<std::uint64_t> application;  // 0: an id that is nobody's, which finds nothing
    bool released{false};

    [[nodiscard]] bool matches(const PhoneNumber& number) const {
        return !released && (!name || *name == number.name) &&
               (!city || equal_ignoring_case(*city, number.city)) &&
               (!state || equal_ignoring_case(*state, number.state)) &&
               (!application || (*application != 0 && *application == number.application));
    }
};

Intake<NumberFilter> read_number_filter(const Query& query, const ApiRequest& request,
                                        const ApiContext& context) {
    NumberFilter filter;
    filter.name = query.value("name");
    filter.city = query.value("city");
    filter.state = query.value("state");
    if (const auto id = query.value("applicationId")) {
        filter.application = find_application(request, context, *id);
    }
    if (const auto state = query.value("numberState")) {
        filter.released = same_word(*state, "released");
        if (!filter.released && !same_word(*state, "enabled")) {
            return validation_error(
                "The query parameter 'numberState' must be one of the following values: enabled, "
                "released");
        }
    }
    return filter;
}

/// What the path names, by id or by number; null if there is none.
const PhoneNumber* named_number(const ApiRequest& request, const ApiContext& context) {
    const Directory* const directory = directory_of(request, context);
    if (directory == nullptr) {
        return nullptr;
    }
    if (const auto id =
            context.ids.decode(IdKind::phone_number, request.ids[0], request.user_hash)) {
        return directory->number(id->call_number);
    }
    std::string dialled = request.ids[0];
    if (dialled.starts_with(' ')) {
        dialled.front() = '+';  // spec v1 1.3
    }
    return directory->number(dialled);
}

ApiReply no_number(const ApiRequest& request) {
    return refuse(DirectoryRefusal::no_such_number, request, request.ids[0]);
}

/// What the body asks for, over what there is, with the application found; or the answer instead.
std::variant<PhoneNumber, ApiReply> wanted_number(const ApiRequest& request,
                                                  const ApiContext& context,
                                                  const PhoneNumber* before) {
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_number(std::get<RequestBody>(body), before);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<NumberRequest>(read);
    if (wanted.application_id) {
        const std::string& id = *wanted.application_id;
        wanted.number.application = id.empty() ? 0 : find_application(request, context, id);
        if (!id.empty() && wanted.number.application == 0) {
            return no_application(request, context, id);
        }
    }
    return std::move(wanted.number);
}

}  // namespace

ApiReply list_numbers(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    auto read = read_number_filter(query, request, context);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& filter = std::get<NumberFilter>(read);
    Listing listing{page};
    if (const Directory* const directory = directory_of(request, context)) {
        directory->numbers().newest_first([&](const PhoneNumber& number) {
            if (!filter.matches(number)) {
                return true;
            }
            if (std::string* const place = listing.place()) {
                append_number(*place, number, resource_text(request, context));
            }
            return !listing.complete();
        });
    }
    return listing.reply(request, "phoneNumbers", query);
}

ApiReply create_number(const ApiRequest& request, ApiContext& context) {
    auto wanted = wanted_number(request, context, nullptr);
    if (auto* const refused = std::get_if<ApiReply>(&wanted)) {
        return std::move(*refused);
    }
    auto& number = std::get<PhoneNumber>(wanted);
    const std::string dialled = number.number;
    const DirectoryOutcome outcome = context.engine.apply(
        context.engine.user(request.user), AddNumber{std::move(number)}, context.now);
    if (outcome.refusal != DirectoryRefusal::none) {
        return refuse(outcome.refusal, request, dialled);
    }
    std::string location;
    append_number_url(location, outcome.id, location_text(request, context));
    return created_item(std::move(location));
}

ApiReply get_number(const ApiRequest& request, ApiContext& context) {
    const PhoneNumber* const number = named_number(request, context);
    if (number == nullptr) {
        return no_number(request);
    }
    std::string body;
    append_number(body, *number, resource_text(request, context));
    return shown_item(std::move(body));
}

ApiReply update_number(const ApiRequest& request, ApiContext& context) {
    const PhoneNumber* const before = named_number(request, context);
    if (before == nullptr) {
        return no_number(request);
    }
    auto wanted = wanted_number(request, context, before);
    if (auto* const refused = std::get_if<ApiReply>(&wanted)) {
        return std::move(*refused);
    }
    const DirectoryOutcome outcome = context.engine.apply(
        context.engine.user(request.user),
        ChangeNumber{before->id, std::get<PhoneNumber>(std::move(wanted))}, context.now);
    return outcome.refusal == DirectoryRefusal::none
               ? done_item()
               : refuse(outcome.refusal, request, request.ids[0]);
}

ApiReply delete_number(const ApiRequest& request, ApiContext& context) {
    const PhoneNumber* const known = named_number(request, context);
    if (known == nullptr) {
        return no_number(request);
    }
    const DirectoryOutcome outcome = context.engine.apply(context.engine.user(request.user),
                                                          RemoveNumber{known->id}, context.now);
    return outcome.refusal == DirectoryRefusal::none
               ? done_item()
               : refuse(outcome.refusal, request, request.ids[0]);
}

}  // namespace ringback
