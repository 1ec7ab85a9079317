#pragma once

#include <string>

#include "harness/cli/flags.h"
#include "simulator/edge/settings.h"

namespace ringback {

// Flags of certificates and of signatures, and what must hold between them.

/// Of the API's TLS port: --https-port, --cert, --key, --tls-dir, --client-ca. `folder` is where a
/// certificate that ringback makes is kept; "" = a temporary one.
void add_https_flags(Flags& flags, ServerSettings& server, std::string& folder);
/// What must hold between them; adds to flags.problems().
void check_https(const ServerSettings& server, const std::string& folder, Flags& flags);

/// Of callbacks to https receivers: --callback-cert, --callback-key.
void add_callback_certificate_flags(Flags& flags, DeliverySettings& delivery);

/// --signing-secret-file. RINGBACK_SIGNING_SECRET holds secrets themselves and is read at once; one
/// that is none becomes a problem. No secret can be given as a flag: the process list shows those.
void add_signing_flag(Flags& flags, DeliverySettings& delivery);

}  // namespace ringback
