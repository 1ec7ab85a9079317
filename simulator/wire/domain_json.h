#pragma once

#include <string>
#include <string_view>

#include "simulator/core/domains.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the domain object: id, name, description if it has one, endpoints (URL).
/// Source: spec v1 2.11.
void append_domain(std::string& out, const SipDomain& domain, const ResourceText& text);

/// Appends the endpoint object: id, name, description and applicationId as far as they are there,
/// domainId, enabled, sipUri, credentials (realm and username, never the password).
/// Source: spec v1 2.11; 9 row 40 for the host.
void append_endpoint(std::string& out, const SipDomain& domain, const SipEndpoint& endpoint,
                     const ResourceText& text);

/// Appends {"token":"...","expires":3600}; `seconds`: how long it is good from now on.
void append_token(std::string& out, std::uint64_t token, std::int64_t seconds,
                  const ResourceText& text);

/// {base}/v1/users/{user}/domains/{id}, unquoted.
void append_domain_url(std::string& out, const SipDomain& domain, const ResourceText& text);
/// .../endpoints/{id} behind it.
void append_endpoint_url(std::string& out, const SipDomain& domain, const SipEndpoint& endpoint,
                         const ResourceText& text);

}  // namespace ringback
