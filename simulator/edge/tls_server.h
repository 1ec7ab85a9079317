#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "simulator/core/result.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What the https port of the API is spoken with: TLS 1.2 or newer, the certificate of the
/// settings; with `client_ca_file` only clients whose certificate comes from there get any further
/// than the handshake. Errors: where: the file.
[[nodiscard]] Result<std::unique_ptr<boost::asio::ssl::context>> tls_server(
    const ServerSettings& settings);

}  // namespace ringback
