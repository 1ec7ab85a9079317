#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "simulator/core/result.h"
#include "simulator/edge/http.h"
#include "simulator/edge/listener.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/shortage.h"

namespace ringback {

struct Front;

/// HTTP/1.1 (and 1.0) on the event loop, plain and TLS: strict heads, bounded everything, one
/// answer to one request. All members and all calls of the handler are for the loop's thread.
///
/// Each connection has one deadline, swept by one timer that only runs while there are connections,
/// so an idle server does not wake up. The handler's request_begins, request_ends and refuse must
/// not throw; an exception out of admit or handle becomes a 500.
class HttpServer {
public:
    /// `loop` and `handler` outlive the server. After close_all (which the destructor does) no call
    /// goes to the handler any more, but the after_sent of answers that were being written run on
    /// the loop's next turns.
    HttpServer(boost::asio::io_context& loop, const ServerSettings& settings, HttpHandler& handler);
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();

    /// Binds `port`, and `https_port` if set, and begins to accept: the plain port's number. Errors
    /// name the address and port, or the certificate or key file, and the reason; nothing is bound
    /// then.
    Result<std::uint16_t> listen();
    /// The TLS port's number once listening; none without https_port.
    [[nodiscard]] std::optional<std::uint16_t> https_port() const { return https_port_; }

    /// A plain client that somebody else has accepted, on this loop; listen() or not.
    void take(TcpSocket client) { accepted(std::move(client), false); }
    /// No new clients; those connected are served on.
    void stop_accepting();
    /// Cuts every connection, answers under way included.
    void close_all();
    /// Open ones, those that linger after their last answer included.
    [[nodiscard]] std::size_t connections() const;

private:
    Result<std::uint16_t> open(std::uint16_t port, bool tls);
    void accepted(TcpSocket socket, bool tls);
    [[nodiscard]] bool is_full() const;
    [[nodiscard]] Shortage::Settings told_when_full();
    void arm_sweep();
    void sweep();

    boost::asio::io_context& loop_;
    std::shared_ptr<Front> front_;
    // Shared with the connections' life by ending all of them before it.
    std::unique_ptr<boost::asio::ssl::context> tls_;
    std::shared_ptr<Listener> plain_listener_;
    std::shared_ptr<Listener> tls_listener_;
    std::optional<std::uint16_t> https_port_;
    LoopTimer sweeper_;
    std::shared_ptr<bool>
        gone_;  // true once the server is destroyed; for what is still queued on the loop
    bool sweeping_{false};
    Shortage full_;  // of connections
};

}  // namespace ringback
