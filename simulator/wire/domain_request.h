#pragma once

#include <chrono>
#include <cstddef>

#include "simulator/core/domains.h"
#include "simulator/wire/call_request.h"

namespace ringback {

inline constexpr std::size_t shortest_password = 6;  // Latin-1 characters: spec v1 2.11
inline constexpr std::size_t longest_sip_name = 64;
inline constexpr std::size_t longest_description = 1000;                   // characters
inline constexpr std::chrono::seconds usual_token_lifetime{3600};          // the docs' sample
inline constexpr std::chrono::seconds longest_token_lifetime{31'536'000};  // a year: ours

// Each reads one request body against spec v1 2.11 and reports the first thing that is wrong. The
// numbers of the domain and endpoint are the caller's to fill in.

/// POST domains.
[[nodiscard]] Intake<CreateDomain> read_domain(const RequestBody& body);
/// POST domains/{d}/endpoints. The password is judged here and goes no further.
[[nodiscard]] Intake<CreateEndpoint> read_endpoint(const RequestBody& body);
/// POST domains/{d}/endpoints/{e}. A name is ignored: it is the endpoint's address.
[[nodiscard]] Intake<UpdateEndpoint> read_endpoint_update(const RequestBody& body);
/// POST domains/{d}/endpoints/{e}/tokens.
[[nodiscard]] Intake<CreateToken> read_token(const RequestBody& body);

}  // namespace ringback
