// The bundled receiver: what of the library behind it is not left as it comes.

#include "harness/receiver/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/raw_client.h"

using namespace ringback;
using namespace ringback::test;

namespace bundled_receiver {
namespace {

/// What binding a port that somebody has comes to, for who would share it.
int bind_shared(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(*reinterpret-cast): the system's own way
    const int failed = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    const int error = failed == 0 ? 0 : errno;
    ::close(descriptor);
    return error;
}

}  // namespace

TEST_CASE("receiver: nobody else can listen on its port, and sixty clients at once are all served",
          "[testing]") {
    Receiver receiver{[](const SeenCallback&) { return ReceiverReply{}; }};
    const auto port = receiver.start();
    REQUIRE(port.ok());

    CHECK(bind_shared(port.value()) == EADDRINUSE);

    std::vector<std::unique_ptr<RawClient>> clients;
    for (int n = 0; n < 60; ++n) {
        clients.push_back(std::make_unique<RawClient>(port.value()));
    }
    for (const auto& client : clients) {
        client->send(
            "POST /callback HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
            "2\r\n\r\n{}");
    }
    for (const auto& client : clients) {
        CHECK(client->read_answer().status == 200);
    }
}

TEST_CASE("receiver: a path that would take more stack than a thread has is refused", "[testing]") {
    std::mutex mutex;
    std::vector<std::string> paths;
    Receiver receiver{[&](const SeenCallback& seen) {
        const std::lock_guard lock{mutex};
        paths.push_back(seen.path);
        return ReceiverReply{};
    }};
    const auto port = receiver.start();
    REQUIRE(port.ok());
    const auto asked = [&](std::size_t length) {
        RawClient client{port.value()};
        client.send("GET /" + std::string(length - 1, 'a') +
                    "?a=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return client.read_answer().status;
    };

    CHECK(asked(256) == 200);
    CHECK(asked(257) == 414);
    CHECK(asked(8000) == 414);
    CHECK(asked(2) == 200);

    // The body is read, not taken for the next request.
    RawClient client{port.value()};
    const std::string inner = "GET /inner HTTP/1.1\r\nHost: h\r\n\r\n";
    client.send("POST /" + std::string(300, 'a') + " HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                std::to_string(inner.size()) + "\r\n\r\n" + inner);
    CHECK(client.read_answer().status == 414);
    client.send("POST /next HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]");
    CHECK(client.read_answer().status == 200);
    const std::lock_guard lock{mutex};
    CHECK(paths == std::vector<std::string>{"/" + std::string(255, 'a'), "/a", "/next"});
}

}  // namespace bundled_receiver
