#include "simulator/edge/api/endpoints_api.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/applications_api.h"
#include "simulator/edge/api/domains_api.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/domain_json.h"
#include "simulator/wire/domain_request.h"

namespace ringback {
namespace {

/// What the path names; refused is none if both are there.
struct FoundEndpoint {
    const SipDomain* domain{nullptr};
    const SipEndpoint* endpoint{nullptr};
    DomainRefusal refused{DomainRefusal::none};
};

FoundEndpoint find_endpoint(const ApiRequest& request, const ApiContext& context) {
    const SipDomain* const domain = find_domain(request, context);
    if (domain == nullptr) {
        return {nullptr, nullptr, DomainRefusal::no_such_domain};
    }
    const auto id = context.ids.decode(IdKind::endpoint, request.ids[1], request.user_hash);
    const auto at = id && id->call_number == domain->number ? domain->endpoints.find(id->sub)
                                                            : domain->endpoints.end();
    if (at == domain->endpoints.end()) {
        return {domain, nullptr, DomainRefusal::no_such_endpoint};
    }
    return {domain, &at->second, DomainRefusal::none};
}

/// An endpoint's application must be one of the account's; "" is none. Source: spec v1 2.7, as for
/// numbers.
std::optional<ApiReply> refuse_application(const std::string& id, const ApiRequest& request,
                                           const ApiContext& context) {
    return id.empty() || find_application(request, context, id) != 0
               ? std::nullopt
               : std::optional{no_application(request, context, id)};
}

/// Hands the command over; 200 or why not.
ApiReply obey(const DomainCommand& command, const ApiRequest& request, ApiContext& context) {
    const DomainOutcome outcome =
        context.engine.apply(context.engine.user(request.user), command, context.now);
    return outcome.refusal == DomainRefusal::none ? done_item() : refuse(outcome.refusal, request);
}

}  // namespace

ApiReply list_endpoints(const ApiRequest& request, ApiContext& context) {
    const SipDomain* const domain = find_domain(request, context);
    if (domain == nullptr) {
        return refuse(DomainRefusal::no_such_domain, request);
    }
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    const auto& all = domain->endpoints;
    for (auto at = all.rbegin(); at != all.rend() && !listing.complete(); ++at) {
        if (std::string* const place = listing.place()) {
            append_endpoint(*place, *domain, at->second, resource_text(request, context));
        }
    }
    return listing.reply(request, "domains/" + request.ids[0] + "/endpoints", query);
}

ApiReply create_endpoint(const ApiRequest& request, ApiContext& context) {
    const SipDomain* const domain = find_domain(request, context);
    if (domain == nullptr) {
        return refuse(DomainRefusal::no_such_domain, request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_endpoint(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<CreateEndpoint>(read);
    if (auto refused = refuse_application(wanted.application_id, request, context)) {
        return *std::move(refused);
    }
    wanted.domain = domain->number;
    User& user = context.engine.user(request.user);
    const DomainOutcome outcome =
        context.engine.apply(user, DomainCommand{std::move(wanted)}, context.now);
    if (outcome.refusal != DomainRefusal::none) {
        return refuse(outcome.refusal, request);
    }
    std::string location;
    append_endpoint_url(location, *domain,
                        *user.domains->find(domain->number, outcome.change.endpoint),
                        location_text(request, context));
    return created_item(std::move(location));
}

ApiReply get_endpoint(const ApiRequest& request, ApiContext& context) {
    const FoundEndpoint found = find_endpoint(request, context);
    if (found.endpoint == nullptr) {
        return refuse(found.refused, request);
    }
    std::string body;
    append_endpoint(body, *found.domain, *found.endpoint, resource_text(request, context));
    return shown_item(std::move(body));
}

ApiReply update_endpoint(const ApiRequest& request, ApiContext& context) {
    const FoundEndpoint found = find_endpoint(request, context);
    if (found.endpoint == nullptr) {
        return refuse(found.refused, request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_endpoint_update(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<UpdateEndpoint>(read);
    if (auto refused = refuse_application(wanted.application_id.value_or(""), request, context)) {
        return *std::move(refused);
    }
    wanted.domain = found.domain->number;
    wanted.endpoint = found.endpoint->number;
    return obey(DomainCommand{std::move(wanted)}, request, context);
}

ApiReply delete_endpoint(const ApiRequest& request, ApiContext& context) {
    const FoundEndpoint found = find_endpoint(request, context);
    if (found.endpoint == nullptr) {
        return refuse(found.refused, request);
    }
    return obey(DeleteEndpoint{found.domain->number, found.endpoint->number}, request, context);
}

ApiReply create_endpoint_token(const ApiRequest& request, ApiContext& context) {
    const FoundEndpoint found = find_endpoint(request, context);
    if (found.endpoint == nullptr) {
        return refuse(found.refused, request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request);
    }
    auto read = read_token(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    auto& wanted = std::get<CreateToken>(read);
    wanted.domain = found.domain->number;
    wanted.endpoint = found.endpoint->number;
    const DomainOutcome outcome =
        context.engine.apply(context.engine.user(request.user), DomainCommand{wanted}, context.now);
    if (outcome.refusal != DomainRefusal::none) {
        return refuse(outcome.refusal, request);
    }
    std::string shown;
    append_token(shown, outcome.change.token,
                 std::chrono::duration_cast<std::chrono::seconds>(wanted.lifetime).count(),
                 resource_text(request, context));
    ApiReply reply = shown_item(std::move(shown));
    reply.response.status = 201;
    return reply;
}

ApiReply delete_endpoint_token(const ApiRequest& request, ApiContext& context) {
    const FoundEndpoint found = find_endpoint(request, context);
    if (found.endpoint == nullptr) {
        return refuse(found.refused, request);
    }
    const auto token =
        context.ids.decode(IdKind::endpoint_token, request.ids[2], request.user_hash);
    if (!token) {
        return refuse(DomainRefusal::no_such_token, request);
    }
    return obey(DeleteToken{found.domain->number, found.endpoint->number, token->call_number},
                request, context);
}

}  // namespace ringback
