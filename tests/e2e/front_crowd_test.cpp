#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/front_fixture.h"

namespace ringback::test {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::unique_ptr<RawClient>> crowd(const FrontFixture& front, std::size_t size) {
    std::vector<std::unique_ptr<RawClient>> clients;
    clients.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
        clients.push_back(std::make_unique<RawClient>(front.port));
    }
    return clients;
}

TEST_CASE("front: 500 requests at once are all answered", "[edge][front]") {
    FrontFixture front;
    const auto clients = crowd(front, 500);

    for (const auto& client : clients) {
        client->send(good_request);
    }

    for (const auto& client : clients) {
        CHECK(client->read_answer().status == 200);
    }
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: of 2,000 clients that stay, each is served in every round", "[edge][front]") {
    FrontFixture front;
    const auto clients = crowd(front, 2000);

    for (int round = 0; round < 5; ++round) {
        for (const auto& client : clients) {
            REQUIRE(client->send(good_request));
        }
        for (const auto& client : clients) {
            REQUIRE(client->read_answer().status == 200);
        }
    }
    const Tally tally = front.stop();
    CHECK(tally.handled == 10'000);
    CHECK(is_balanced(tally));
}

TEST_CASE("front: thousands of idle connections and 300 that dribble slow no good request",
          "[edge][front]") {
    FrontFixture front;
    const auto idle = crowd(front, 4000);
    const auto slow = crowd(front, 300);
    for (const auto& client : slow) {
        REQUIRE(client->send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"));
    }
    auto worst = Clock::duration::zero();
    for (int i = 0; i < 100; ++i) {
        for (const auto& client : slow) {
            REQUIRE(client->send("x"));
        }
        const auto start = Clock::now();
        REQUIRE(serves(front));
        worst = std::max(worst, Clock::now() - start);
    }
    CHECK(worst < 2s);  // the promise is 200 ms on a quiet machine; this one may be shared
    CHECK(front.on_loop([&] { return front.server().connections(); }) >= 4300);
    CHECK(is_balanced(front.stop()));
}

}  // namespace
}  // namespace ringback::test
