#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "tests/support/front_fixture.h"

namespace ringback::test {
namespace {

std::string get(const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body,
                 const std::string& fields = "") {
    return "POST " + target +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + fields + "\r\n" + body;
}

TEST_CASE("front: the answer is status line, headers as given, length and body", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send(post("/a?b=c", "hello"));
    const Answer answer = client.read_answer();

    CHECK(answer.head == "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n");
    CHECK(answer.body == "POST /a?b=c\nhello");
    const Request seen = front.on_loop([&] { return front.handler.last; });
    CHECK(seen.remote == "127.0.0.1:" + std::to_string(client.local_port()));
    CHECK(seen.remote_ip == "127.0.0.1");
    CHECK_FALSE(seen.tls);
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: one connection carries many requests, however they are split", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    for (const std::size_t segment : {1U, 3U, 50U, 1000U}) {
        client.send(post("/split", std::string(segment, 'b')), segment);
        CHECK(client.read_answer().body == "POST /split\n" + std::string(segment, 'b'));
    }
    CHECK(front.stop().begins == 4);
}

TEST_CASE("front: pipelined requests are answered all and in order", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    std::string requests;
    for (int i = 0; i < 100; ++i) {
        requests +=
            i % 3 == 0 ? post("/" + std::to_string(i), "body") : get("/" + std::to_string(i));
        requests += i % 10 == 0 ? "\r\n" : "";  // one empty line between requests is passed over
    }

    client.send(requests);
    client.half_close();

    for (int i = 0; i < 100; ++i) {
        const std::string body = client.read_answer().body;
        CHECK(body.find(" /" + std::to_string(i) + "\n") != std::string::npos);
    }
    CHECK(client.ends_silently());
    const Tally tally = front.stop();
    CHECK(tally.begins == 100);
    CHECK(is_balanced(tally));
}

TEST_CASE("front: HEAD is answered with the headers of GET and no body", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send("HEAD /big/5000 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
    const Answer answer = client.read_answer(true);
    client.send(good_request);

    CHECK(answer.header("Content-Length") == "5000");
    CHECK(client.read_answer().status == 200);
}

TEST_CASE("front: the client's wish to close or keep the connection is met", "[edge][front]") {
    FrontFixture front;

    RawClient closes = front.client();
    closes.send(get("/", "Connection: close\r\n"));
    CHECK(closes.read_last_answer().header("Connection") == "close");

    RawClient old = front.client();
    old.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(old.read_last_answer().header("Connection") == "close");

    RawClient old_kept = front.client();
    old_kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(old_kept.read_answer().header("Connection") == "keep-alive");
    old_kept.send("GET / HTTP/1.0\r\n\r\n");
    CHECK(old_kept.read_last_answer().status == 200);
}

TEST_CASE("front: a chunked body arrives whole", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    const std::string request =
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";

    client.send(request + request);
    CHECK(client.read_answer().body == "POST /c\nhello!");
    CHECK(client.read_answer().body == "POST /c\nhello!");
    client.send(request, 1);
    CHECK(client.read_answer().body == "POST /c\nhello!");
}

TEST_CASE("front: a body is invited after it was admitted, and only once", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.read_answer().head == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(front.handler.tally().admitted == 1);
    client.send("hello");
    CHECK(client.read_answer().body == "POST /e\nhello");

    client.send(post("/impatient", "sent at once", "Expect: 100-continue\r\n"));
    CHECK(client.read_answer().body == "POST /impatient\nsent at once");
}

TEST_CASE("front: body bytes that arrive while the invitation is being written wait for it",
          "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    // The second head is read ahead while the first request is handled, and a read is under way.
    client.send(get("/late") +
                "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.handled == 1; }));
    // In one turn: the answer is sent and the body is there, so that the loop finds the end of the
    // answer first (and invites), then the body, and the end of the invitation last.
    front.on_loop([&] {
        front.handler.late.at(0)->send(
            front.handler.promise({.status = 200, .headers = {}, .body = "late"}));
        client.send("hello");
    });

    CHECK(client.read_answer().body == "late");
    CHECK(client.read_answer().head == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(client.read_answer().body == "POST /e\nhello");
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a body that will be refused is not invited", "[edge][front]") {
    FrontFixture front;

    RawClient stranger = front.client();
    stranger.send(
        "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    CHECK(stranger.read_last_answer().status == 401);

    RawClient large = front.client();
    large.send(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n");
    CHECK(large.read_last_answer().status == 413);
}

TEST_CASE("front: an early answer keeps the connection only when no body was announced",
          "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send(get("/early"));
    CHECK(client.read_answer().status == 401);
    client.send(post("/early", std::string{good_request}));

    CHECK(client.read_last_answer().status == 401);
    const Tally tally = front.stop();
    CHECK(tally.handled == 0);
    CHECK(is_balanced(tally));
}

TEST_CASE("front: an answer may come later, and the next request waits for it", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send(get("/late") + get("/next"));
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.handled == 1; }));
    CHECK(front.handler.tally().ends == 0);
    front.on_loop([&] {
        auto& late = *front.handler.late.at(0);
        late.send(front.handler.promise({.status = 202, .headers = {}, .body = "late"}));
        late.send(front.handler.promise({.status = 200, .headers = {}, .body = "once too often"}));
    });

    CHECK(client.read_answer().body == "late");
    CHECK(client.read_answer().body == "GET /next\n");
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a request set aside counts as over at once, and only once", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    client.send(get("/late"));
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.handled == 1; }));

