#include "simulator/edge/target.h"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace ringback;

namespace {

Target target_of(const std::string& url) {
    INFO(url);
    auto target = parse_target(url);
    if (!target.ok()) {
        FAIL(to_text(target.error()));
    }
    return std::move(target).value();
}

TargetPolicy policy_with(std::vector<std::string> allow) {
    auto policy = TargetPolicy::from(TargetSettings{std::move(allow)});
    if (!policy.ok()) {
        FAIL(to_text(policy.error()));
    }
    return std::move(policy).value();
}

bool allowed(const TargetPolicy& policy, const std::string& url) {
    return policy.allows(target_of(url));
}

IpAddress ip(std::string_view text) { return parse_ip(text).value(); }

}  // namespace

TEST_CASE("target: a URL is taken apart into what is dialled and what is sent", "[edge][target]") {
    struct Row {
        const char* url;
        bool tls;
        const char* host;
        int port;
        const char* host_header;
        const char* request_target;
    };
    const auto row = GENERATE(values<Row>({
        {"http://127.0.0.1", false, "127.0.0.1", 80, "127.0.0.1", "/"},
        {"http://127.0.0.1/", false, "127.0.0.1", 80, "127.0.0.1", "/"},
        {"HTTP://127.0.0.1:8080/cb", false, "127.0.0.1", 8080, "127.0.0.1:8080", "/cb"},
        {"http://127.0.0.1:80/cb", false, "127.0.0.1", 80, "127.0.0.1", "/cb"},
        {"http://127.0.0.1:443/", false, "127.0.0.1", 443, "127.0.0.1:443", "/"},
        {"https://localhost/cb?a=1", true, "localhost", 443, "localhost", "/cb?a=1"},
        {"HtTpS://LOCALHOST:443/", true, "localhost", 443, "localhost", "/"},
        {"https://localhost:80/", true, "localhost", 80, "localhost:80", "/"},
        {"http://localhost?a=1", false, "localhost", 80, "localhost", "/?a=1"},
        {"http://localhost?a=1#x", false, "localhost", 80, "localhost", "/?a=1"},
        {"http://localhost#frag", false, "localhost", 80, "localhost", "/"},
        {"http://localhost/a#b?c", false, "localhost", 80, "localhost", "/a"},
        {"http://localhost/a?b?c", false, "localhost", 80, "localhost", "/a?b?c"},
        {"http://localhost/a@b:c", false, "localhost", 80, "localhost", "/a@b:c"},
        {"http://localhost//evil.test/", false, "localhost", 80, "localhost", "//evil.test/"},
        {"http://localhost/%0d%0aX", false, "localhost", 80, "localhost", "/%0d%0aX"},
        {"http://[::1]/", false, "::1", 80, "[::1]", "/"},
        {"http://[::1]:65535/x", false, "::1", 65535, "[::1]:65535", "/x"},
        {"http://[2001:DB8:0:0::1]:1/", false, "2001:db8::1", 1, "[2001:db8::1]:1", "/"},
        {"http://Receiver-1.test_x.example:8/", false, "receiver-1.test_x.example", 8,
         "receiver-1.test_x.example:8", "/"},
        {"http://1e100.net/", false, "1e100.net", 80, "1e100.net", "/"},
        {"http://7f.example/", false, "7f.example", 80, "7f.example", "/"},
        {"http://169.254.169.254/latest", false, "169.254.169.254", 80, "169.254.169.254",
         "/latest"},
    }));

    const Target target = target_of(row.url);

    CHECK(target.tls == row.tls);
    CHECK(target.host == row.host);
    CHECK(target.port == row.port);
    CHECK(target.host_header == row.host_header);
    CHECK(target.request_target == row.request_target);
    CHECK(target.authorization.empty());
}

