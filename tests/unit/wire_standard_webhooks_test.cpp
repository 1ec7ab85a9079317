#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "simulator/wire/base64.h"
#include "simulator/wire/standard_webhooks.h"

using namespace ringback;

namespace {

const std::string vector_secret{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};  // the specification's
const std::string other_secret{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"};

std::string problem_of(std::string_view text) {
    const auto secret = SigningSecret::from(text);
    return secret ? "" : secret.error().what;
}

}  // namespace

TEST_CASE("base64: every length comes back, and nothing else is read", "[wire][signing]") {
    for (std::size_t length = 0; length < 70; ++length) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) {
            bytes += static_cast<char>(i * 37 + length);
        }
        CAPTURE(length);
        CHECK(base64_bytes(base64_encoded(bytes)) == bytes);
    }
    CHECK(base64_encoded("\xfb\xff") == "+/8=");
    for (const auto* const text : {"a", "ab", "abc", "ab=c", "a===", "=abc", "ab c", "ab-_"}) {
        CAPTURE(text);
        CHECK_FALSE(base64_bytes(text));
    }
}

TEST_CASE("signing: a secret is whsec_ and 24 to 64 bytes in base64", "[wire][signing]") {
    CHECK(SigningSecret::from(vector_secret).value().key().size() == 24);
    CHECK(SigningSecret::from(vector_secret).value().text() == vector_secret);
    CHECK(problem_of("whsec_" + base64_encoded(std::string(64, 'k'))).empty());

    CHECK(problem_of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") ==
          "expected a secret that begins with whsec_, found another text");
    CHECK(problem_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS") ==
          "expected base64 behind whsec_, found other characters, or it cut off");
    CHECK(problem_of("whsec_" + base64_encoded(std::string(23, 'k'))) ==
          "expected 24 to 64 bytes in base64 behind whsec_, found 23");
    CHECK(problem_of("whsec_" + base64_encoded(std::string(65, 'k'))) ==
          "expected 24 to 64 bytes in base64 behind whsec_, found 65");
}

TEST_CASE("signing: a file has one secret or several, and remarks", "[wire][signing]") {
    const auto one = SigningSecret::from(vector_secret).value();
    const auto two = SigningSecret::from(other_secret).value();

    CHECK(signing_secrets_of(vector_secret, "f").value() == std::vector{one});
    CHECK(signing_secrets_of(vector_secret + " " + other_secret, "f").value() ==
          std::vector{one, two});
    CHECK(signing_secrets_of(
              "# of May\r\n" + other_secret + "\r\n\n\t" + vector_secret + " # of April\r\n", "f")
              .value() == std::vector{two, one});
}

TEST_CASE("signing: what is no secret is told by its line and not shown", "[wire][signing]") {
    const auto bad = signing_secrets_of(vector_secret + "\n\nwhsec_S3cret!\n", "secrets.txt");
    REQUIRE_FALSE(bad);
    CHECK(to_text(bad.error()) ==
          "secrets.txt:3: expected base64 behind whsec_, found other characters, or it cut off");
    CHECK(to_text(signing_secrets_of("# none\n", "secrets.txt").error()) ==
          "secrets.txt: expected a secret (whsec_...), found none");
    CHECK_FALSE(signing_secrets_of("", "RINGBACK_SIGNING_SECRET"));
}

TEST_CASE("signing: what is signed is id, timestamp and payload", "[wire][signing]") {
    CHECK(signing_text("msg_1", 1614265330, R"({"a":1})") == R"(msg_1.1614265330.{"a":1})");
    CHECK(signature_headers("msg_1", 5, "v1,a v1,b") ==
          "webhook-id: msg_1\r\nwebhook-timestamp: 5\r\nwebhook-signature: v1,a v1,b\r\n");
}

TEST_CASE("signing: of a GET the query is the payload, as it was sent", "[wire][signing]") {
    CHECK(query_of_request("GET /cb?mine=1&a=%20x HTTP/1.1\r\nHost: h?x y\r\n\r\n") ==
          "mine=1&a=%20x");
    CHECK(query_of_request("GET /cb HTTP/1.1\r\nHost: h?x y\r\n\r\n").empty());
    CHECK(query_of_request("GET /cb? HTTP/1.1\r\n\r\n").empty());
}

TEST_CASE("signing: signatures of other versions are passed over", "[wire][signing]") {
    CHECK(signatures_in("v1,abc= v1a,xyz v2,q v1,def=") ==
          std::vector<std::string_view>{"abc=", "def="});
    CHECK(signatures_in("").empty());
    CHECK(signatures_in("abc").empty());
}

TEST_CASE("signing: every fault has a word, and comes back from it", "[wire][signing]") {
    for (const SigningFault fault :
         {SigningFault::none, SigningFault::wrong_key, SigningFault::stale_timestamp,
          SigningFault::changed_body, SigningFault::missing}) {
        CHECK(signing_fault_of(to_text(fault)) == fault);
    }
    CHECK_FALSE(signing_fault_of("wrong_key"));
}
