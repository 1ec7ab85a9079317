#include "simulator/edge/chunked_body.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ringback {
namespace {

constexpr std::uint64_t max_chunked = 1000;

struct Read {
    int status{-1};  // 0 complete, -1 incomplete, else the refusal
    std::string body;
    std::size_t used{0};

    friend bool operator==(const Read&, const Read&) = default;
};

Read read(std::string_view text, std::size_t step = std::string_view::npos) {
    ChunkedBody chunks{max_chunked};
    Read read;
    while (read.used < text.size() && chunks.state() == ChunkedBody::State::incomplete) {
        const auto piece = text.substr(read.used, step);
        read.used += std::min(chunks.advance(piece, read.body), piece.size());
    }
    read.status = chunks.state() == ChunkedBody::State::complete  ? 0
                  : chunks.state() == ChunkedBody::State::refused ? chunks.refusal().status
                                                                  : -1;
    return read;
}

struct ChunkCase {
    std::string text;
    int status;
    std::string body;
};

std::vector<ChunkCase> table() {
    return {
        {"0\r\n\r\n", 0, ""},
        {"5\r\nhello\r\n0\r\n\r\n", 0, "hello"},
        {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 0, "hello world"},
        {"A\r\n0123456789\r\n0\r\n\r\n", 0, "0123456789"},
        {"a\r\n0123456789\r\n0\r\n\r\n", 0, "0123456789"},
        {"0005\r\nhello\r\n000\r\n\r\n", 0, "hello"},
        {"2\r\n\r\n\r\n0\r\n\r\n", 0, "\r\n"},
        {"5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", 0, "hello"},
        {"0\r\nA: b\r\nTransfer-Encoding: gzip\r\n\r\n", 0, ""},
        {"5\r\nhel", -1, "hel"},
        {"5\r\nhello\r\n0\r\n", -1, "hello"},
        {"\r\n", 400, ""},
        {"5\nhello\n0\n\n", 400, ""},
        {"5 \r\nhello\r\n", 400, ""},
        {" 5\r\nhello\r\n", 400, ""},
        {"+5\r\nhello\r\n", 400, ""},
        {"-5\r\nhello\r\n", 400, ""},
        {"0x5\r\nhello\r\n", 400, ""},
        {"5,\r\nhello\r\n", 400, ""},
        {"g\r\n", 400, ""},
        {";a=b\r\n", 400, ""},
        {"10000000000000005\r\nhello\r\n", 400, ""},
        {"fffffffffffffff\r\n", 413, ""},
        {"3\r\nhello\r\n", 400, "hel"},
        {"5\r\nhello0\r\n\r\n", 400, "hello"},
        {"5\r\nhello\n0\r\n\r\n", 400, "hello"},
        {"5\r\nhello\r0\r\n\r\n", 400, "hello"},
        {"0\r\nno colon\r\n\r\n", 400, ""},
        {"0\r\n folded: x\r\n\r\n", 400, ""},
        {"0\r\nA: \x01\r\n\r\n", 400, ""},
        {"5;\x01\r\n", 400, ""},
    };
}

TEST_CASE("chunked body: every form is accepted or refused as the table says", "[edge][front]") {
    for (const auto& [text, status, body] : table()) {
        CAPTURE(text);
        const Read result = read(text);
        CHECK(result.status == status);
        CHECK(result.body == body);
    }
}

TEST_CASE("chunked body: how the bytes were split makes no difference", "[edge][front]") {
    for (const auto& [text, status, body] : table()) {
        for (const std::size_t step : {1U, 2U, 3U}) {
            CAPTURE(text, step);
            const Read result = read(text, step);
            CHECK(result.status == status);
            CHECK(result.body == body);
        }
    }
}

TEST_CASE("chunked body: it takes its own bytes and not those of the next request",
          "[edge][front]") {
    const std::string own = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";

    for (const std::size_t step : {1U, 4U, 1000U}) {
        CHECK(read(own + "GET / HTTP/1.1\r\n", step) == Read{0, "hello", own.size()});
    }
}

TEST_CASE("chunked body: 1000 bytes are within a limit of 1000, 1001 are 413 at once",
          "[edge][front]") {
    CHECK(read("3e8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n").status == 0);
    CHECK(read("3e9\r\n").status == 413);
    CHECK(read("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n").status == 413);
}

TEST_CASE("chunked body: what is not body is bounded as well", "[edge][front]") {
    CHECK(read("5;" + std::string(254, 'a') + "\r\nhello\r\n0\r\n\r\n").status == 0);
    CHECK(read("5;" + std::string(300, 'a')).status == 400);
    CHECK(read("0\r\nA: " + std::string(20'000, 'a')).status == 431);

    std::string extensions;
    for (int i = 0; i < 100; ++i) {
        extensions += "1;" + std::string(200, 'a') + "\r\nx\r\n";
    }
    CHECK(read(extensions).status == 400);
    std::string trailers = "0\r\n";
    for (int i = 0; i < 101; ++i) {
        trailers += "A: b\r\n";
    }
    CHECK(read(trailers + "\r\n").status == 431);
}

}  // namespace
}  // namespace ringback