TEST_CASE("target: every other spelling is refused, and none of its bytes is repeated",
          "[edge][target]") {
    const auto url = GENERATE(values<std::string>({
        // no URL, or not one of ours
        "",
        "127.0.0.1",
        "//127.0.0.1/",
        "/cb",
        "http",
        "http:",
        "http:/",
        "http:127.0.0.1",
        "http:/127.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "httpx://127.0.0.1/",
        " http://127.0.0.1/",
        "http ://127.0.0.1/",
        "http://",
        "http:///cb",
        "http://?a",
        "http://#a",
        "http://:80/",
        "http://user@/",
        // bytes
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\tb",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1\r\nHost: evil/",
        "http://127.0.0.1\\@evil.test/",
        "http:\\\\127.0.0.1\\",
        "http://127.0.0.1/\x7f",
        "http://127.0.0.1/\xc3\xa4",
        "http://127\xe3\x80\x82"
        "0.0.1/",
        "http://\xe2\x91\xa0"
        "27.0.0.1/",
        "http://127\xef\xbc\x8e"
        "0.0.1/",
        std::string{"http://127.0.0.1/\0", 18},
        std::string{"http://127.0.0.1\0.evil.test/", 28},
        "http://" + std::string(2042, 'a'),
        "http://127.0.0.1/" + std::string(2032, 'a'),
        // numbers that some resolver reads as an address
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0X7F000001/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.1/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.0x1/",
        "http://127.000.000.001/",
        "http://127.0.0.1.1/",
        "http://256.0.0.1/",
        "http://1.2.3/",
        "http://0/",
        "http://0x/",
        "http://127.0.0.1./",
        "http://4294967296/",
        "http://evil.test.1/",
        "http://a.0x7f/",

        "http://%31%32%37.0.0.1/",
        "http://127%2e0.0.1/",
        // IPv6
        "http://::1/",
        "http://[::1",
        "http://::1]/",
        "http://[]/",
        "http://[127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[::7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:1::]/",
        "http://[::ffff:0:7f00:1]/",
        "http://[::1%lo]/",
        "http://[::1%25lo]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1]x/",
        "http://[::1].evil.test/",
        "http://[[::1]]/",
        "http://[localhost]/",
        "http://[::12345]/",
        "http://[v1.x]/",
        // user information
        "http://user@127.0.0.1@evil.test/",
        "http://a:b@c:d@127.0.0.1/",
        "http://%zz@127.0.0.1/",
        "http://a%@127.0.0.1/",
        "http://a:b%4@127.0.0.1/",
        // ports
        "http://127.0.0.1:/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:99999999999999999999/",
        "http://127.0.0.1:80a/",
        "http://127.0.0.1:+80/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:080/",
        "http://127.0.0.1:80:80/",
        "http://127.0.0.1:0x50/",
        "http://[::1]:/",
        "http://[::1]:0/",
        "http://[::1]80/",
        // names
        "http://.localhost/",
        "http://localhost./",
        "http://a..b/",
        "http://evil%2etest/",
        "http://a,b/",
        "http://a;b/",
        "http://a'b/",
        "http://(a)/",
        "http://*/",
        "http://a!b/",
        "http://a~b/",
        "http://<a>/",
        "http://$HOME/",
        "http://" + std::string(64, 'a') + ".test/",
        "http://" + std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') +
            "." + std::string(63, 'd') + "/",
    }));
    CAPTURE(url);

    const auto target = parse_target(url);

    REQUIRE_FALSE(target.ok());
    CHECK(target.error().where == "url");
    CHECK(target.error().what.starts_with("expected "));
    CHECK(target.error().what.find("evil") == std::string::npos);
    CHECK(std::ranges::all_of(target.error().what, [](char c) { return c >= ' ' && c < 0x7f; }));
}

TEST_CASE("target: 2,048 characters are taken, one more is not", "[edge][target]") {
    const std::string start = "http://localhost/";

    CHECK(parse_target(start + std::string(2048 - start.size(), 'a')).ok());
    CHECK_FALSE(parse_target(start + std::string(2049 - start.size(), 'a')).ok());
}

TEST_CASE("target: user information becomes Basic credentials and is shown nowhere",
          "[edge][target]") {
    struct Row {
        const char* url;
        const char* authorization;
        const char* shown;
    };
    const auto row = GENERATE(values<Row>({
        {"http://user:pass@localhost/cb", "Basic dXNlcjpwYXNz", "http://***@localhost/cb"},
        {"https://us%65r:p%3Ass%40@[::1]:8443/",
         "Basic dXNlcjpwOnNzQA==", "https://***@[::1]:8443/"},
        {"http://user@localhost", "Basic dXNlcjo=", "http://***@localhost/"},
        {"http://:pass@localhost/", "Basic OnBhc3M=", "http://***@localhost/"},
        {"http://a:b:c@localhost/", "Basic YTpiOmM=", "http://***@localhost/"},
        {"http://%c3%a4:%0d%0a@localhost/", "Basic w6Q6DQo=", "http://***@localhost/"},
        {"http://@localhost/", "", "http://localhost/"},
    }));

    const Target target = target_of(row.url);

    CHECK(target.authorization == row.authorization);
    CHECK(target.redacted_url() == row.shown);
    CHECK(target.host_header.find('@') == std::string::npos);
    CHECK(target.request_target.find("pass") == std::string::npos);
}

