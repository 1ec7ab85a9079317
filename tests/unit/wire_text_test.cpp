// Times, URLs, UTF-8, words: the small parts of the wire formats.

#include <catch2/catch.hpp>
#include <chrono>

#include "simulator/wire/header_object.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/media.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/utf8.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;

constexpr Instant founding{1511496046s};  // 2017-11-24T04:00:46Z

}  // namespace

TEST_CASE("time: it is shown in whole seconds, cut off, with a Z", "[wire]") {
    CHECK(time_text(founding) == "2017-11-24T04:00:46Z");
    CHECK(time_text(founding + 999'999'999ns) == "2017-11-24T04:00:46Z");
    CHECK(time_text(Instant{}) == "1970-01-01T00:00:00Z");
    CHECK(time_text(Instant{-1ns}) == "1969-12-31T23:59:59Z");
    CHECK(time_text(Instant{951'782'400s}) == "2000-02-29T00:00:00Z");
}

TEST_CASE("time: the journal's form has milliseconds", "[wire]") {
    std::string out;
    append_time_ms(out, founding + 7ms + 999us);
    CHECK(out == "2017-11-24T04:00:46.007Z");
}

TEST_CASE("time: every query form of the API is read", "[wire]") {
    const auto midnight = Instant{1511481600s};
    CHECK(parse_time("2017-11-24T04:00:46Z") == founding);
    CHECK(parse_time("2017-11-24 04:00:46") == founding);
    CHECK(parse_time("2017-11-24+04:00:46") == founding);
    CHECK(parse_time("2017-11-24T04:00:46.250Z") == founding + 250ms);
    CHECK(parse_time("2017-11-24T05:00:46+01:00") == founding);
    CHECK(parse_time("2017-11-24T02:00:46-02") == founding);
    CHECK(parse_time("2017-11-24T05:00:46 0100") == founding);
    CHECK(parse_time("2017-11-24T04:00") == founding - 46s);
    CHECK(parse_time("2017-11-24") == midnight);
}

TEST_CASE("time: what is not a time is refused", "[wire]") {
    for (const auto* const text :
         {"", "now", "1511496046", "2017-11", "2017-13-01", "2017-02-29", "2017-11-24T25:00",
          "2017-11-24T04", "2017-11-24T04:00:46.", "2017-11-24T04:00:46Zx", "2017-11-24x04:00",
          "2017-11-24T04:00:46+", "99999-01-01", "1969-12-31"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_time(text));
    }
}

TEST_CASE("url: everything but the unreserved is percent-encoded, and comes back", "[wire]") {
    CHECK(percent_encoded("+1 919:/\xc3\xa9-._~") == "%2B1%20919%3A%2F%C3%A9-._~");
    CHECK(percent_decoded("%2B1%20919") == "+1 919");
    CHECK(percent_decoded("%2b+x") == "++x");
    CHECK(percent_decoded("%252F") == "%2F");
    CHECK_FALSE(percent_decoded("%"));
    CHECK_FALSE(percent_decoded("a%2"));
    CHECK_FALSE(percent_decoded("%zz"));
}

TEST_CASE("url: absolute http and https URLs are told from all others", "[wire]") {
    for (const auto* const good :
         {"http://127.0.0.1:9000/cb", "https://user:p%40ss@example.com/cb?x=1#f", "HTTP://host",
          "http://[::1]:8080/", "http://host?x=1"}) {
        CAPTURE(good);
        CHECK(is_http_url(good));
    }
    for (const auto* const bad : {"",
                                  "cb",
                                  "/cb",
                                  "ftp://host/",
                                  "http:/host",
                                  "http://",
                                  "http:///cb",
                                  "http://host:0/",
                                  "http://host:65536/",
                                  "http://host:80x/",
                                  "http://a@b@c/",
                                  "http://ho st/",
                                  "http://host/a b",
                                  "http://host\\@x/",
                                  "http://host/\xc3\xa9",
                                  "http://host/\n",
                                  "http://[::1/",
                                  "http://[zone%25]/",
                                  "http://:80/",
                                  "mailto:http://x"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_http_url(bad));
    }
    CHECK(is_http_url("http://h/" + std::string(2039, 'a')));
    CHECK_FALSE(is_http_url("http://h/" + std::string(2040, 'a')));
}

