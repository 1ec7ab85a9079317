#include <catch2/catch.hpp>
#include <string>

#include "harness/cli/output.h"
#include "harness/cli/values.h"
#include "harness/receiver/http_client.h"

using namespace ringback;
using namespace std::chrono_literals;

namespace {

/// The words of a refusal; "" when there is none.
template <class T>
std::string problem(const Result<T>& result) {
    return result ? std::string{} : result.error().what;
}

}  // namespace

TEST_CASE("values: whole numbers keep to their range and their digits", "[cli]") {
    CHECK(whole_number_of("0", 0, 7).value() == 0);
    CHECK(whole_number_of("7", 0, 7).value() == 7);
    CHECK(whole_number_of("18446744073709551615", 0, UINT64_MAX).value() == UINT64_MAX);
    for (const char* wrong :
         {"8", "-1", "+1", "1.0", "", " 1", "1 ", "0x1", "99999999999999999999"}) {
        CAPTURE(wrong);
        CHECK(problem(whole_number_of(wrong, 0, 7)) ==
              std::string{"expected a whole number 0-7, found \""} + wrong + "\"");
    }
}

TEST_CASE("values: ports", "[cli]") {
    CHECK(port_of("0").value() == 0);
    CHECK(port_of("65535").value() == 65535);
    CHECK(problem(port_of("65536")) == "expected a port 0-65535, 0 for any, found \"65536\"");
}

TEST_CASE("values: delays are fixed or a range", "[cli]") {
    CHECK(delay_of("4s").value() == DelayRange{4s});
    CHECK(delay_of("2s..6s").value() == DelayRange{2s, 6s});
    CHECK(problem(delay_of("soon")) == "expected a duration such as 4s or 2s..6s, found \"soon\"");
    CHECK_FALSE(delay_of("6s..2s").ok());
}

TEST_CASE("values: deadlines keep to their range", "[cli]") {
    CHECK(deadline_of("250ms", 0ms, 10s).value() == 250ms);
    CHECK(problem(deadline_of("11s", 0ms, 10s)) == "expected 0s to 10s, found \"11s\"");
}

TEST_CASE("values: a time scale is bounded on both sides", "[cli]") {
    CHECK(time_scale_of("20").value() == 20.0);
    CHECK(time_scale_of("0.5").value() == 0.5);
    for (const char* wrong : {"0", "0.0001", "-1", "nan", "inf", "1e3", "10001", "", "2x"}) {
        CAPTURE(wrong);
        CHECK_FALSE(time_scale_of(wrong).ok());
    }
}

TEST_CASE("values: sizes have units of 1024", "[cli]") {
    CHECK(size_of("4096").value() == 4096);
    CHECK(size_of("64kB").value() == 65536);
    CHECK(size_of("1MB").value() == 1U << 20U);
    CHECK(size_of("1GB").value() == 1U << 30U);
    for (const char* wrong : {"0", "2GB", "1 MB", "MB", "-1"}) {
        CAPTURE(wrong);
        CHECK_FALSE(size_of(wrong).ok());
    }
}

TEST_CASE("values: a header may be added unless it is one of ours or not one at all", "[cli]") {
    CHECK(header_of("X-Run:7").value() == "X-Run: 7");
    CHECK(header_of("X-Run:   a b").value() == "X-Run: a b");
    for (const char* wrong : {"X-Run", ": 7", "X Run: 7", "X-Run: a\r\nHost: b", "Host: x",
                              "CONTENT-LENGTH: 3", "Transfer-Encoding: chunked"}) {
        CAPTURE(wrong);
        CHECK_FALSE(header_of(wrong).ok());
    }
    for (const char* secret :
         {"Authorization hunter2", "Authori zation: hunter2", "A: hunter2\r"}) {
        CHECK(problem(header_of(secret)).find("hunter2") == std::string::npos);
    }
}

TEST_CASE("values: the length of an audio is behind the last equals sign", "[cli]") {
    const auto length = length_of_audio("1 + 1 = 2=30s").value();

    CHECK(length.first == "1 + 1 = 2");
    CHECK(length.second == 30s);
    CHECK_FALSE(length_of_audio("Hello").ok());
    CHECK_FALSE(length_of_audio("=3s").ok());
    CHECK_FALSE(length_of_audio("Hello=soon").ok());
}

