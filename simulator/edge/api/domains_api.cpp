#include "simulator/edge/api/domains_api.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/edge/api/applications_api.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/domain_json.h"
#include "simulator/wire/domain_request.h"

namespace ringback {
namespace {

ApiError conflict(std::string_view code, std::string message) {
    return {409, "conflict", std::string{code}, std::move(message), {}};
}

}  // namespace

const SipDomain* find_domain(const ApiRequest& request, const ApiContext& context) {
    const auto id = context.ids.decode(IdKind::domain, request.ids[0], request.user_hash);
    const User* const user = id ? context.engine.find_user(request.user) : nullptr;
    return user != nullptr && user->domains
               ? user->domains->find(static_cast<std::uint32_t>(id->call_number))
               : nullptr;
}

ApiReply refuse(DomainRefusal refusal, const ApiRequest& request) {
    switch (refusal) {
        case DomainRefusal::duplicate_domain:
            return refuse(conflict("duplicate-domain", "A domain of that name already exists"),
                          request);
        case DomainRefusal::duplicate_endpoint:
            return refuse(conflict("duplicate-endpoint",
                                   "An endpoint of that name already exists in the domain"),
                          request);
        case DomainRefusal::too_many_domains:
            return refuse(
                validation_error(fmt::format("The number of domains exceeds the limit of {}",
                                             Domains::most_domains)),
                request);
        case DomainRefusal::too_many_endpoints:
            return refuse(validation_error(fmt::format(
                              "The number of endpoints in the domain exceeds the limit of {}",
                              Domains::most_endpoints)),
                          request);
        case DomainRefusal::no_room:
            return busy(request, "gateway-unavailable", "domains and endpoints");
        case DomainRefusal::none:
        case DomainRefusal::no_such_domain:
        case DomainRefusal::no_such_endpoint:
        case DomainRefusal::no_such_token:
            break;
    }
    return refuse(resource_not_found(), request);
}

ApiReply list_domains(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    const User* const user = context.engine.find_user(request.user);
    if (user != nullptr && user->domains) {
        const auto& all = user->domains->all();
        for (auto at = all.rbegin(); at != all.rend() && !listing.complete(); ++at) {
            if (std::string* const place = listing.place()) {
                append_domain(*place, at->second, resource_text(request, context));
            }
        }
    }
    return listing.reply(request, "domains", query);
}

ApiReply create_domain(const ApiRequest& request, ApiContext& context) {
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_domain(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    User& user = context.engine.user(request.user);
    const DomainOutcome outcome = context.engine.apply(
        user, DomainCommand{std::move(std::get<CreateDomain>(read))}, context.now);
    if (outcome.refusal != DomainRefusal::none) {
        return refuse(outcome.refusal, request);
    }
    std::string location;
    append_domain_url(location, *user.domains->find(outcome.change.domain),
                      location_text(request, context));
    return created_item(std::move(location));
}

ApiReply get_domain(const ApiRequest& request, ApiContext& context) {
    const SipDomain* const domain = find_domain(request, context);
    if (domain == nullptr) {
        return refuse(DomainRefusal::no_such_domain, request);
    }
    std::string body;
    append_domain(body, *domain, resource_text(request, context));
    return shown_item(std::move(body));
}

ApiReply delete_domain(const ApiRequest& request, ApiContext& context) {
    const SipDomain* const domain = find_domain(request, context);
    if (domain == nullptr) {
        return refuse(DomainRefusal::no_such_domain, request);
    }
    context.engine.apply(context.engine.user(request.user),
                         DomainCommand{DeleteDomain{domain->number}}, context.now);
    return done_item();
}

}  // namespace ringback
