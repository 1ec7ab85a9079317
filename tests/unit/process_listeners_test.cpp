#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "harness/process/descriptor.h"
#include "harness/process/listeners.h"

namespace ringback {
namespace {

/// A socket bound to a free port of this machine.
class Socket {
public:
    Socket() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof at;
        auto* const address = reinterpret_cast<sockaddr*>(&at);  // NOLINT(*reinterpret*): POSIX
        REQUIRE(::bind(socket_.get(), address, length) == 0);
        REQUIRE(::getsockname(socket_.get(), address, &length) == 0);
        port_ = ntohs(at.sin_port);
    }
    void listen() const { REQUIRE(::listen(socket_.get(), 1) == 0); }
    void close() { socket_.close(); }
    [[nodiscard]] std::vector<ListeningProcess> listeners(const std::string& host) const {
        return listeners_at(parse_receiver_address(host + ":" + std::to_string(port_)).value());
    }

private:
    Descriptor socket_;
    std::uint16_t port_{};
};

}  // namespace

TEST_CASE("listeners: who listens at a port of this machine is known by number and birth",
          "[process]") {
    Socket socket;
    CHECK(socket.listeners("127.0.0.1").empty());  // it is bound only

    socket.listen();

    const auto found = socket.listeners("127.0.0.1");
    REQUIRE(found.size() == 1);
    CHECK(found[0].process == ::getpid());
    CHECK(std::stoull(found[0].born) > 0);
    CHECK(socket.listeners("localhost") == found);
    socket.close();
    CHECK(socket.listeners("127.0.0.1").empty());
}

TEST_CASE("listeners: of another machine, or one that is only known by name, nothing can be told",
          "[process]") {
    const Socket socket;
    socket.listen();

    CHECK(socket.listeners("192.0.2.1").empty());
    CHECK(socket.listeners("receiver").empty());
}

}  // namespace ringback
