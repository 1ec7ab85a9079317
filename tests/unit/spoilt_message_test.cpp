#include "simulator/edge/spoilt_message.h"

#include <catch2/catch.hpp>
#include <string>

using namespace ringback;

namespace {

const std::string whole_post{
    "POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"};

std::string with_length_error(std::string message, int error) {
    WireFault fault;
    fault.length_error = error;
    spoil(message, fault);
    return message;
}

}  // namespace

TEST_CASE("spoilt message: another Content-Length, and nothing else changes", "[edge][faults]") {
    CHECK(with_length_error(whole_post, 5) ==
          "POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n0123456789");
    CHECK(with_length_error(whole_post, -8) ==
          "POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n0123456789");
    CHECK(with_length_error(whole_post, -100) ==
          "POST /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n0123456789");
}

TEST_CASE("spoilt message: one without a length can only get one that is too large",
          "[edge][faults]") {
    const std::string get{"GET /cb HTTP/1.1\r\nHost: a\r\n\r\n"};

    CHECK(with_length_error(get, 5) == "GET /cb HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    CHECK(with_length_error(get, -5) == get);
    CHECK(with_length_error("GET / HTTP/1.1\r\n\r\n\r\nContent-Length: 1\r\n", 5) ==
          "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n\r\nContent-Length: 1\r\n");
}

TEST_CASE("spoilt message: garbage is no HTTP, and the same every time", "[edge][faults]") {
    WireFault fault;
    fault.garbage = true;
    for (const std::size_t size : {0U, 1U, 60U, 5000U, 100'000U}) {
        std::string message(size, 'x');
        std::string again(size, 'y');
        spoil(message, fault);
        spoil(again, fault);
        CAPTURE(size);
        CHECK(message == again);
        CHECK(message.size() >= 16);
        CHECK(message.size() <= 4096);
        CHECK(static_cast<unsigned char>(message.front()) >= 0x80);
        CHECK(message.ends_with("\r\n\r\n"));
        CHECK(message.find("HTTP") == std::string::npos);
    }
}

TEST_CASE("spoilt message: half of it is its head and half its body", "[edge][faults]") {
    WireFault fault;
    fault.half_body = true;
    CHECK(leaving(whole_post, fault) == whole_post.size() - 5);
    fault.limit = 7;
    CHECK(leaving(whole_post, fault) == 7);
    CHECK(leaving(whole_post, {}) == whole_post.size());
    CHECK(leaving("no head at all", {}) == 14);
}
