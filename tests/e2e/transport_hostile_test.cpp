// Receivers that are slow, wrong, silent or gone.

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
    CHECK(result.error.view().find("OpenSSH") == std::string::npos);
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
