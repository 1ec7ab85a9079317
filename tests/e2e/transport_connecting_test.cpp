// Receivers that cannot even be connected to, and do not say so.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>

#include "tests/support/attempts.h"
#include "tests/support/hostile.h"
#include "tests/support/raw_client.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

/// Listens and never accepts, its queue full: what knocks then is not answered at all.
class FullListener {
public:
    FullListener() : descriptor_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        // NOLINTBEGIN(*reinterpret-cast): the system's own way
        auto* const address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(descriptor_, address, size) != 0 || ::listen(descriptor_, 0) != 0 ||
            ::getsockname(descriptor_, address, &size) != 0) {
            throw std::system_error{errno, std::generic_category(), "a listener"};
        }
        // NOLINTEND(*reinterpret-cast)
        port_ = ntohs(at.sin_port);
        // A queue of none takes one all the same.
        waiting_ = std::make_unique<RawClient>(port_);
    }
    FullListener(const FullListener&) = delete;
    FullListener& operator=(const FullListener&) = delete;
    ~FullListener() { ::close(descriptor_); }

    [[nodiscard]] std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::string url() const { return "http://" + authority() + "/cb"; }

private:
    int descriptor_;
    std::uint16_t port_{0};
    std::unique_ptr<RawClient> waiting_;
};

}  // namespace

TEST_CASE("hostile receiver: a connection that is never made is given up after two seconds",
          "[edge][transport][hostile]") {
    const FullListener there;
    Attempts attempts;
    const auto begun = std::chrono::steady_clock::now();

    const auto result = attempts.make(there.url());

    const auto took = std::chrono::steady_clock::now() - begun;
    CHECK(result.end == AttemptEnd::could_not_connect);
    CHECK(result.error == "not connected within 2000 ms (" + there.authority() + ")");
    CHECK(result.connected == WallInstant::min());
    CHECK(took >= 2s);
    CHECK(took < 4s);  // its own timeout is 5 s
}

TEST_CASE("hostile receiver: the deadline of a try counts while it connects, too",
          "[edge][transport][hostile]") {
    const FullListener there;
    Attempts attempts;

    const auto result = attempts.make(there.url(), "{}", Method::post, short_timeout);

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.connected == WallInstant::min());
}
