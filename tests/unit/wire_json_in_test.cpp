#include <catch2/catch.hpp>
#include <limits>

#include "simulator/wire/json_in.h"
#include "simulator/wire/request_body.h"

namespace ringback {
namespace {

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

/// What the typed accessors make of one member "x"; `problem` receives what they noted.
struct Reading {
    RequestBody body;
    FirstProblem problems;

    explicit Reading(const std::string& value)
        : body(RequestBody::parse(R"({"x":)" + value + "}").value()) {}
    [[nodiscard]] Members members() { return Members{body, "call", problems}; }
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
    for (const auto* const empty : {"", " \r\n", "[]", " [ ] ", "{}"}) {
        const auto body = RequestBody::parse(empty);
        REQUIRE(body.ok());
        CHECK(body.value().entries().size() == 1);
    }
    for (const auto* const bad : {"[1]", "[{}]", "[[]]", "5", "null", "\"{}\""}) {
        CAPTURE(bad);
        CHECK_FALSE(RequestBody::parse(bad).ok());
    }
}

TEST_CASE("json intake: a request's body obeys the rules of all JSON, and names nothing twice",
          "[wire]") {
    const std::string inside = nested(deepest_json - 1);
    CHECK(RequestBody::parse(R"({"a":)" + inside + "}").ok());
    const std::string nul{"{}\0{}", 5};
    for (const std::string& bad :
         {std::string{"{"}, std::string{"{'a':1}"}, std::string{"{\"a\":1,}"},
          std::string{"{\"a\":NaN}"}, std::string{"{\"a\":1e400}"}, std::string{"{\"a\":\"\x01\"}"},
          std::string{"{\"a\":\"\xff\"}"}, std::string{"{\"a\":\"\\ud800\"}"},
          std::string{"{\"a\":1,\"a\":2}"}, std::string{R"({"a":{"b":1,"c":{},"b":2}})"},
          std::string{"{\"a\":1} x"}, std::string{"{\"a\":\"secret"}, nul,
          R"({"a":)" + nested(deepest_json) + "}", std::string(100'000, '[')}) {
        const auto body = RequestBody::parse(bad);
        REQUIRE_FALSE(body.ok());
        CHECK(body.error().where == "body");
        CHECK(body.error().what.find("secret") == std::string::npos);
        CHECK(body.error().what.size() < 80);
    }
}

TEST_CASE("json intake: what is nested is found where it belongs", "[wire]") {
    auto parsed = RequestBody::parse(
        R"({"skip":{"text":"no","deep":[[{"text":"no"}]]},"in":{"a":null,"text":"y\u0065s","b":5},)"
        R"("text":"outer"})");
    REQUIRE(parsed.ok());
    const RequestBody body = std::move(parsed).value();  // views survive the move
    FirstProblem problems;
    const Members outer{body, "call", problems};
    const auto in = outer.object("in", "prompt");

    CHECK(outer.text("text") == "outer");
    REQUIRE(in.has_value());
    CHECK(in->text("text") == "yes");
    CHECK(in->text("skip") == std::nullopt);
    CHECK(outer.object("absent", "x") == std::nullopt);
    std::vector<std::pair<std::string_view, std::optional<std::string_view>>> each;
    in->for_each_text([&](auto name, auto text) { each.emplace_back(name, text); });
    CHECK(each == decltype(each){{"text", "yes"}, {"b", std::nullopt}});
    CHECK_FALSE(problems.get());
    CHECK(outer.object("text", "x") == std::nullopt);
    CHECK(problems.get()->message ==
          "Bad parameters: the 'call' resource property 'text' must be an object");
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
    const auto body = RequestBody::parse(R"({"a":[],"b":[]})").value();
    FirstProblem problems;
    const Members in{body, "call", problems};

    static_cast<void>(in.text("b"));
    static_cast<void>(in.integer("a"));

    CHECK(problems.get()->message ==
          "Bad parameters: the 'call' resource property 'b' must be a string");
}

}  // namespace ringback
