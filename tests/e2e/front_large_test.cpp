// Bodies and answers as large as media files, over real sockets.

#include <catch2/catch.hpp>

#include "tests/support/front_fixture.h"

using namespace ringback;
using namespace ringback::test;

namespace large_bodies {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

std::string head(const std::string& path, const std::string& framing) {
    return "PUT " + path + " HTTP/1.1\r\nHost: h\r\n" + framing + "\r\n\r\n";
}
std::string of_length(std::size_t size) { return "Content-Length: " + std::to_string(size); }

Answer put(const FrontFixture& front, const std::string& path, std::size_t size) {
    RawClient client = front.client();
    client.send(head(path, of_length(size)));
    client.send(std::string(size, 'x'), 1'000'000);
    return client.read_answer();
}
Answer put_chunked(const FrontFixture& front, const std::string& path, std::size_t chunks) {
    RawClient client = front.client();
    client.send(head(path, "Transfer-Encoding: chunked"));
    const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";
    for (std::size_t i = 0; i < chunks; ++i) {
        client.send(chunk);
    }
    client.send("0\r\n\r\n");
    return client.read_answer();
}

}  // namespace

TEST_CASE("front: only what may be large may be larger than others, by number and by count",
          "[edge][front]") {
    FrontFixture front;
    CHECK(put(front, "/large", 3 * mib).body == std::to_string(3 * mib));
    CHECK(put_chunked(front, "/large", 48).body == std::to_string(3 * mib));
    CHECK(put(front, "/other", mib).status == 200);
    CHECK(put(front, "/other", mib + 1).status == 413);
    CHECK(put_chunked(front, "/other", 17).status == 413);
    CHECK(put(front, "/large", 3 * mib + 1).status == 403);
    CHECK(put_chunked(front, "/large", 49).status == 403);
    CHECK(serves(front));
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a connection that had a large body takes a small one after it", "[edge][front]") {
    FrontFixture front;
    RawClient client = front.client();
    for (int i = 0; i < 2; ++i) {
        client.send(head("/large", of_length(2 * mib)));
        client.send(std::string(2 * mib, 'x'), 1'000'000);
        CHECK(client.read_answer().body == std::to_string(2 * mib));
        client.send(head("/small", of_length(3)) + "abc");
        CHECK(client.read_answer().body == "PUT /small\nabc");
    }
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: what large bodies take while they arrive is bounded, and given back",
          "[edge][front]") {
    ServerSettings settings;
    settings.max_large_bodies = 2 * mib;
    FrontFixture front{settings};
    const auto until = [&](int status, int tries = 1000) {
        for (int i = 0; i < tries; ++i) {
            if (put(front, "/large", mib + 100'000).status == status) {
                return true;
            }
        }
        return false;
    };
    CHECK(until(200));
    // Where the first of the others has overtaken it, it is the one that is turned away.
    const auto turns_others_away = [&] {
        RawClient half_way = front.client();
        half_way.send(head("/large", of_length(3 * mib)));
        half_way.send(std::string(mib + 100'000, 'x'), 1'000'000);
        if (!until(503, 50)) {
            return false;
        }
        CHECK(put(front, "/large", mib).status == 200);
        CHECK(serves(front));
        return true;
    };
    int tries = 0;
    while (!turns_others_away()) {
        REQUIRE(++tries < 20);
    }
    CHECK(until(200));  // once it is known to be gone
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a file is sent whole, to several at once and to HEAD without itself",
          "[edge][front]") {
    FrontFixture front;
    const auto file = std::make_shared<const std::string>(3 * mib + 17, 'f');
    front.on_loop([&] { front.handler.file = file; });
    RawClient first = front.client();
    RawClient second = front.client();
    for (RawClient* const client : {&first, &second}) {
        client->send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for (RawClient* const client : {&second, &first}) {
        const Answer answer = client->read_answer();
        CHECK(answer.status == 200);
        CHECK(answer.body.size() == file->size());
    }
    first.send("HEAD /file HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(first.read_answer(true).header("Content-Length") == std::to_string(file->size()));
    first.send("GET /good HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(first.read_answer().body == "GET /good\n");

    front.on_loop([&] { front.handler.file = std::make_shared<const std::string>(); });
    first.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(first.read_answer().body.empty());
    CHECK(is_balanced(front.stop()));
}

TEST_CASE("front: a client that goes away while a file is sent to it leaves no trace",
          "[edge][front]") {
    FrontFixture front;
    front.on_loop([&] { front.handler.file = std::make_shared<const std::string>(30 * mib, 'f'); });
    {
        RawClient client = front.client();
        client.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
        CHECK(front.handler.wait_for([](const Tally& tally) { return tally.handled == 1; }));
    }
    CHECK(front.handler.wait_for([](const Tally& tally) { return tally.kept == tally.promised; }));
    CHECK(serves(front));
    CHECK(is_balanced(front.stop()));
}

}  // namespace large_bodies
