#include "simulator/edge/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cstring>

using namespace ringback;

namespace {

/// The system's structure, as one of its own kind and as the one that its functions take.
template <class Own>
const sockaddr* general(const Own& own, sockaddr_storage& memory) {
    std::memcpy(&memory, &own, sizeof own);
    return reinterpret_cast<const sockaddr*>(&memory);  // NOLINT(*reinterpret-cast*): POSIX
}

}  // namespace

TEST_CASE("ip address: what the system says of either family is read, and of no other",
          "[edge][target]") {
    sockaddr_storage memory{};
    sockaddr_in four{};
    four.sin_family = AF_INET;
    REQUIRE(::inet_pton(AF_INET, "192.0.2.7", &four.sin_addr) == 1);
    CHECK(ip_of(general(four, memory)) == parse_ip("192.0.2.7"));

    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    REQUIRE(::inet_pton(AF_INET6, "2001:db8::7", &six.sin6_addr) == 1);
    CHECK(ip_of(general(six, memory)) == parse_ip("2001:db8::7"));

    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    memory = {};
    CHECK_FALSE(ip_of(general(path, memory)));
    CHECK_FALSE(ip_of(nullptr));  // an interface without an address
}
