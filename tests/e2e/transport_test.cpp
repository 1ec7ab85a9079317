// What leaves: bytes on the wire, reuse of connections, limits, order, refusals.

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/attempts.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

/// Answers every request with 200 and keeps what came.
class KeepingReceiver {
public:
    explicit KeepingReceiver(std::string answer = ok_empty, bool ipv6 = false)
        : receiver{[this, answer = std::move(answer)](ReceiverEnd& peer) {
                       for (;;) {
                           std::string request = peer.read_request();
                           if (request.empty()) {
                               return;
                           }
                           {
                               const std::lock_guard lock{mutex_};
                               requests_.push_back(std::move(request));
                           }
                           peer.send(answer);
                       }
                   },
                   ipv6} {}
    std::vector<std::string> requests() {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> requests_;

public:
    TestReceiver receiver;  // last: its threads use what is above
};

std::string authority(const TestReceiver& receiver) {
    return "127.0.0.1:" + std::to_string(receiver.port());
}

}  // namespace

TEST_CASE("transport: a POST is these bytes and no others", "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;

    const auto result = attempts.make(there.receiver.url("/cb?x=1#frag"), R"({"a":"\u00e4"})");

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(result.reason == "OK");
    REQUIRE(there.requests().size() == 1);
    CHECK(there.requests()[0] == "POST /cb?x=1 HTTP/1.1\r\nHost: " + authority(there.receiver) +
                                     "\r\nUser-Agent: BandwidthAPI/v1\r\nAccept: */*\r\n"
                                     "Connection: keep-alive\r\n"
                                     "Content-Type: application/json; charset=utf-8\r\n"
                                     "Content-Length: 14\r\n\r\n"
                                     R"({"a":"\u00e4"})");
}

TEST_CASE("transport: a GET carries its payload in the query and has no body",
          "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;

    attempts.make(there.receiver.url("/cb"), "eventType=answer&tag=a%20b", Method::get);
    attempts.make(there.receiver.url("/cb?x=1"), "eventType=answer", Method::get);
    attempts.make(there.receiver.url(""), "eventType=answer", Method::get);
    attempts.make(there.receiver.url("/cb?x=1"), "", Method::get);

    const auto requests = there.requests();
    REQUIRE(requests.size() == 4);
    const std::string rest = " HTTP/1.1\r\nHost: " + authority(there.receiver) +
                             "\r\nUser-Agent: BandwidthAPI/v1\r\nAccept: */*\r\n"
                             "Connection: keep-alive\r\n\r\n";
    CHECK(requests[0] == "GET /cb?eventType=answer&tag=a%20b" + rest);
    CHECK(requests[1] == "GET /cb?x=1&eventType=answer" + rest);
    CHECK(requests[2] == "GET /?eventType=answer" + rest);
    CHECK(requests[3] == "GET /cb?x=1" + rest);
}

TEST_CASE("transport: a try may have header lines of its own, at the end of its head",
          "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;
    const std::string own{"X-Row: 7\r\nX-Tag: a b\r\n"};
    constexpr std::chrono::milliseconds time{5000};
    const auto url = there.receiver.url("/dial");
    attempts.result(attempts.start(url, "{\"a\":1}", Method::post, time, own));
    attempts.result(attempts.start(url, "", Method::get, time, own));
    attempts.make(url);  // over the same, kept URL

    const auto requests = there.requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[0].ends_with("\r\nContent-Length: 7\r\n" + own + "\r\n{\"a\":1}"));
    CHECK(requests[1].ends_with("\r\nConnection: keep-alive\r\n" + own + "\r\n"));
    CHECK(requests[2].find("X-Row") == std::string::npos);
}

TEST_CASE("transport: user information is sent as Basic credentials and nowhere else",
          "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;

    attempts.make("http://us%65r:p%40ss@" + authority(there.receiver) + "/cb");

    const auto requests = there.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].find("\r\nAuthorization: Basic dXNlcjpwQHNz\r\n") != std::string::npos);
    CHECK(requests[0].find("\r\nHost: " + authority(there.receiver) + "\r\n") != std::string::npos);
    CHECK(requests[0].starts_with("POST /cb HTTP/1.1\r\n"));
    CHECK(requests[0].find('@') == std::string::npos);
}

