// Receivers that are slow, wrong, silent or gone.

#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "tests/support/attempts.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;

namespace {

constexpr auto short_timeout = 150ms;

/// Reads one request, answers so, and waits for the sender to close.
TestReceiver::Script answers(std::string bytes) {
    return [bytes = std::move(bytes)](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(bytes);
        peer.wait_for_close();
    };
}

/// The same, but closes by itself.
TestReceiver::Script answers_and_closes(std::string bytes) {
    return [bytes = std::move(bytes)](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(bytes);
        peer.half_close();
        peer.wait_for_close();
    };
}

AttemptResult result_from(TestReceiver::Script script,
                          std::chrono::milliseconds timeout = short_timeout) {
    TestReceiver receiver{std::move(script)};
    Attempts attempts;
    const auto before = std::chrono::steady_clock::now();
    AttemptResult result = attempts.make(receiver.url(), "{}", Method::post, timeout);
    // Promise 5: the timeout and at most a second more.
    CHECK(std::chrono::steady_clock::now() - before < timeout + 1s);
    CHECK(attempts.transport().idle_connections() <= 1);
    return result;
}

}  // namespace

TEST_CASE("hostile receiver: never answers", "[edge][transport][hostile]") {
    const auto result = result_from([](ReceiverEnd& peer) { peer.wait_for_close(); });

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.error == "no answer within 150 ms");
    CHECK(result.sent > WallInstant::min());
    CHECK(result.first_byte == WallInstant::min());
}

TEST_CASE("hostile receiver: never accepts", "[edge][transport][hostile]") {
    // Sends more than the sockets hold to one that never reads.
    TestReceiver receiver{[](ReceiverEnd& peer) {
        std::string request;
        while (request.size() < 100) {
            request += peer.read_some();
        }
        // The sender's close is noticed as an error of this send, not by reading.
        while (peer.send(std::string(1, ' '))) {
            std::this_thread::yield();
        }
    }};
    Attempts attempts;

    const auto result =
        attempts.make(receiver.url(), std::string(64U << 20U, 'x'), Method::post, short_timeout);

    CHECK((result.end == AttemptEnd::malformed || result.end == AttemptEnd::timed_out));
    CHECK(result.sent == WallInstant::min());
}

TEST_CASE("hostile receiver: one byte at a time is read, as long as it is in time",
          "[edge][transport][hostile]") {
    const auto result = result_from(
        [](ReceiverEnd& peer) {
            peer.read_request();
            peer.dribble("HTTP/1.1 201 Made\r\nContent-Length: 3\r\nX: y\r\n\r\nabc");
            peer.wait_for_close();
        },
        5000ms);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 201);
    CHECK(result.reason == "Made");
    CHECK(result.body == "abc");
    CHECK(result.body_bytes == 3);
}

TEST_CASE("hostile receiver: dribbles past the deadline", "[edge][transport][hostile]") {
    const auto result = result_from([](ReceiverEnd& peer) {
        peer.read_request();
        // Each byte comes when the previous has been taken; the head never ends.
        peer.send("HTTP/1.1 200 OK\r\nX: ");
        peer.wait_for_close();
    });

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.error == "the head of the answer was not complete within 150 ms");
}

TEST_CASE("hostile receiver: resets at every stage", "[edge][transport][hostile]") {
    const auto sent_before = GENERATE(values<std::string>(
        {"", "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"}));
    CAPTURE(sent_before);

    const auto result = result_from([&](ReceiverEnd& peer) {
        peer.read_request();
        peer.send(sent_before);
        peer.reset();
    });

    CHECK(result.end == AttemptEnd::broken);
    CHECK(result.status == 0);
    CHECK_FALSE(result.error.empty());
}

TEST_CASE("hostile receiver: resets before it reads", "[edge][transport][hostile]") {
    const auto result = result_from([](ReceiverEnd& peer) { peer.reset(); });

    CHECK(result.end == AttemptEnd::broken);
}

