#pragma once

#include "simulator/edge/api/api_request.h"

namespace ringback {

// Domains of an account: spec v1 2.11.
[[nodiscard]] ApiReply list_domains(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply create_domain(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply get_domain(const ApiRequest& request, ApiContext& context);
[[nodiscard]] ApiReply delete_domain(const ApiRequest& request, ApiContext& context);

// What the endpoints below them need too.

/// The path's domain, null if there is none.
[[nodiscard]] const SipDomain* find_domain(const ApiRequest& request, const ApiContext& context);
/// How the provider says that it cannot be done: 404 resource-not-found has no other code for these
/// (spec v1 1.6), the others are ours.
[[nodiscard]] ApiReply refuse(DomainRefusal refusal, const ApiRequest& request);

}  // namespace ringback
