#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "simulator/core/result.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/target.h"
#include "simulator/edge/tcp.h"

namespace ringback {

using TlsStream = boost::asio::ssl::stream<TcpSocket&>;

struct ForgetTlsSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
/// The latest session of a destination; a resumed handshake costs a fraction of a full one.
using TlsSession = std::unique_ptr<SSL_SESSION, ForgetTlsSession>;

/// How https receivers are spoken to: TLS 1.2 or newer, certificate and host name verified unless
/// switched off; a certificate of our own where the receiver asks for one and there is one.
class TlsClient {
public:
    /// Errors  where: the file of --cacert, --callback-cert or --callback-key, or "--cacert" for
    /// the system's store.
    [[nodiscard]] static Result<std::unique_ptr<TlsClient>> from(const DeliverySettings& settings);

    /// A stream over `socket` that expects the certificate of `host` (a name, or an address if
    /// `is_address`), takes up `session` and keeps its successors there. `session` outlives the
    /// stream's use.
    [[nodiscard]] std::unique_ptr<TlsStream> stream(TcpSocket& socket, const std::string& host,
                                                    bool is_address, TlsSession& session);

    /// Why a handshake failed, for people: the certificate's fault if it was that.
    [[nodiscard]] static std::string reason(TlsStream& stream,
                                            const boost::system::error_code& error);

    /// The same of a connection that was there: what the receiver refused it for, where it said so.
    [[nodiscard]] static std::string failure(std::string_view what,
                                             const boost::system::error_code& error);

    /// To be called before a stream is dropped without the closing alert, which would spoil its
    /// session.
    static void end_quietly(TlsStream& stream);

private:
    explicit TlsClient(bool verify);
    static int keep_session(SSL* ssl, SSL_SESSION* session);

    boost::asio::ssl::context context_;
    bool verify_;
};

}  // namespace ringback