TEST_CASE("hostile receiver: resets inside the body; the status had come",
          "[edge][transport][hostile]") {
    std::promise<void> taken;
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc");
        taken.get_future().wait_for(5s);
        peer.reset();
        peer.wait_for_close();
    }};
    Attempts attempts;
    const auto id = attempts.start(receiver.url());
    attempts.run_until([&] { return !attempts.sent.empty(); });
    for (int turns = 0; turns < 5; ++turns) {  // the head is read within these turns of the loop
        const auto next = std::chrono::steady_clock::now() + 20ms;
        attempts.run_until([&] { return std::chrono::steady_clock::now() >= next; });
    }
    taken.set_value();

    const auto result = attempts.result(id);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(result.body == "abc");
}

TEST_CASE("hostile receiver: closes its half without an answer", "[edge][transport][hostile]") {
    const auto result = result_from([](ReceiverEnd& peer) {
        peer.read_request();
        peer.half_close();
        peer.wait_for_close();
    });

    CHECK(result.end == AttemptEnd::broken);
    CHECK(result.error == "the receiver closed the connection before it answered");
}

TEST_CASE("hostile receiver: what it says is not HTTP", "[edge][transport][hostile]") {
    const auto bytes = GENERATE(values<std::string>({
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 smtp ready\r\n",
        "<html>no</html>\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 -20 OK\r\n\r\n",
        "HTTP/1.1 099 Low\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        std::string{"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16},
        "\x15\x03\x01\x00\x02\x02\x0a",
    }));
    CAPTURE(bytes);

    const auto result = result_from(answers_and_closes(bytes), 2000ms);

    CHECK((result.end == AttemptEnd::malformed || result.end == AttemptEnd::broken));
    CHECK(result.status == 0);
    CHECK_FALSE(result.error.empty());
    CHECK(result.error.find("OpenSSH") == std::string::npos);
}

TEST_CASE("hostile receiver: garbage is noticed without waiting for more",
          "[edge][transport][hostile]") {
    const auto result = result_from(answers("SSH-2.0-OpenSSH_9.2\r\n"), 5000ms);

    CHECK(result.end == AttemptEnd::malformed);
    CHECK(result.ended - result.connected < 2s);
}