TEST_CASE("values: a far end is an act and what the person adds to it", "[cli]") {
    const auto [number, far_end] =
        far_end_of("+19195550100=answer:2s,press:12#,hangup:10s,say:yes please,recording-fails")
            .value();

    CHECK(number == "+19195550100");
    CHECK(far_end.act == FarEndAct::answers);
    CHECK(far_end.after == Duration{2s});
    REQUIRE(far_end.script);
    CHECK(far_end.script->keys_after_answer == "12#");
    CHECK(far_end.script->hangs_up_after == Duration{10s});
    CHECK(far_end.script->says == "yes please");
    CHECK(far_end.script->recording_fails);
    CHECK_FALSE(far_end.script->transcription_fails);
}

TEST_CASE("values: every word of a far end is its act", "[cli]") {
    CHECK(far_end_of("n=busy").value().second.act == FarEndAct::busy);
    CHECK(far_end_of("n=no-answer").value().second.act == FarEndAct::never_answers);
    CHECK(far_end_of("n=decline:1s").value().second.after == Duration{1s});
    CHECK(far_end_of("n=unallocated").value().second.act == FarEndAct::unallocated);
    CHECK(far_end_of("n=network-failure").value().second.act == FarEndAct::network_failure);
    CHECK(far_end_of("n=platform-error").value().second.act == FarEndAct::platform_error);
    CHECK(far_end_of("n=press-on-gather:1,keys-after:1s").value().second.script->keys_on_gather ==
          "1");
}

TEST_CASE("values: a far end that cannot be read says what there is", "[cli]") {
    CHECK(problem(far_end_of("+1919")) ==
          "expected NUMBER=WHAT, such as +19195550100=busy, found \"+1919\"");
    CHECK(problem(far_end_of("n=bsy")).find("busy[:TIME]") != std::string::npos);
    CHECK(problem(far_end_of("n=bsy")).ends_with("found \"bsy\""));
    CHECK(problem(far_end_of("n=press")) == "expected press:KEYS, found \"press\"");
    CHECK(problem(far_end_of("n=no-answer:3s")) ==
          "expected no-answer alone, found \"no-answer:3s\"");
    CHECK(problem(far_end_of("n=press:12x")) == "expected keys of 0-9 * # A-D, found \"12x\"");
    CHECK_FALSE(far_end_of("n=answer,").ok());
    CHECK_FALSE(far_end_of("n=").ok());
    CHECK_FALSE(far_end_of("=busy").ok());
}

TEST_CASE("values: a callback URL is read as callbacks read it", "[cli]") {
    const auto target = [](std::string_view url) {
        return callback_target_of(url).value().host_and_port();
    };
    CHECK(target("http://127.0.0.1:3000/cb?x=@y:1") == "127.0.0.1:3000");
    CHECK(target("http://user:pass@host/cb") == "host:80");
    CHECK(target("https://host") == "host:443");
    CHECK(target("https://[::1]/cb") == "[::1]:443");

    CHECK(problem(callback_target_of("http://localhost./x")) ==
          "expected a host that does not end in a dot, found \"http://localhost./x\"");
    CHECK(problem(callback_target_of("localhost:3000")) ==
          "expected http:// or https:// at the beginning, found \"localhost:3000\"");
    CHECK(problem(callback_target_of("http://u:hunter2@0x7f.1/")) ==
          "expected a host that is a name, a dotted quad (127.0.0.1) or [IPv6], found "
          "\"http://***@0x7f.1/\"");
}

TEST_CASE("values: where to listen is an address or localhost", "[cli]") {
    CHECK(bind_address_of("127.0.0.1").value() == "127.0.0.1");
    CHECK(bind_address_of("localhost").value() == "localhost");
    CHECK(bind_address_of("::1").value() == "::1");
    CHECK(bind_address_of("[::1]").value() == "::1");
    CHECK(bind_address_of("fe80::1%eth0").value() == "fe80::1%eth0");
    for (const char* wrong :
         {"nonsense", "", "[127.0.0.1]", "127.0.0.1%lo", "127.1", "[::1", "0.0.0.0:80", "%"}) {
        CAPTURE(wrong);
        CHECK(problem(bind_address_of(wrong)) ==
              "expected localhost, or an IPv4 or IPv6 address of this machine, found \"" +
                  std::string{wrong} + "\"");
    }
    CHECK(is_loopback_address("127.8.9.1"));
    CHECK(is_loopback_address(bind_address_of("[::1]").value()));
    CHECK_FALSE(is_loopback_address("0.0.0.0"));
}

TEST_CASE("values: a URL's secret is not repeated when it is refused", "[cli]") {
    const Result<std::string> refused = url_of("ftp://user:hunter2@host/");

    REQUIRE_FALSE(refused.ok());
    CHECK(problem(refused).find("hunter2") == std::string::npos);
}

