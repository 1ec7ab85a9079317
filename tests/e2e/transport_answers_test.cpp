// Answers that are odd but valid, and connections that end between two of them.

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "tests/support/attempts.h"
#include "tests/support/hostile.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

TEST_CASE("odd but valid answers count, at once", "[edge][transport][hostile]") {
    struct Row {
        const char* bytes;
        int status;
        const char* body;
    };
    const auto row = GENERATE(values<Row>({
        {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
        {"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nab", 200, "ab"},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, ""},
        {"HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", 599, ""},
        {"HTTP/1.1 999 Odder\r\nContent-Length: 0\r\n\r\n", 999, ""},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 101, ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: "
         "u\r\n\r\n",
         200, "abc"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", 200,
         "\x1f\x8b"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", 200, "ab"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab and more", 200, "ab"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Again\r\n\r\n", 200, ""},
    }));
    CAPTURE(row.bytes);

    const auto result = result_from(answers(row.bytes), 5000ms);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == row.status);
    CHECK(result.body == row.body);
    CHECK(result.ended - result.connected < 2s);
}

TEST_CASE("HTTP/1.0 and bodies until the end of the connection", "[edge][transport][hostile]") {
    const auto head =
        GENERATE(values<std::string>({"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
                                      "HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n"}));
    CAPTURE(head);

    const auto result = result_from(answers_and_closes(head + "until here"), 5000ms);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.body == "until here");
    CHECK(result.ended - result.connected < 2s);
}

TEST_CASE("an answer that is followed by more bytes ends the connection",
          "[edge][transport][hostile]") {
    TestReceiver receiver{[](ReceiverEnd& peer) {
        while (!peer.read_request().empty()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Unasked\r\n\r\n");
        }
    }};
    Attempts attempts;

    const auto first = attempts.make(receiver.url());
    const auto second = attempts.make(receiver.url());

    CHECK(first.status == 200);
    CHECK(second.status == 200);
    CHECK(attempts.transport().idle_connections() == 0);
    CHECK(receiver.connections() == 2);
}

TEST_CASE("an unasked second answer on an idle connection ends it", "[edge][transport][hostile]") {
    std::promise<void> first_over;
    auto waits = first_over.get_future().share();
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(ok_empty);
        waits.wait_for(5s);
        peer.send("HTTP/1.1 500 Unasked\r\nContent-Length: 0\r\n\r\n");
        while (!peer.read_request().empty()) {
            peer.send(ok_empty);
        }
    }};
    Attempts attempts;

    attempts.make(receiver.url());
    CHECK(attempts.transport().idle_connections() == 1);
    first_over.set_value();
    attempts.run_until([&] { return attempts.transport().idle_connections() == 0; });

    CHECK(attempts.make(receiver.url()).status == 200);
    CHECK(receiver.connections() == 2);
}

TEST_CASE("an answer before the request was taken counts", "[edge][transport][hostile]") {
    const auto ending = GENERATE(values<std::string>({"waits", "closes", "resets"}));
    CAPTURE(ending);
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        peer.read_some();
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        if (ending == "closes") {
            peer.half_close();
        }
        if (ending != "resets") {
            peer.wait_for_close();
        }
    }};
    Attempts attempts;

    const auto result = attempts.make(receiver.url(), std::string(32U << 20U, 'x'));

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 413);
    CHECK(result.body == "big");
    // Kept only if the rest of the request went out after all before the answer was read.
    const bool sent = result.sent > WallInstant::min();
    CHECK((sent || attempts.transport().idle_connections() == 0));
}

TEST_CASE("a redirect is an answer and is not followed", "[edge][transport][hostile]") {
    TestReceiver canary{[](ReceiverEnd& peer) { peer.wait_for_close(); }};
    const int status = GENERATE(301, 302, 303, 307, 308);
    TestReceiver receiver{answers("HTTP/1.1 " + std::to_string(status) + " Moved\r\nLocation: " +
                                  canary.url() + "\r\nContent-Length: 0\r\n\r\n")};
    Attempts attempts;

    const auto result = attempts.make(receiver.url());

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == status);
    CHECK(result.location == canary.url());
    CHECK(canary.connections() == 0);
}

TEST_CASE("a Location without redirect is not kept", "[edge][transport][hostile]") {
    const auto result =
        result_from(answers("HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"));

    CHECK(result.location.empty());
}

TEST_CASE("a kept connection that was closed before the request reached it: sent again, once",
          "[edge][transport][hostile]") {
    std::promise<void> closed;
    std::atomic<int> after_close{0};
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        for (;;) {
            const std::string request = peer.read_request();
            if (request.empty()) {
                return;
            }
            after_close += request.starts_with("POST /next") ? 1 : 0;
            peer.send(ok_empty);
            if (request.starts_with("POST /last")) {
                peer.close();
                closed.set_value();
                return;
            }
        }
    }};
    Attempts attempts;
    attempts.make_until_reused(receiver.url());
    attempts.make(receiver.url("/last"));
    // The loop does not run meanwhile, so that the next try is sent before it sees the close.
    REQUIRE(closed.get_future().wait_for(5s) == std::future_status::ready);
    attempts.sent.clear();

    const auto next = attempts.make(receiver.url("/next"));

    CHECK(next.end == AttemptEnd::answered);
    CHECK(after_close == 1);
    CHECK(attempts.sent.size() == 1);
    CHECK_FALSE(next.sent_again);
    CHECK_FALSE(next.reused_connection);
    REQUIRE(attempts.unheard.size() == 1);
    const auto& [id, lost] = attempts.unheard.front();
    CHECK(id == attempts.sent.front());
    CHECK(lost.sent_again);
    CHECK(lost.end == AttemptEnd::broken);
    CHECK(lost.reused_connection);
    CHECK(lost.error.view() ==
          "the kept connection had ended before the receiver had a byte of the request");
    CHECK(lost.sent <= lost.ended);
    CHECK(lost.ended <= next.connected);
}

TEST_CASE("a receiver that drops its connection silently after each answer gets every event once",
          "[edge][transport][hostile]") {
    std::atomic<int> served{0};
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        if (!peer.read_request().empty()) {
            ++served;
            peer.send(ok_empty);
        }
    }};
    Attempts attempts;
    int left = 300;
    const std::string url = receiver.url();
    attempts.on_end = [&](AttemptId) {
        if (--left > 0) {
            attempts.start(url);
        }
    };

    attempts.start(url);
    attempts.run_until([&] { return left == 0; });

    int answered = 0;
    for (const auto& [id, result] : attempts.results) {
        answered += result.end == AttemptEnd::answered ? 1 : 0;
    }
    CHECK(served == answered);
    // On a machine so busy that the close lags by more than the probation, a try may be broken.
    CHECK(answered >= 290);
}

TEST_CASE("a kept connection that dies with the request received is broken, not repeated",
          "[edge][transport][hostile]") {
    const bool resets = GENERATE(true, false);
    CAPTURE(resets);
    std::atomic<int> deadly{0};
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        for (;;) {
            const std::string request = peer.read_request();
            if (request.starts_with("POST /die")) {
                ++deadly;
                if (resets) {
                    peer.reset();
                }
            }
            if (request.empty() || request.starts_with("POST /die")) {
                return;
            }
            peer.send(ok_empty);
        }
    }};
    Attempts attempts;
    attempts.make_until_reused(receiver.url());

    const auto result = attempts.make(receiver.url("/die"));

    CHECK(result.end == AttemptEnd::broken);
    CHECK(result.reused_connection);
    CHECK(deadly == 1);
}