TEST_CASE("hostile receiver: heads without end", "[edge][transport][hostile]") {
    const auto endless = [](std::string start, std::string more) -> TestReceiver::Script {
        return [start = std::move(start), more = std::move(more)](ReceiverEnd& peer) {
            peer.read_request();
            peer.send(start);
            while (peer.send(more)) {
            }
        };
    };
    const int kind = GENERATE(0, 1, 2, 3, 4);
    CAPTURE(kind);
    const std::vector<TestReceiver::Script> scripts{
        endless("HTTP/1.1 200 OK\r\n", "X-Y: zzzzzzzzzzzzzzzzzzzzzzzzz\r\n"),
        endless("HTTP/1.1 200 OK\r\nX: ", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"),
        endless("HTTP/1.1 200 ", "OK OK OK OK OK OK OK OK OK OK"),
        answers("HTTP/1.1 200 " + std::string(30'000, 'x') + "\r\n\r\n"),
        answers("HTTP/1.1 200 " + std::string(200'000, 'x') + "\r\n\r\n")};

    const auto result = result_from(scripts.at(static_cast<std::size_t>(kind)), 5000ms);

    CHECK(result.end == AttemptEnd::malformed);
    CHECK(result.error == "the head of the answer is longer than 16 kB");
    CHECK(result.reason.empty());
}

TEST_CASE("hostile receiver: a reason and a Location are kept within bounds",
          "[edge][transport][hostile]") {
    const auto result = result_from(answers("HTTP/1.1 302 " + std::string(5'000, 'r') +
                                            "\r\nLocation: " + std::string(5'000, 'l') +
                                            "\r\nContent-Length: 0\r\n\r\n"));

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 302);
    CHECK(result.reason == std::string(256, 'r'));
    CHECK(result.location.empty());
}

TEST_CASE("hostile receiver: interim answers, eight are patience enough",
          "[edge][transport][hostile]") {
    const int count = GENERATE(1, 8, 9);
    CAPTURE(count);
    std::string bytes;
    for (int i = 0; i < count; ++i) {
        bytes +=
            i % 2 == 0 ? "HTTP/1.1 100 Continue\r\n\r\n" : "HTTP/1.1 103 Early\r\nX: y\r\n\r\n";
    }

    const auto result =
        result_from(answers(bytes + "HTTP/1.1 202 Fine\r\nContent-Length: 0\r\n\r\n"));

    if (count <= 8) {
        CHECK(result.end == AttemptEnd::answered);
        CHECK(result.status == 202);
        CHECK(result.reason == "Fine");
    } else {
        CHECK(result.end == AttemptEnd::malformed);
        CHECK(result.error == "more than 8 interim (1xx) answers");
        CHECK(result.status == 0);
    }
}

TEST_CASE("hostile receiver: 100 Continue for ever", "[edge][transport][hostile]") {
    const auto result = result_from([](ReceiverEnd& peer) {
        peer.read_request();
        while (peer.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
    });

    CHECK(result.end == AttemptEnd::malformed);
}

TEST_CASE("hostile receiver: only an interim answer is no answer", "[edge][transport][hostile]") {
    const auto result = result_from(answers("HTTP/1.1 100 Continue\r\n\r\n"));

    CHECK(result.end == AttemptEnd::timed_out);
    CHECK(result.status == 0);
}

TEST_CASE("hostile receiver: a gigabyte is announced or sent; 64 kB are read, 4 kB kept",
          "[edge][transport][hostile]") {
    const auto head = GENERATE(values<std::string>({
        "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
    }));
    CAPTURE(head);

    const auto result = result_from(
        [&](ReceiverEnd& peer) {
            peer.read_request();
            peer.send(head);
            while (peer.send(std::string(65'536, 'b'))) {
            }
        },
        5000ms);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(result.body == std::string(4096, 'b'));
    CHECK(result.body_bytes == 65'536);
}

TEST_CASE("hostile receiver: chunks without end, and a chunk head without end",
          "[edge][transport][hostile]") {
    const auto [first, more] = GENERATE(table<std::string, std::string>({
        {"", "5\r\nabcde\r\n"},
        {"5;", "extension-extension-extension-extension"},
        {"0\r\n", "Trailer: and another one of these trailers\r\n"},
    }));
    CAPTURE(more);

    const auto result = result_from(
        [first = first, more = more](ReceiverEnd& peer) {
            peer.read_request();
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + first);
            while (peer.send(more)) {
            }
        },
        5000ms);

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(result.body_bytes <= 65'536);
}

TEST_CASE("hostile receiver: a body that stalls does not take the answer back",
          "[edge][transport][hostile]") {
    const auto bytes = GENERATE(
        values<std::string>({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                             "HTTP/1.0 200 OK\r\n\r\nabc"}));
    CAPTURE(bytes);

    const auto result = result_from(answers(bytes));

    CHECK(result.end == AttemptEnd::answered);
    CHECK(result.status == 200);
    CHECK(result.body == "abc");
    CHECK(result.ended - result.connected >= short_timeout);
}

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
    CHECK_FALSE(second.reused_connection);
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
    CHECK(attempts.transport().idle_connections() == 0);
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

TEST_CASE("a kept connection that is gone before the request reached it: sent again, once",
          "[edge][transport][hostile]") {
    // The receiver closes right after its answer. The sender starts the next try in the very turn
    // in which it reads that answer, so whether the close is seen before, by the send, or by the
    // reset is left open.
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

    CHECK(served == 300);
    for (const auto& [id, result] : attempts.results) {
        CHECK(result.end == AttemptEnd::answered);
    }
}

TEST_CASE("a kept connection that dies with the request received is broken, not repeated",
          "[edge][transport][hostile]") {
    const bool resets = GENERATE(true, false);
    std::atomic<int> requests{0};
    TestReceiver receiver{[&](ReceiverEnd& peer) {
        peer.read_request();
        ++requests;
        peer.send(ok_empty);
        if (!peer.read_request().empty()) {
            ++requests;
        }
        if (resets) {
            peer.reset();
        }
    }};
    Attempts attempts;

    attempts.make(receiver.url());
    const auto second = attempts.make(receiver.url());

    CHECK(second.end == AttemptEnd::broken);
    CHECK(second.reused_connection);
    CHECK(requests == 2);
    CHECK(receiver.connections() == 1);
}