TEST_CASE("values: what is refused shows no password, with a scheme or without", "[cli]") {
    const std::string begin = "expected a port 0-65535, 0 for any, found ";
    CHECK(problem(port_of("me:hunter2@h")) == begin + "\"***@h\"");
    CHECK(problem(port_of("http://me:hun ter2@h/")) == begin + "\"http://***@h/\"");
    CHECK(problem(port_of("http://me:hun\"t/er2@h/")) == begin + "\"http://***@h/\"");
    CHECK(problem(port_of("http://me:hunter2@h http://me:hunter2@h")) ==
          begin + "\"http://***@h http://***@h\"");
    CHECK(problem(port_of("http://h/cb?to=a@b")) == begin + "\"http://h/cb?to=a@b\"");
}

TEST_CASE("output: a password is not shown when its '@' lies behind a cut", "[cli]") {
    const std::string url = "http://me:hunter2";
    for (std::size_t at = 253; at <= 260; ++at) {
        const std::string text =
            std::string(at - url.size() - 1, 'x') + " " + url + "@host/callback";
        CAPTURE(at);
        CHECK(masked(printable(text)).find("hunter") == std::string::npos);
        CHECK(masked("\"" + printable(text) + "\": no").find("hunter") == std::string::npos);
        CHECK(masked(printable(text) + ": no").find("hunter") == std::string::npos);
    }
}

TEST_CASE("output: what only looks like a cut is shown", "[cli]") {
    for (const std::string text :
         {"...", "see ... at http://h:1/ and a@b", "http://h:1/cb...", "a...b http://h/..."}) {
        CHECK(masked(text) == text);
    }
    CHECK(masked("http://me:hun...ter@h/ ...") == "http://***@h/ ...");
}

TEST_CASE("values: the address of a fake", "[cli]") {
    CHECK(http_peer_of("http://127.0.0.1:12180").value() == HttpPeer{"127.0.0.1", 12180});
    CHECK(http_peer_of("http://fake/").value() == HttpPeer{"fake", 80});
    CHECK(http_peer_of("http://[::1]:9").value() == HttpPeer{"::1", 9});
    CHECK(http_peer_of("http://fake:81/__admin").value() == HttpPeer{"fake", 81});
    CHECK(http_peer_of("http://fake:81/__admin/").value() == HttpPeer{"fake", 81});
    for (const char* wrong : {"127.0.0.1:12180", "https://h:1", "http://h:0", "http://h:99999",
                              "http://h/v1", "http://u:p@h", "http://", "http://h?x"}) {
        CAPTURE(wrong);
        CHECK_FALSE(http_peer_of(wrong).ok());
    }
}

TEST_CASE("output: text from elsewhere is made harmless", "[cli]") {
    CHECK(printable("Gr\u00fc\u00dfe") == "Gr\u00fc\u00dfe");
    CHECK(printable("a\x1b[2J\n") == "a\\x1b[2J\\x0a");
    CHECK(printable("\u0085") == "\\xc2\\x85");
    CHECK(printable("\xff\x7f") == "\\xff\\x7f");
    CHECK(printable("\xe2\x82") == "\\xe2\\x82");
    // What is not seen, but turns a line around, ends it or hides a difference.
    CHECK(printable("a\u202egpj.exe") == "a\\xe2\\x80\\xaegpj.exe");
    CHECK(printable("\u2028") == "\\xe2\\x80\\xa8");
    for (const char* unseen :
         {"\u061c", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028",
          "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2060",
          "\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\ufffe", "\uffff"}) {
        CAPTURE(printable(unseen));
        CHECK(printable(unseen).starts_with("\\x"));
        CHECK_FALSE(is_shown_as_is(unseen));
    }
    // Their neighbours are characters like any other.
    for (const char* seen : {"\u00a0", "\u061b", "\u061d", "\u200a", "\u2010", "\u2027", "\u202f",
                             "\u205f", "\u206a", "\ufefe", "\ufffd", "\U00010000", "\U0001f600"}) {
        CAPTURE(seen);
        CHECK(printable(seen) == seen);
    }
    CHECK(printable(std::string(300, 'x')) == std::string(256, 'x') + "...");
}

TEST_CASE("output: words are wrapped at the width, never lost", "[cli]") {
    CHECK(wrapped("aa bb cc", 5) == std::vector<std::string>{"aa bb", "cc"});
    CHECK(wrapped("aaaaaaa b", 3) == std::vector<std::string>{"aaaaaaa", "b"});
    CHECK(wrapped("a\nb", 9) == std::vector<std::string>{"a", "b"});
    CHECK(wrapped("", 9) == std::vector<std::string>{""});
}