    front.on_loop([&] { front.handler.late.at(0)->set_aside(); });
    CHECK(front.handler.tally().ends == 1);
    front.on_loop(
        [&] { front.handler.late.at(0)->send({.status = 200, .headers = {}, .body = "at last"}); });

    CHECK(client.read_answer().body == "at last");
    client.send(good_request);
    CHECK(client.read_answer().status == 200);
    const Tally tally = front.stop();
    CHECK(tally.begins == 2);
    CHECK(is_balanced(tally));
}

TEST_CASE("front: a client that goes away before its answer is noticed, and its answer dropped",
          "[edge][front]") {
    FrontFixture front;
    for (const bool by_reset : {false, true}) {
        RawClient client = front.client();
        client.send(get("/late"));
        const int n = by_reset ? 2 : 1;
        REQUIRE(front.handler.wait_for([&](const Tally& tally) { return tally.handled == n; }));
        by_reset ? client.reset() : client.close();
        CHECK(front.handler.wait_for([&](const Tally& tally) { return tally.ends == n; }));
    }
    CHECK(front.on_loop([&] { return front.server().connections(); }) == 0);
    front.on_loop([&] {
        for (const auto& late : front.handler.late) {
            late->send(front.handler.promise({.status = 200, .headers = {}, .body = "too late"}));
        }
    });

    CHECK(front.handler.wait_for([](const Tally& tally) { return tally.kept == 2; }));
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: closing all ends what was being answered, once", "[edge][front]") {
    FrontFixture front;
    RawClient waiting = front.client();
    RawClient reading = front.client();
    RawClient begun = front.client();
    waiting.send(get("/late"));
    reading.send(get("/big/30000000"));
    begun.send("GET /");
    REQUIRE(front.handler.wait_for(
        [](const Tally& tally) { return tally.begins == 3 && tally.handled == 2; }));

    front.on_loop([&] { front.server().close_all(); });

    CHECK(waiting.ends_silently());
    CHECK(begun.ends_silently());
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a handler that fails or forgets costs one request a 500", "[edge][front]") {
    FrontFixture front;
    for (const auto* target : {"/throw", "/drop", "/admit-throws"}) {
        RawClient client = front.client();
        client.send(get(target));
        CAPTURE(target);
        CHECK(client.read_last_answer().status == 500);
        CHECK(serves(front));
    }
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a stream is chunked, counts as answered with its head, and ends in order",
          "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send(get("/stream") + get("/next"));
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.ends == 1; }));
    front.on_loop([&] {
        auto& stream = *front.handler.streams.at(0);
        CHECK(stream.write("data: 1\n\n"));
        CHECK(stream.write(""));
        CHECK(stream.write("data: 2\n\n"));
        stream.end();
        CHECK_FALSE(stream.open());
        CHECK_FALSE(stream.write("after the end"));
    });

    CHECK(client.read_until("\r\n\r\n") ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
    CHECK(client.read_until("0\r\n\r\n") == "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    CHECK(client.read_answer().body == "GET /next\n");
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a stream to HTTP/1.0 ends with the connection, one to HEAD with its head",
          "[edge][front]") {
    FrontFixture front;
    RawClient old = front.client();
    old.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(old.read_until("\r\n\r\n").find("Connection: close") != std::string::npos);
    front.on_loop([&] {
        front.handler.streams.at(0)->write("plain");
        front.handler.streams.at(0)->end();
    });
    CHECK(old.read_to_end() == "plain");

    RawClient head = front.client();
    head.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(head.read_answer(true).status == 200);
    CHECK_FALSE(front.on_loop([&] { return front.handler.streams.at(1)->open(); }));
    head.send(good_request);
    CHECK(head.read_answer().status == 200);
}

TEST_CASE("front: a stream notices that its client is gone", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    client.send(get("/stream"));
    client.read_until("\r\n\r\n");
    CHECK(front.on_loop([&] { return front.handler.streams.at(0)->open(); }));

    client.close();

    while (front.on_loop([&] { return front.server().connections(); }) != 0) {
    }
    CHECK_FALSE(front.on_loop([&] { return front.handler.streams.at(0)->open(); }));
    CHECK_FALSE(front.on_loop([&] { return front.handler.streams.at(0)->write("anyone?"); }));
}

TEST_CASE("front: a stream whose client does not read is cut near 1 MB", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    client.send(get("/stream"));
    client.read_until("\r\n\r\n");

    const std::string block(65'536, 'x');
    int written = 0;
    while (front.on_loop([&] { return front.handler.streams.at(0)->write(block); })) {
        ++written;
        REQUIRE(written < 1000);  // the kernel's share is a few MB
    }

    CHECK(front.on_loop([&] { return front.server().connections(); }) == 0);
    CHECK(serves(front));
}

TEST_CASE("front: a large answer arrives whole", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();

    client.send(get("/big/5000000") + get("/big/65536") + get("/big/65537") + get("/next"));

    CHECK(client.read_answer().body == std::string(5'000'000, 'x'));
    CHECK(client.read_answer().body == std::string(65'536, 'x'));
    CHECK(client.read_answer().body == std::string(65'537, 'x'));
    CHECK(client.read_answer().body == "GET /next\n");
}

TEST_CASE("front: what a handler copies into a header cannot split the answer", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    client.send(get("/late"));
    REQUIRE(front.handler.wait_for([](const Tally& tally) { return tally.handled == 1; }));

    front.on_loop([&] {
        front.handler.late.at(0)->send(
            {.status = 201, .headers = {{"Location", "/a\r\nEvil: 1"}}, .body = ""});
    });

    CHECK(client.read_answer().head ==
          "HTTP/1.1 201 Created\r\nLocation: /a??Evil: 1\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("front: it listens on IPv6", "[edge][front]") {
    ServerSettings settings;
    settings.bind_address = "::1";
    FrontFixture front{settings};
    RawClient client{front.port, "::1"};

    client.send(good_request);

    CHECK(client.read_answer().status == 200);
    const Request seen = front.on_loop([&] { return front.handler.last; });
    CHECK(seen.remote_ip == "::1");
    CHECK(seen.remote == "[::1]:" + std::to_string(client.local_port()));
}

TEST_CASE("front: a port that is taken is an error that names it", "[edge][front]") {
    FrontFixture front;
    boost::asio::io_context loop;
    ServerSettings settings;
    settings.port = front.port;
    HttpServer second{loop, settings, front.handler};

    const auto bound = second.listen();

    REQUIRE_FALSE(bound.ok());
    CHECK(to_text(bound.error()) ==
          "127.0.0.1:" + std::to_string(front.port) + ": cannot bind: Address already in use");
}

TEST_CASE("front: an address that is none is an error that names it", "[edge][front]") {
    boost::asio::io_context loop;
    FrontHandler handler;
    ServerSettings settings;
    settings.bind_address = "example.com";
    HttpServer server{loop, settings, handler};

    CHECK(to_text(server.listen().error()) ==
          "example.com:12180: expected an IPv4 or IPv6 address to listen on");
}

TEST_CASE("front: after it has stopped accepting, the connected are still served",
          "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    client.send(good_request);
    REQUIRE(client.read_answer().status == 200);

    front.on_loop([&] { front.server().stop_accepting(); });

    client.send(good_request);
    CHECK(client.read_answer().status == 200);
    CHECK_THROWS(front.client());
}

}  // namespace
}  // namespace ringback::test