TEST_CASE("target: any text can be redacted", "[edge][target]") {
    struct Row {
        const char* url;
        const char* shown;
    };
    const auto row = GENERATE(values<Row>({
        {"http://localhost/cb?x=a@b", "http://localhost/cb?x=a@b"},
        {"http://u:p@localhost:1/cb?q#f", "http://***@localhost:1/cb?q#f"},
        {"http://u@v:p@localhost/", "http://***@localhost/"},
        {"http://u:secret/with/slash@localhost/", "http://***@localhost/"},
        {"http://u:sec?ret@localhost/", "http://***@localhost/"},
        {"ftp://u:p@localhost/", "ftp://***@localhost/"},
        {"u:p@localhost", "***@localhost"},
        {"http:u:p@localhost/x", "***@localhost/x"},
        {"", ""},
        {"nonsense", "nonsense"},
    }));

    CHECK(redact_url(row.url) == row.shown);
}

TEST_CASE("target policy: by default only this machine in its plain spellings", "[edge][target]") {
    const TargetPolicy policy;

    CHECK(allowed(policy, "http://127.0.0.1:8080/"));
    CHECK(allowed(policy, "http://127.255.0.3/"));
    CHECK(allowed(policy, "https://localhost:9/"));
    CHECK(allowed(policy, "http://[::1]:1/"));
    for (const char* url :
         {"http://0.0.0.0/", "http://[::]/", "http://10.0.0.5:8080/", "http://169.254.169.254/",
          "http://128.0.0.1/", "http://126.0.0.1/", "http://[fe80::1]/", "http://receiver.test/",
          "http://foo.localhost/", "http://localhost.evil.test/"}) {
        CAPTURE(url);
        CHECK_FALSE(allowed(policy, url));
    }
}

TEST_CASE("target policy: a refusal names the flag that would allow exactly that target",
          "[edge][target]") {
    const TargetPolicy policy;
    const auto url = GENERATE(values<std::string>(
        {"http://10.0.0.5:8080/x", "http://Receiver.test/", "https://receiver.test/",
         "http://[2001:db8::1]/", "http://0.0.0.0:1/", "http://[::]:1/", "http://169.254.169.254/",
         "http://u:p@10.1.1.1:77/"}));
    CAPTURE(url);
    const Target target = target_of(url);

    const auto refusal = policy.refusal(target);

    REQUIRE(refusal);
    const std::string wanted = "start ringback with --allow-target ";
    const auto flag = refusal->find(wanted);
    REQUIRE(flag != std::string::npos);
    CHECK(refusal->find("u:p") == std::string::npos);
    const std::string rule = refusal->substr(flag + wanted.size());
    CHECK(rule == target.host_and_port());
    CHECK_FALSE(policy_with({rule}).refusal(target));
}

TEST_CASE("target policy: the text of a refusal", "[edge][target]") {
    CHECK(
        TargetPolicy{}.refusal(target_of("http://10.0.0.5:8080/cb")) ==
        "callbacks to 10.0.0.5:8080 are refused; start ringback with --allow-target 10.0.0.5:8080");
}

TEST_CASE("target policy: rules allow what they say and nothing beside it", "[edge][target]") {
    const TargetPolicy policy =
        policy_with({"10.0.0.0/8", "192.168.1.128/25", "172.16.0.9", "172.16.0.10:8080",
                     "2001:db8::/32", "fd00::1", "[fd00::2]:81", "Receiver.test", "one.test:8080"});

    for (const char* url :
         {"http://10.255.0.1:5/", "http://192.168.1.200/", "http://172.16.0.9:1/",
          "http://172.16.0.10:8080/", "http://[2001:db8:ffff::1]/", "http://[fd00::1]:7/",
          "http://[fd00::2]:81/", "https://receiver.TEST/", "http://receiver.test:99/",
          "http://one.test:8080/", "http://127.0.0.1/"}) {
        CAPTURE(url);
        CHECK(allowed(policy, url));
    }
    for (const char* url :
         {"http://11.0.0.1/", "http://192.168.1.127/", "http://172.16.0.8/", "http://172.16.0.10/",
          "http://172.16.0.10:8081/", "http://[2001:db9::1]/", "http://[fd00::2]:82/",
          "http://one.test/", "http://sub.receiver.test/", "http://receiver.test.evil.test/"}) {
        CAPTURE(url);
        CHECK_FALSE(allowed(policy, url));
    }
}

