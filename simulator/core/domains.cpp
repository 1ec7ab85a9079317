#include "simulator/core/domains.h"

#include <algorithm>

#include "simulator/core/overloaded.h"

namespace ringback {
namespace {

using What = DomainChanged::What;
using How = DomainChanged::How;

DomainOutcome refused(DomainRefusal why) { return {why, {}}; }

template <class Items>
bool has_name(const Items& items, const std::string& name) {
    return std::any_of(items.begin(), items.end(),
                       [&](const auto& item) { return item.second.name == name; });
}

}  // namespace

DomainOutcome Domains::apply(const DomainCommand& command, Instant now) {
    return std::visit(Overloaded{[&](const CreateDomain& wanted) { return create(wanted); },
                                 [&](const DeleteDomain& wanted) { return erase(wanted); },
                                 [&](const CreateEndpoint& wanted) { return create(wanted); },
                                 [&](const UpdateEndpoint& wanted) { return update(wanted); },
                                 [&](const DeleteEndpoint& wanted) { return erase(wanted); },
                                 [&](const CreateToken& wanted) { return create(wanted, now); },
                                 [&](const DeleteToken& wanted) { return erase(wanted, now); }},
                      command);
}

const SipDomain* Domains::find(std::uint32_t domain) const {
    const auto at = domains_.find(domain);
    return at == domains_.end() ? nullptr : &at->second;
}

const SipEndpoint* Domains::find(std::uint32_t domain, std::uint32_t endpoint) const {
    const SipDomain* const held = find(domain);
    if (held == nullptr) {
        return nullptr;
    }
    const auto at = held->endpoints.find(endpoint);
    return at == held->endpoints.end() ? nullptr : &at->second;
}

Domains::Located Domains::locate(std::uint32_t domain, std::uint32_t endpoint) {
    const auto at = domains_.find(domain);
    if (at == domains_.end()) {
        return {nullptr, nullptr, DomainRefusal::no_such_domain};
    }
    const auto found = at->second.endpoints.find(endpoint);
    if (found == at->second.endpoints.end()) {
        return {&at->second, nullptr, DomainRefusal::no_such_endpoint};
    }
    return {&at->second, &found->second, DomainRefusal::none};
}

DomainOutcome Domains::create(const CreateDomain& wanted) {
    if (domains_.size() >= most_domains) {
        return refused(DomainRefusal::too_many_domains);
    }
    if (has_name(domains_, wanted.name)) {
        return refused(DomainRefusal::duplicate_domain);
    }
    const std::uint32_t number = ++last_domain_;
    domains_.emplace(number, SipDomain{number, wanted.name, wanted.description, 0, {}});
    ++records_;
    return {DomainRefusal::none, {What::domain, How::created, number, 0, 0}};
}

DomainOutcome Domains::erase(const DeleteDomain& wanted) {
    const auto at = domains_.find(wanted.domain);
    if (at == domains_.end()) {
        return refused(DomainRefusal::no_such_domain);
    }
    records_ -= 1 + at->second.endpoints.size();
    domains_.erase(at);
    return {DomainRefusal::none, {What::domain, How::removed, wanted.domain, 0, 0}};
}

DomainOutcome Domains::create(const CreateEndpoint& wanted) {
    const auto at = domains_.find(wanted.domain);
    if (at == domains_.end()) {
        return refused(DomainRefusal::no_such_domain);
    }
    SipDomain& domain = at->second;
    if (domain.endpoints.size() >= most_endpoints) {
        return refused(DomainRefusal::too_many_endpoints);
    }
    if (has_name(domain.endpoints, wanted.name)) {
        return refused(DomainRefusal::duplicate_endpoint);
    }
    const std::uint32_t number = ++domain.last_endpoint;
    domain.endpoints.emplace(
        number,
        SipEndpoint{
            number, wanted.name, wanted.description, wanted.application_id, wanted.enabled, {}});
    ++records_;
    return {DomainRefusal::none, {What::endpoint, How::created, wanted.domain, number, 0}};
}

DomainOutcome Domains::update(const UpdateEndpoint& wanted) {
    const Located at = locate(wanted.domain, wanted.endpoint);
    if (at.endpoint == nullptr) {
        return refused(at.refusal);
    }
    SipEndpoint& endpoint = *at.endpoint;
    endpoint.description = wanted.description.value_or(endpoint.description);
    endpoint.application_id = wanted.application_id.value_or(endpoint.application_id);
    endpoint.enabled = wanted.enabled.value_or(endpoint.enabled);
    return {DomainRefusal::none, {What::endpoint, How::changed, wanted.domain, wanted.endpoint, 0}};
}

DomainOutcome Domains::erase(const DeleteEndpoint& wanted) {
    const Located at = locate(wanted.domain, wanted.endpoint);
    if (at.endpoint == nullptr) {
        return refused(at.refusal);
    }
    at.domain->endpoints.erase(wanted.endpoint);
    --records_;
    return {DomainRefusal::none, {What::endpoint, How::removed, wanted.domain, wanted.endpoint, 0}};
}

/// Those that have expired make room first.
DomainOutcome Domains::create(const CreateToken& wanted, Instant now) {
    const Located at = locate(wanted.domain, wanted.endpoint);
    if (at.endpoint == nullptr) {
        return refused(at.refusal);
    }
    auto& tokens = at.endpoint->tokens;
    std::erase_if(tokens, [&](const EndpointToken& token) { return token.expires_at <= now; });
    if (tokens.size() >= most_tokens) {
        tokens.erase(tokens.begin());
    }
    const std::uint64_t number = ++last_token_;
    tokens.push_back({number, now + wanted.lifetime});
    return {DomainRefusal::none,
            {What::token, How::created, wanted.domain, wanted.endpoint, number}};
}

DomainOutcome Domains::erase(const DeleteToken& wanted, Instant now) {
    const Located at = locate(wanted.domain, wanted.endpoint);
    if (at.endpoint == nullptr) {
        return refused(at.refusal);
    }
    const auto gone = std::erase_if(at.endpoint->tokens, [&](const EndpointToken& token) {
        return token.number == wanted.token && token.expires_at > now;
    });
    if (gone == 0) {
        return refused(DomainRefusal::no_such_token);
    }
    return {DomainRefusal::none,
            {What::token, How::removed, wanted.domain, wanted.endpoint, wanted.token}};
}

}  // namespace ringback
