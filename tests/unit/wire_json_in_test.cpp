#include <catch2/catch.hpp>
#include <limits>

#include "simulator/wire/json_in.h"

namespace ringback {
namespace {

std::string nested(int levels) {
    return std::string(static_cast<std::size_t>(levels), '[') +
           std::string(static_cast<std::size_t>(levels), ']');
}

/// What the typed accessors make of one member "x"; `problem` receives what they noted.
struct Reading {
    nlohmann::json object;
    FirstProblem problems;

    explicit Reading(const std::string& value)
        : object(parse_json(R"({"x":)" + value + "}").value()) {}
    [[nodiscard]] Members members() { return Members{object, "call", problems}; }
    [[nodiscard]] bool noted() const { return problems.get().has_value(); }
};

}  // namespace

TEST_CASE("json intake: strict JSON is taken", "[wire]") {
    for (const auto* const good :
         {"{}", " {\"a\" : 1} \n", "[]", R"({"a":{"b":1,"b":2}})", R"({"a":"\/é{[:"})",
          "\xef\xbb\xbf{}", R"({"a":":","b":[{"c":1}]})"}) {
        CAPTURE(good);
        CHECK(parse_json(good).ok());
    }
    CHECK(parse_json(nested(64)).ok());
}

TEST_CASE("json intake: everything else is refused, without an exception and without an echo",
          "[wire]") {
    const std::string nul{"{}\0{}", 5};
    for (const std::string& bad :
         {std::string{""}, std::string{"{"}, std::string{"{'a':1}"}, std::string{"{\"a\":1,}"},
          std::string{"{\"a\":01}"}, std::string{"{\"a\":NaN}"}, std::string{"{\"a\":1e400}"},
          std::string{"{\"a\":\"\x01\"}"}, std::string{"{\"a\":\"\xff\"}"},
          std::string{"{\"a\":\"\\ud800\"}"}, std::string{"{\"a\":1,\"a\":2}"},
          std::string{"{\"a\":1} x"}, std::string{"// c\n{}"}, std::string{"{\"a\":\"secret"}, nul,
          nested(65), nested(100'000), std::string(100'000, '['), std::string{"\xef\xbb"}}) {
        const auto parsed = parse_json(bad);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().what.find("secret") == std::string::npos);
        CHECK(parsed.error().what.size() < 80);
    }
}

TEST_CASE("json intake: no body and an empty array count as an empty object", "[wire]") {
    CHECK(parse_body("").value().empty());
    CHECK(parse_body(" \r\n").value().is_object());
    CHECK(parse_body("[]").value().is_object());
    CHECK_FALSE(parse_body("[1]").ok());
    CHECK_FALSE(parse_body("5").ok());
    CHECK_FALSE(parse_body("null").ok());
}

TEST_CASE("json intake: booleans come as true and as \"true\" in any case", "[wire]") {
    CHECK(Reading{"true"}.members().boolean("x") == true);
    CHECK(Reading{"\"FALSE\""}.members().boolean("x") == false);
    CHECK(Reading{"null"}.members().boolean("x") == std::nullopt);
    for (const auto* const bad : {"1", "\"yes\"", "\"\"", "{}"}) {
        Reading reading{bad};
        CHECK(reading.members().boolean("x") == std::nullopt);
        CHECK(reading.noted());
    }
}

TEST_CASE("json intake: whole numbers come as 5, \"5\" and 5.0, and never wrap", "[wire]") {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(Reading{"5"}.members().integer("x") == 5);
    CHECK(Reading{"\"5\""}.members().integer("x") == 5);
    CHECK(Reading{"5.0"}.members().integer("x") == 5);
    CHECK(Reading{"-3"}.members().integer("x") == -3);
    CHECK(Reading{"null"}.members().integer("x") == std::nullopt);
    CHECK(Reading{"18446744073709551615"}.members().integer("x") == most);
    CHECK(Reading{"\"99999999999999999999\""}.members().integer("x") == most);
    CHECK(Reading{"1e18"}.members().integer("x") == 1'000'000'000'000'000'000);
    CHECK(Reading{"1e300"}.members().integer("x", 1, 300) == std::nullopt);
    for (const auto* const bad : {"5.5", "\"5.5\"", "\"\"", "\"soon\"", "true", "[5]", "\"5 \""}) {
        Reading reading{bad};
        CAPTURE(bad);
        CHECK(reading.members().integer("x") == std::nullopt);
        CHECK(reading.noted());
    }
}

TEST_CASE("json intake: numbers in quotes are JSON numbers, not what strtod takes", "[wire]") {
    CHECK(Reading{"2.5"}.members().number("x") == 2.5);
    CHECK(Reading{"\"2.5\""}.members().number("x") == 2.5);
    CHECK(Reading{"\"7\""}.members().number("x") == 7);
    for (const auto* const bad : {"\"inf\"", "\"0x10\"", "\"1e999\"", "\"\"", "true", "\"5,0\""}) {
        Reading reading{bad};
        CHECK(reading.members().number("x") == std::nullopt);
        CHECK(reading.noted());
    }
}

TEST_CASE("json intake: words are compared without case, hyphen and underscore", "[wire]") {
    CHECK(same_word("NotDelivered", "not-delivered"));
    CHECK(same_word("en_us", "en_US"));
    CHECK(same_word("GET", "get"));
    CHECK(same_word("", "-"));
    CHECK_FALSE(same_word("get", "gets"));
    CHECK_FALSE(same_word("gets", "get"));
    CHECK_FALSE(same_word("", "get"));
}

TEST_CASE("json intake: the first of several problems is the one told", "[wire]") {
    const auto object = parse_json(R"({"a":[],"b":[]})").value();
    FirstProblem problems;
    const Members in{object, "call", problems};

    static_cast<void>(in.text("b"));
    static_cast<void>(in.integer("a"));

    CHECK(problems.get()->message ==
          "Bad parameters: the 'call' resource property 'b' must be a string");
}

}  // namespace ringback