TEST_CASE("target policy: a rule that is none is refused by its flag's name", "[edge][target]") {
    const auto text = GENERATE(values<std::string>(
        {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "http://a.test/",
         "a.test/x", "a.test:0", "a.test:99999", "a b", "127.1", "*", "a.test:", "[::ffff:1.2.3.4]",
         "a.test?x", "receiver.test/24"}));
    CAPTURE(text);

    const auto policy = TargetPolicy::from(TargetSettings{{text}});

    REQUIRE_FALSE(policy.ok());
    CHECK(policy.error().where == "--allow-target");
    CHECK(policy.error().what.find("found \"" + text + "\"") != std::string::npos);
}

TEST_CASE("target policy: a rule that is none is told without its password", "[edge][target]") {
    struct Row {
        const char* rule;
        const char* shown;
    };
    const auto row = GENERATE(values<Row>({
        {"http://me:s3cret@a.test/", "http://***@a.test/"},
        {"me:s3cret@a.test", "***@a.test"},
        {"me:s3/cret@a.test:80", "***@a.test:80"},
    }));

    const auto policy = TargetPolicy::from(TargetSettings{{row.rule}});

    REQUIRE_FALSE(policy.ok());
    CHECK(policy.error().what.find("found \"" + std::string{row.shown} + "\"") !=
          std::string::npos);
}

TEST_CASE("target policy: a rule that is none is told without its control bytes",
          "[edge][target]") {
    const auto policy = TargetPolicy::from(TargetSettings{{std::string{"ht\0p:\x1b[2J\xff", 10}}});

    REQUIRE_FALSE(policy.ok());
    CHECK(policy.error().what.ends_with(R"(found "ht\x00p:\x1b[2J\xff")"));
}

TEST_CASE("target policy: our own ports are never called on this machine", "[edge][target]") {
    TargetPolicy policy = policy_with({"0.0.0.0/0", "::/0", "me.test"});
    policy.add_own_port(12180);

    for (const char* url :
         {"http://127.0.0.1:12180/", "http://127.9.9.9:12180/", "http://localhost:12180/",
          "http://[::1]:12180/", "http://0.0.0.0:12180/", "http://[::]:12180/"}) {
        CAPTURE(url);
        const auto refusal = policy.refusal(target_of(url));
        REQUIRE(refusal);
        CHECK(refusal->find("ringback itself listens there") != std::string::npos);
        CHECK(refusal->find("--allow-target") == std::string::npos);
    }
    CHECK(allowed(policy, "http://127.0.0.1:12181/"));
    CHECK(allowed(policy, "http://198.51.100.1:12180/"));  // an address for documents: elsewhere
    CHECK_FALSE(policy.allows_address(ip("127.0.0.1"), 12180, "me.test"));
}

TEST_CASE("target policy: without a descriptor to ask the system with others keep their receivers",
          "[edge][target]") {
    TargetPolicy policy = policy_with({"0.0.0.0/0"});
    policy.add_own_port(12180);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);

    const bool elsewhere = allowed(policy, "http://198.51.100.1:12180/");
    const bool here = allowed(policy, "http://127.0.0.1:12180/");
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);

    CHECK(elsewhere);
    CHECK_FALSE(here);
}

TEST_CASE("target policy: what a name resolves to is judged as well", "[edge][target]") {
    const TargetPolicy policy = policy_with({"inner.test", "10.0.0.0/8"});

    CHECK(policy.allows_address(ip("172.17.0.1"), 80, "inner.test"));
    CHECK(policy.allows_address(ip("2001:db8::1"), 80, "inner.test"));
    CHECK(policy.allows_address(ip("127.0.0.1"), 80, "localhost"));
    CHECK(policy.allows_address(ip("::1"), 80, "localhost"));
    CHECK_FALSE(policy.allows_address(ip("10.0.0.1"), 80, "localhost"));
    CHECK_FALSE(policy.allows_address(ip("10.0.0.1"), 80, "other.test"));  // names only by name
    for (const char* address : {"169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::",
                                "fe80::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe"}) {
        CAPTURE(address);
        CHECK_FALSE(policy.allows_address(ip(address), 80, "inner.test"));
    }
    CHECK(policy_with({"inner.test", "169.254.0.0/16"})
              .allows_address(ip("169.254.169.254"), 80, "inner.test"));
}
