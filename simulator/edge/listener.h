#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "simulator/core/result.h"
#include "simulator/edge/shortage.h"
#include "simulator/edge/tcp.h"

namespace ringback {

/// One listening address. Accepts until stopped, whatever accept() says: a lack of descriptors or
/// memory is told of and waited out, everything else concerns one client only.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// Told of each client; runs on the loop and must not throw.
    using Accepted = std::function<void(TcpSocket)>;

    Listener(boost::asio::io_context& loop, Accepted accepted);

    /// Binds and listens; the port it got. Errors name the address and the system's reason.
    Result<std::uint16_t> open(const boost::asio::ip::tcp::endpoint& endpoint);
    void start();
    /// The address it listens on, for people; empty before.
    [[nodiscard]] const std::string& at() const { return at_; }
    void stop() noexcept;  // NOLINT(bugprone-exception-escape): see its definition

private:
    void wait();
    void accept_all() noexcept;
    void back_off();
    [[nodiscard]] boost::system::error_code take(int descriptor);

    boost::asio::io_context& loop_;
    Accepted accepted_;
    TcpAcceptor acceptor_;
    LoopTimer retry_;
    std::string at_;  // the address, for people
    Shortage shortage_;
    bool stopped_{false};
};

}  // namespace ringback