TEST_CASE("transport: extra headers go with every callback, impossible ones are refused",
          "[edge][transport]") {
    KeepingReceiver there;
    DeliverySettings settings;
    settings.headers = {"X-Trace: abc", "Authorization: Bearer x"};
    settings.user_agent = "BandwidthAPI/v1 (2026-01-01)";
    Attempts attempts{settings};

    attempts.make(there.receiver.url());

    const auto requests = there.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].find("\r\nX-Trace: abc\r\nAuthorization: Bearer x\r\n") != std::string::npos);
    CHECK(requests[0].find("\r\nUser-Agent: BandwidthAPI/v1 (2026-01-01)\r\n") !=
          std::string::npos);
    boost::asio::io_context loop;
    const TargetPolicy policy;
    for (const char* line :
         {"", "X", ": x", "A b: c", "Host: x", "content-length: 1", "X: a\r\nY: b"}) {
        CAPTURE(line);
        settings.headers = {line};
        const auto refused = HttpTransport::open(loop, settings, policy);
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().where == "--header");
    }
}

TEST_CASE("transport: a kept connection carries one try after the other", "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;

    const auto first = attempts.make(there.receiver.url("/a"));
    attempts.make_until_reused(there.receiver.url("/b"));
    const int connections = there.receiver.connections();
    const auto later = attempts.make(there.receiver.url("/c"));

    CHECK_FALSE(first.reused_connection);
    CHECK(later.reused_connection);
    CHECK(there.receiver.connections() == connections);
    CHECK(attempts.transport().idle_connections() == static_cast<std::size_t>(connections));
    CHECK(attempts.transport().under_way() == 0);
    for (const auto& result : {first, later}) {
        CHECK(result.connected > WallInstant::min());
        CHECK(result.sent >= result.connected);
        CHECK(result.first_byte >= result.sent);
        CHECK(result.last_byte >= result.first_byte);
        CHECK(result.ended >= result.last_byte);
    }
    CHECK(attempts.sent.size() == attempts.results.size());
}

TEST_CASE("transport: a try started by the end of another uses its connection",
          "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;
    const std::string url = there.receiver.url();
    attempts.make_until_reused(url);
    const int connections = there.receiver.connections();
    int left = 200;
    attempts.on_end = [&](AttemptId) {
        if (--left > 0) {
            attempts.start(url);
        }
    };

    attempts.start(url);
    attempts.run_until([&] { return left == 0; });

    CHECK(there.receiver.connections() == connections);
}

TEST_CASE("transport: a receiver that says close gets a new connection each time",
          "[edge][transport]") {
    KeepingReceiver there{"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"};
    Attempts attempts;

    CHECK(attempts.make(there.receiver.url()).status == 204);
    CHECK_FALSE(attempts.make(there.receiver.url()).reused_connection);
    CHECK(there.receiver.connections() == 2);
}

TEST_CASE("transport: the limit per target makes tries wait their turn in order",
          "[edge][transport]") {
    std::atomic<int> in_hand{0};
    std::atomic<int> most{0};
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        while (!peer.read_request().empty()) {
            const int now = ++in_hand;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
            }
            --in_hand;
            peer.send(ok_empty);
        }
    }};
    DeliverySettings settings;
    settings.attempts_per_target = GENERATE(1U, 3U);
    Attempts attempts{settings};

    std::vector<AttemptId> started;
    for (int i = 0; i < 20; ++i) {
        started.push_back(attempts.start(receiver.url("/" + std::to_string(i))));
    }
    CHECK(attempts.transport().under_way() == 20);
    attempts.run_until([&] { return attempts.results.size() == 20; });

    CHECK(most <= static_cast<int>(settings.attempts_per_target));
    if (settings.attempts_per_target == 1) {
        CHECK(attempts.order == started);
    }
}

