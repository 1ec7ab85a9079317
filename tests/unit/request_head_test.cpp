#include "simulator/edge/request_head.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ringback {
namespace {

constexpr std::uint64_t max_body = 1000;

/// 0 when accepted, -1 when more is wanted, else the status it is refused with.
int judge(std::string_view text) {
    RequestHead head{max_body};
    switch (head.advance(text)) {
        case RequestHead::State::incomplete:
            return -1;
        case RequestHead::State::complete:
            return 0;
        case RequestHead::State::refused:
            return head.refusal().status;
    }
    return -2;
}

/// The same, fed in pieces that grow by `step`.
int judge_in_steps(std::string_view text, std::size_t step) {
    RequestHead head{max_body};
    for (std::size_t size = step;; size += step) {
        const auto state = head.advance(text.substr(0, size));
        if (state != RequestHead::State::incomplete || size >= text.size()) {
            return state == RequestHead::State::complete  ? 0
                   : state == RequestHead::State::refused ? head.refusal().status
                                                          : -1;
        }
    }
}

std::string with_fields(const std::string& fields) {
    return "POST /v1/users/u-1/calls?x=1 HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

struct Case {
    std::string text;
    int status;
};

std::vector<Case> request_lines() {
    const auto line = [](const std::string& text, int status) {
        return Case{text + "\r\nHost: h\r\n\r\n", status};
    };
    return {
        line("GET / HTTP/1.1", 0),
        line("GET / HTTP/1.0", 0),
        line("PROPFIND /a/b?c=d&e HTTP/1.1", 0),
        line("get /lower HTTP/1.1", 0),
        line("GET //double//slash HTTP/1.1", 0),
        line("GET http://h/a?b HTTP/1.1", 0),
        line("GET HTTP://H HTTP/1.1", 0),
        line("GET http://other/a HTTP/1.1", 400),
        line("GET http:///a HTTP/1.1", 400),
        line("GET http://u:p@h/a HTTP/1.1", 400),
        line("GET ftp://h/a HTTP/1.1", 400),
        line("GET file:///etc/passwd HTTP/1.1", 400),
        line("CONNECT h:80 HTTP/1.1", 400),
        line("OPTIONS * HTTP/1.1", 400),
        line("GET a HTTP/1.1", 400),
        line("GET /a#b HTTP/1.1", 400),
        line("GET /\x80 HTTP/1.1", 400),
        line("GET /\xc3\xa4 HTTP/1.1", 400),
        line("GET /a b HTTP/1.1", 400),
        line("GET  / HTTP/1.1", 400),
        line("GET /  HTTP/1.1", 400),
        line(" GET / HTTP/1.1", 400),
        line("GET / HTTP/1.1 ", 400),
        line("GET\t/\tHTTP/1.1", 400),
        line("GET /", 400),
        line("GET", 400),
        line("", 400),
        line("G@T / HTTP/1.1", 400),
        line("G\"T / HTTP/1.1", 400),
        line(std::string(32, 'A') + " / HTTP/1.1", 0),
        line(std::string(33, 'A') + " / HTTP/1.1", 400),
        line("GET / HTTP/2.0", 505),
        line("GET / HTTP/0.9", 505),
        line("GET / HTTP/1.2", 505),
        line("GET / HTTP/1.10", 400),
        line("GET / HTTP/11", 400),
        line("GET / HTTP/1,1", 400),
        line("GET / http/1.1", 400),
        line("GET / HTTP/x.y", 400),
        line("GET / HTTPS/1.1", 400),
        Case{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Case{"GET / HTTP/1.1\nHost: h\n\n", 400},
        Case{"GET / HTTP/1.1\rHost: h\r\r", 400},
        Case{std::string{"GET /\0 HTTP/1.1\r\n", 17}, 400},
        Case{"\x16\x03\x01\x02", 400},  // the hello of TLS
        Case{"GET / HTTP/1.1\r\n\r\n", 400},
        Case{"GET / HTTP/1.0\r\n\r\n", 0},
    };
}

std::vector<Case> fields() {
    const auto field = [](const std::string& text, int status) {
        return Case{with_fields(text), status};
    };
    return {
        field("", 0),
        field("A: b\r\n", 0),
        field("A:\r\n", 0),
        field("A:b\r\n", 0),
        field("A: \t b \t\r\n", 0),
        field("A: caf\xc3\xa9\r\n", 0),
        field("A : b\r\n", 400),
        field(" A: b\r\n", 400),
        field("A: b\r\n folded\r\n", 400),
        field("A: b\r\n\tfolded\r\n", 400),
        field("no colon\r\n", 400),
        field(": no name\r\n", 400),
        field("A(: b\r\n", 400),
        field("A\x80: b\r\n", 400),
        field("A: b\x01\r\n", 400),
        field("A: b\x7f\r\n", 400),
        field("A: b\nC: d\r\n", 400),
        field("A: b\rC: d\r\n", 400),
        field("Host: h\r\n", 400),
        field("Content-Length: 0\r\n", 0),
        field("Content-Length: 1000\r\n", 0),
        field("Content-Length: 000000000000001000\r\n", 0),
        field("Content-Length: 1001\r\n", 413),
        field("Content-Length: 999999999999999999\r\n", 413),
        field("Content-Length: 1000000000000000000\r\n", 400),
        field("Content-Length: 18446744073709551617\r\n", 400),
        field("Content-Length:\r\n", 400),
        field("Content-Length: +5\r\n", 400),
        field("Content-Length: -5\r\n", 400),
        field("Content-Length: 5.0\r\n", 400),
        field("Content-Length: 5;\r\n", 400),
        field("Content-Length: 0x5\r\n", 400),
        field("Content-Length: 5 5\r\n", 400),
        field("Content-Length: 5, 5\r\n", 400),
        field("Content-Length: 5\r\nContent-Length: 5\r\n", 400),
        field("Content-Length: 5\r\ncontent-length: 6\r\n", 400),
        field("Transfer-Encoding: chunked\r\n", 0),
        field("transfer-encoding: Chunked\r\n", 0),
        field("Transfer-Encoding: gzip, chunked\r\n", 400),
        field("Transfer-Encoding: chunked, identity\r\n", 400),
        field("Transfer-Encoding: identity\r\n", 400),
        field("Transfer-Encoding: xchunked\r\n", 400),
        field("Transfer-Encoding: \"chunked\"\r\n", 400),
        field("Transfer-Encoding:\r\n", 400),
        field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
        field("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400),
        field("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
        field("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
        field("Transfer-Encoding : chunked\r\n", 400),
        field("Content-Encoding: identity\r\n", 0),
        field("Content-Encoding: gzip\r\n", 415),
        field("Content-Encoding: identity, br\r\n", 415),
        field("Expect: 100-continue\r\n", 0),
        field("Expect: 100-Continue\r\n", 0),
        field("Expect: a miracle\r\n", 417),
        Case{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    };
}

std::vector<Case> hosts() {
    const auto host = [](const std::string& text, int status) {
        return Case{"GET / HTTP/1.1\r\nHost:" + text + "\r\n\r\n", status};
    };
    return {host(" localhost", 0),
            host(" localhost:8080", 0),
            host(" my_container.internal:1", 0),
            host(" 127.0.0.1:65535", 0),
            host(" [::1]", 0),
            host(" [::1]:80", 0),
            host(" [::ffff:127.0.0.1]:80", 0),
            host(" h:", 0),
            host("", 400),
            host(" a b", 400),
            host(" a/b", 400),
            host(" a@b", 400),
            host(" h:80x", 400),
            host(" h:123456", 400),
            host(" :80", 400),
            host(" [::1", 400),
            host(" []", 400),
            host(" [::1]x", 400),
            host(" a\\b", 400),
            host(" <script>", 400),
            host(" " + std::string(261, 'a'), 0),
            host(" " + std::string(262, 'a'), 400)};
}

TEST_CASE("request head: every form is accepted or refused as the table says", "[edge][front]") {
    auto table = request_lines();
    for (const auto& more : {fields(), hosts()}) {
        table.insert(table.end(), more.begin(), more.end());
    }
    for (const auto& [text, status] : table) {
        CAPTURE(text);
        CHECK(judge(text) == status);
    }
}

TEST_CASE("request head: how the bytes were split makes no difference", "[edge][front]") {
    auto table = request_lines();
    for (const auto& more : {fields(), hosts()}) {
        table.insert(table.end(), more.begin(), more.end());
    }
    for (const auto& [text, status] : table) {
        for (const std::size_t step : {1U, 2U, 7U}) {
            CAPTURE(text, step);
            CHECK(judge_in_steps(text, step) == status);
        }
    }
}

TEST_CASE("request head: a request line of 8192 bytes is read, one of 8193 is 414",
          "[edge][front]") {
    const auto line_of = [](std::size_t size) {
        return "GET /" + std::string(size - 14, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    };
    CHECK(judge(line_of(8192)) == 0);
    CHECK(judge_in_steps(line_of(8192), 100) == 0);
    CHECK(judge(line_of(8193)) == 414);
    CHECK(judge_in_steps(line_of(8193), 100) == 414);
    CHECK(judge(line_of(2'000'000)) == 414);
    CHECK(judge(std::string(8192, 'a')) == -1);
    CHECK(judge(std::string(8193, 'a')) == 414);
}

TEST_CASE("request head: a head of 16384 bytes is read, one of 16385 is 431", "[edge][front]") {
    const auto head_of = [](std::size_t size) {
        const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
        return begin + std::string(size - begin.size() - 4, 'a') + "\r\n\r\n";
    };
    CHECK(judge(head_of(16'384)) == 0);
    CHECK(judge_in_steps(head_of(16'384), 1000) == 0);
    CHECK(judge(head_of(16'385)) == 431);
    CHECK(judge_in_steps(head_of(16'385), 1000) == 431);
    CHECK(judge(head_of(2'000'000)) == 431);
}

TEST_CASE("request head: 100 fields are read, 101 are 431", "[edge][front]") {
    const auto fields_of = [](std::size_t count) {
        std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
        for (std::size_t i = 1; i < count; ++i) {
            text += "A: b\r\n";
        }
        return text + "\r\n";
    };
    CHECK(judge(fields_of(100)) == 0);
    CHECK(judge(fields_of(101)) == 431);
    CHECK(judge(fields_of(1000)) == 431);
}

TEST_CASE("request head: it tells the parts of the request", "[edge][front]") {
    RequestHead head{max_body};
    const std::string text =
        "POST /v1/users/u-1/calls/?a=%20b&c=? HTTP/1.1\r\nHost: h:1\r\nX-A:  b c \r\n"
        "Content-Length: 12\r\nExpect: 100-continue\r\n\r\n";

    REQUIRE(head.advance(text + "the body") == RequestHead::State::complete);

    CHECK(head.size() == text.size());
    const Request& request = head.request();
    CHECK(request.method == "POST");
    CHECK(request.target == "/v1/users/u-1/calls/?a=%20b&c=?");
    CHECK(request.path == "/v1/users/u-1/calls/");
    CHECK(request.query == "a=%20b&c=?");
    CHECK(request.header("x-a") == "b c");
    CHECK(request.header("missing").empty());
    CHECK(request.count("HOST") == 1);
    CHECK(head.framing().content_length == 12);
    CHECK(head.framing().has_body());
    CHECK(head.framing().expects_continue);
    CHECK(head.framing().keep_alive);
}

TEST_CASE("request head: an absolute target is served like its path", "[edge][front]") {
    RequestHead head{max_body};

    REQUIRE(head.advance("GET http://h:80?a=b HTTP/1.0\r\n\r\n") == RequestHead::State::complete);

    CHECK(head.request().target == "/?a=b");
    CHECK(head.request().path == "/");
    CHECK(head.request().query == "a=b");
    CHECK(head.request().header("Host") == "h:80");
}

TEST_CASE("request head: who keeps the connection", "[edge][front]") {
    const auto keeps = [](const std::string& version, const std::string& field) {
        RequestHead head{max_body};
        REQUIRE(head.advance("GET / HTTP/" + version + "\r\nHost: h\r\n" + field + "\r\n") ==
                RequestHead::State::complete);
        return head.framing().keep_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK(keeps("1.1", "Connection: Keep-Alive\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: close\r\n"));
    CHECK_FALSE(keeps("1.1", "connection: TE , Close\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: keep-alive\r\n"));
    CHECK_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("request head: complete, it stays so, whatever is received then", "[edge][front]") {
    const std::string bytes{"POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"};
    RequestHead head{max_body};
    REQUIRE(head.advance(bytes) == RequestHead::State::complete);

    // The bytes of the head may be gone by then, and a body may look like one.
    for (const std::string& later : {bytes + "hello", std::string{"hello"}, std::string{},
                                     bytes + "A: b\r\n\r\n", bytes + "\n\n"}) {
        CAPTURE(later);
        CHECK(head.advance(later) == RequestHead::State::complete);
        CHECK(head.size() == bytes.size());
        CHECK(head.request().headers.size() == 2);
    }
}

TEST_CASE("request head: a control byte is seen wherever in a line it stands", "[edge][front]") {
    for (std::size_t place = 0; place < 24; ++place) {
        for (const char byte : {'\0', '\x01', '\n', '\r', '\x1f', '\x7f'}) {
            std::string value(24, 'a');
            value[place] = byte;
            CAPTURE(place, static_cast<int>(byte));
            CHECK(judge(with_fields("X: " + value + "\r\n")) == 400);
        }
        for (const char byte : {'\t', ' ', '~', '\x80', '\xa0', '\xff'}) {
            std::string value(24, 'a');
            value[place] = byte;
            CAPTURE(place, static_cast<int>(byte));
            CHECK(judge(with_fields("X: " + value + "\r\n")) == 0);
        }
    }
}

TEST_CASE("request head: cleared, it reads the next one afresh", "[edge][front]") {
    RequestHead head{max_body};
    REQUIRE(head.advance("GET / HTTP/1.0\r\nExpect: x\r\nHost: h\r\nConnection: close\r\n\r\n") ==
            RequestHead::State::complete);

    head.clear();

    REQUIRE(head.advance("GET /b HTTP/1.1\r\nHost: h\r\n\r\n") == RequestHead::State::complete);
    CHECK(head.request().headers.size() == 1);
    CHECK(head.framing().keep_alive);
    CHECK_FALSE(head.framing().http_1_0);
}

}  // namespace
}  // namespace ringback
