// What a name resolves to is judged when it is dialled, whatever the resolver said before.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/attempts.h"
#include "tests/support/hostile.h"
#include "tests/support/own_names.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace names_test {
namespace {

TargetPolicy allowing(std::vector<std::string> rules) {
    return std::move(TargetPolicy::from({std::move(rules)})).value();
}
TargetPolicy allowing(const std::string& rule) { return allowing(std::vector{rule}); }

/// Answers once a connection, so that each try has to be dialled; counts them.
TestReceiver::Script answers_and_counts(std::atomic<int>& served) {
    return [&served](ReceiverEnd& peer) {
        if (!peer.read_request().empty()) {
            ++served;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    };
}

std::string url_of(const TestReceiver& receiver) {
    return "http://rebinding.test:" + std::to_string(receiver.port()) + "/cb";
}

}  // namespace

TEST_CASE("transport: a name that is allowed but resolves to a refused address is not dialled",
          "[edge][transport]") {
    const auto address = GENERATE(values<std::string>(
        {"169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1",
         "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"}));
    CAPTURE(address);
    names().set("rebinding.test", {address});
    Attempts attempts{{}, allowing("rebinding.test")};

    const auto result = attempts.make("http://rebinding.test:9/");

    CHECK(result.end == AttemptEnd::target_refused);
    CHECK(result.error.view().starts_with(
        "callbacks to rebinding.test are refused: it resolves to "));
    CHECK(result.connected == WallInstant::min());
}

// Whoever starts a try has not yet put down that it is under way.
TEST_CASE("transport: a refusal that is known already is told after start() as well, to any number",
          "[edge][transport]") {
    names().set("rebinding.test", {"169.254.169.254"});
    DeliverySettings settings;
    settings.attempts_per_target = 1;
    Attempts attempts{settings, allowing("rebinding.test")};
    REQUIRE(attempts.make("http://rebinding.test:9/").end == AttemptEnd::target_refused);

    constexpr int many = 50'000;  // each inside the one before it would need more than a stack
    std::vector<AttemptId> ids;
    for (int n = 0; n < many; ++n) {
        ids.push_back(attempts.start("http://rebinding.test:9/"));
    }
    for (const AttemptId id : ids) {
        CHECK(attempts.result(id).end == AttemptEnd::target_refused);
    }
}

TEST_CASE("transport: one refused address among those of a name refuses the name",
          "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1", "169.254.169.254"});
    Attempts attempts{{}, allowing("rebinding.test")};

    CHECK(attempts.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(receiver.connections() == 0);
}

TEST_CASE(
    "transport: a name that leads elsewhere later is judged again, and only what was judged "
    "is dialled",
    "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts attempts{{}, allowing("rebinding.test")};
    REQUIRE(attempts.make(url_of(receiver)).status == 200);

    names().set("rebinding.test", {"169.254.169.254"});
    const auto begun = std::chrono::steady_clock::now();
    int answered = 1;
    AttemptResult last;
    // What was resolved is believed for a second: until then it is the first address that is
    // called.
    while ((last = attempts.make(url_of(receiver))).end == AttemptEnd::answered) {
        ++answered;
        REQUIRE(std::chrono::steady_clock::now() - begun < 10s);
    }

    CHECK(last.end == AttemptEnd::target_refused);
    CHECK(last.error == "callbacks to rebinding.test are refused: it resolves to 169.254.169.254");
    CHECK(served == answered);
}

TEST_CASE("transport: a name that is known leads nowhere else, and is judged all the same",
          "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"10.0.0.1"});
    DeliverySettings settings;
    settings.known_names = {{"rebinding.test", {*parse_ip("127.0.0.1")}}};
    Attempts attempts{settings, allowing("rebinding.test")};
    CHECK(attempts.make(url_of(receiver)).status == 200);
    CHECK(attempts.make(url_of(receiver)).status == 200);
    CHECK(served == 2);

    settings.known_names = {{"rebinding.test", {*parse_ip("169.254.169.254")}}};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts refused{settings, allowing("rebinding.test")};
    CHECK(refused.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(served == 2);
}

TEST_CASE("transport: our own port is not called by another name either", "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1"});
    Attempts attempts{{}, allowing("rebinding.test")};
    attempts.policy().add_own_port(receiver.port());

    CHECK(attempts.make(url_of(receiver)).end == AttemptEnd::target_refused);
    CHECK(receiver.connections() == 0);
}

TEST_CASE("transport: a name that nobody knows is could_not_connect", "[edge][transport]") {
    Attempts attempts{{}, allowing("no-such-name.invalid")};

    const auto result = attempts.make("http://no-such-name.invalid/");

    CHECK(result.end == AttemptEnd::could_not_connect);
    CHECK(result.error.view().find("not resolved") != std::string::npos);
}

TEST_CASE(
    "transport: a name that no resolver answers keeps no other waiting, and its try no longer "
    "than its time",
    "[edge][transport]") {
    std::atomic<int> served{0};
    TestReceiver receiver{answers_and_counts(served)};
    names().set("rebinding.test", {"127.0.0.1"});
    const Hanging hanging{{"hanging.test"}};
    Attempts attempts{{}, allowing(std::vector<std::string>{"hanging.test", "rebinding.test"})};

    const AttemptId stuck = attempts.start("http://hanging.test:9/", "{}", Method::post, 2s);
    REQUIRE(names().are_asked(1));
    CHECK(attempts.make(url_of(receiver)).status == 200);
    CHECK(names().are_asked(1));  // the other is still being asked about

    const auto result = attempts.result(stuck);
    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.error == "the host's name was not resolved within 2000 ms");
}

TEST_CASE("transport: a loop that ends does not wait for a resolver", "[edge][transport]") {
    const Hanging hanging{{"hanging.test"}};
    {
        Attempts attempts{{}, allowing("hanging.test")};
        attempts.start("http://hanging.test:9/");
        REQUIRE(names().are_asked(1));
    }
    CHECK(names().are_asked(1));  // it asks still, and nobody hears of it

    names().release();
    CHECK(names().are_asked(0));
}

TEST_CASE("transport: of names that no resolver answers 32 are asked about at once",
          "[edge][transport]") {
    std::vector<std::string> all(33);
    std::ranges::generate(all,
                          [n = 0]() mutable { return "hanging-" + std::to_string(n++) + ".test"; });
    const Hanging hanging{all};
    Attempts attempts{{}, allowing(all)};
    std::vector<AttemptId> started;
    for (std::size_t n = 0; n + 1 < all.size(); ++n) {
        started.push_back(attempts.start("http://" + all[n] + ":9/"));
    }
    REQUIRE(names().are_asked(32));

    const auto result = attempts.make("http://" + all.back() + ":9/");
    CHECK(result.end == AttemptEnd::could_not_connect);
    CHECK(result.error == "the host's name was not resolved: too many names are being resolved");
    CHECK(attempts.make("http://" + all.front() + ":9/", "{}", Method::post, 100ms).end ==
          AttemptEnd::timed_out);  // who waits for the same name is no more

    names().release();
    for (const AttemptId id : started) {
        CHECK(attempts.result(id).error.view().find("not resolved") == std::string::npos);
    }
}

}  // namespace names_test