TEST_CASE("transport: a silent target that fills its share does not keep others waiting",
          "[edge][transport]") {
    TestReceiver silent{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    KeepingReceiver healthy;
    DeliverySettings settings;
    settings.attempts_per_target = 2;
    settings.attempts_at_once = 3;
    Attempts attempts{settings};

    for (int i = 0; i < 5; ++i) {
        attempts.start(silent.url(), "{}", Method::post, 3000ms);
    }
    for (int i = 0; i < 5; ++i) {
        CHECK(attempts.make(healthy.receiver.url()).status == 200);
    }

    CHECK(attempts.results.size() == 5);
    CHECK(attempts.transport().under_way() == 5);
}

TEST_CASE("transport: the time in the queue does not count against a try", "[edge][transport]") {
    TestReceiver slow{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    DeliverySettings settings;
    settings.attempts_per_target = 1;
    Attempts attempts{settings};

    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < 3; ++i) {
        attempts.start(slow.url(), "{}", Method::post, 60ms);
    }
    attempts.run_until([&] { return attempts.results.size() == 3; });

    CHECK(std::chrono::steady_clock::now() - before >= 180ms);
    for (const auto& [id, result] : attempts.results) {
        CHECK(result.end == AttemptEnd::timed_out);
    }
}

TEST_CASE("transport: abandoned tries end as such, later, each once", "[edge][transport]") {
    TestReceiver silent{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    KeepingReceiver healthy;
    DeliverySettings settings;
    settings.attempts_per_target = 2;
    Attempts attempts{settings};
    attempts.make(healthy.receiver.url());
    for (int i = 0; i < 5; ++i) {
        attempts.start(silent.url());
    }
    attempts.run_until([&] { return attempts.sent.size() == 3; });

    attempts.transport().abandon_all();
    CHECK(attempts.results.size() == 1);
    const auto after = attempts.make(healthy.receiver.url());

    CHECK(after.status == 200);
    CHECK(attempts.results.size() == 7);
    CHECK(attempts.results.at(AttemptId{2}).end == AttemptEnd::abandoned);
    CHECK(attempts.results.at(AttemptId{6}).end == AttemptEnd::abandoned);
    CHECK(attempts.transport().under_way() == 0);
}

TEST_CASE("transport: a transport may end with tries under way", "[edge][transport]") {
    TestReceiver silent{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    KeepingReceiver healthy;
    Attempts attempts;
    attempts.make(healthy.receiver.url());
    attempts.start(silent.url());
    attempts.start("http://localhost:" + std::to_string(closed_port()));
    attempts.start("nonsense");
    // The destructors are the test: a sanitizer would tell.
}

TEST_CASE("transport: refused and impossible targets end as target_refused without a connection",
          "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;
    attempts.policy().add_own_port(there.receiver.port());

    const auto own = attempts.make(there.receiver.url());
    const auto foreign = attempts.make("http://10.0.0.5:8080/");
    const auto broken = attempts.make("http://2130706433/");

    CHECK(own.end == AttemptEnd::target_refused);
    CHECK(foreign.end == AttemptEnd::target_refused);
    CHECK(foreign.error.view().find("--allow-target 10.0.0.5:8080") != std::string::npos);
    CHECK(broken.end == AttemptEnd::target_refused);
    CHECK(broken.error.view().starts_with("url: expected "));
    CHECK(there.receiver.connections() == 0);
    CHECK(attempts.sent.empty());
}

TEST_CASE("transport: nobody listening is could_not_connect, at once and by address",
          "[edge][transport]") {
    Attempts attempts;
    const std::string port = std::to_string(closed_port());

    const auto literal = attempts.make("http://127.0.0.1:" + port);
    const auto name = attempts.make("http://localhost:" + port);

    CHECK(literal.end == AttemptEnd::could_not_connect);
    CHECK(literal.error == "Connection refused (127.0.0.1:" + port + ")");
    CHECK(name.end == AttemptEnd::could_not_connect);
    CHECK(name.error ==
          "Connection refused (127.0.0.1:" + port + "), Connection refused ([::1]:" + port + ")");
    CHECK(literal.sent == WallInstant::min());
}

TEST_CASE("transport: localhost is 127.0.0.1, and ::1 where nobody listens there",
          "[edge][transport]") {
    KeepingReceiver v4;
    KeepingReceiver v6{ok_empty, true};
    Attempts attempts;

    const auto first = attempts.make("http://localhost:" + std::to_string(v4.receiver.port()));
    const auto second = attempts.make("http://localhost:" + std::to_string(v6.receiver.port()));
    const auto literal = attempts.make(v6.receiver.url());

    CHECK(first.status == 200);
    CHECK(second.status == 200);
    CHECK(literal.status == 200);
    REQUIRE(v6.requests().size() == 2);
    CHECK(v6.requests()[0].find("\r\nHost: localhost:") != std::string::npos);
    CHECK(v6.requests()[1].find("\r\nHost: [::1]:") != std::string::npos);
}

TEST_CASE("transport: more URLs than are remembered are all served", "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;

    for (int i = 0; i < 1200; ++i) {
        attempts.start(there.receiver.url("/" + std::to_string(i)));
        if (i % 50 == 49) {
            attempts.run_until([&] { return attempts.transport().under_way() == 0; });
        }
    }

    CHECK(there.requests().size() == 1200);
    CHECK(attempts.make(there.receiver.url("/0")).status == 200);
}

TEST_CASE("transport: a large body is sent whole", "[edge][transport]") {
    KeepingReceiver there;
    Attempts attempts;
    const std::string body(8U << 20U, 'x');

    CHECK(attempts.make(there.receiver.url(), body).status == 200);

    REQUIRE(there.requests().size() == 1);
    CHECK(there.requests()[0].ends_with(body));
}