TEST_CASE("url: user information is shown nowhere", "[wire]") {
    CHECK(redacted_url("http://user:secret@host:1/cb?a=b@c") == "http://***@host:1/cb?a=b@c");
    CHECK(redacted_url("http://host/cb?a=b@c") == "http://host/cb?a=b@c");
    CHECK(redacted_url("") == "");
    CHECK(redacted_url("a@b://c") == "a@b://c");
}

TEST_CASE("url: of what was meant as an address user information is shown nowhere", "[wire]") {
    CHECK(redacted_address("http://user:secret@host:1/cb?a=b@c") == "http://***@host:1/cb?a=b@c");
    CHECK(redacted_address("ftp://user:sec/ret@host") == "ftp://***@host");
    CHECK(redacted_address("http://host/cb?a=b@c") == "http://host/cb?a=b@c");
    CHECK(redacted_address("user:secret@host:80") == "***@host:80");
    CHECK(redacted_address("user:sec@ret/@host") == "***@host");
    CHECK(redacted_address("http:/user:secret@host") == "***@host");
    CHECK(redacted_address("//user:secret@host") == "***@host");
    CHECK(redacted_address("host:80/cb") == "host:80/cb");
    CHECK(redacted_address("") == "");
}

TEST_CASE("url: a Host that is repeated in answers looks like one", "[wire]") {
    for (const auto* const good : {"127.0.0.1:12180", "localhost", "api.example-1.com:80", "[::1]",
                                   "[::1]:8080", "my_container:1"}) {
        CAPTURE(good);
        CHECK(is_host_and_port(good));
    }
    for (const auto* const bad : {"", ":80", "host:", "host:0", "host:99999", "a b", "a/b", "a\"b",
                                  "a<b", "[::1", "user@host", "a:b:c", "[]:1", "host\r\nX: y"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_host_and_port(bad));
    }
}

TEST_CASE("utf8: only well-formed sequences count, and cropping never splits one", "[wire]") {
    CHECK(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    for (const auto* const bad : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82"}) {
        CHECK_FALSE(is_utf8(bad));
    }
    CHECK(utf8_length("a\xc3\xa9z") == 3);
    CHECK(utf8_crop("a\xc3\xa9z", 2) == "a\xc3\xa9");
    CHECK(utf8_crop("abc", 3) == "abc");
    CHECK(utf8_crop("abc", 0).empty());
}

TEST_CASE("json: the writer separates members and leaves out what is empty", "[wire]") {
    std::string out;
    JsonObject object{out};
    object.text("a", "x\"y");
    object.text_if("b", "");
    object.integer("c", -5);
    object.boolean("d", true);
    object.end();
    CHECK(out == R"({"a":"x\"y","c":-5,"d":true})");
}

TEST_CASE("media: the recordings are well-formed files of half a second", "[wire]") {
    const std::string& wav = recording_bytes(RecordingFormat::wav);
    CHECK(wav.size() == 44 + 8000);
    CHECK(wav.substr(0, 4) == "RIFF");
    CHECK(wav.substr(8, 8) == "WAVEfmt ");
    CHECK(wav.substr(36, 4) == "data");

    const std::string& mp3 = recording_bytes(RecordingFormat::mp3);
    CHECK(mp3.size() == 14 * 144);
    for (std::size_t frame = 0; frame < mp3.size(); frame += 144) {
        CHECK(mp3.substr(frame, 4) == std::string{"\xff\xfb\x18\xc4", 4});
    }
}

TEST_CASE("headers: name and value by turns are an object, also when the text ends within",
          "[wire]") {
    CHECK(header_object("X-A\n1\nx-a\n2\nB\n\n").dump() == R"({"x-a":"1, 2","b":""})");
    CHECK(header_object("a\n1\nb").dump() == R"({"a":"1","b":""})");
    CHECK(header_object("a\n1").dump() == R"({"a":"1"})");
    CHECK(header_object("a").dump() == R"({"a":""})");
    CHECK(header_object("").dump() == "{}");
}

}  // namespace ringback
