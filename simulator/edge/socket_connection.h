#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "simulator/edge/http_connection.h"
#include "simulator/edge/tcp.h"

namespace ringback {

/// A connection over plain TCP, or over TLS where `tls` (which must outlive it) is given.
[[nodiscard]] std::shared_ptr<HttpConnection> make_connection(std::shared_ptr<Front> front,
                                                              TcpSocket socket,
                                                              boost::asio::ssl::context* tls);

}  // namespace ringback
