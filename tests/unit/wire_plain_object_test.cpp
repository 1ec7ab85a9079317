#include <array>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "simulator/core/overloaded.h"
#include "simulator/core/random.h"
#include "simulator/wire/plain_object.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using nlohmann::json;
using Entries = std::vector<RequestBody::Entry>;

std::optional<Entries> read(const std::string& text) {
    Entries entries;
    return read_plain_object(text, entries) ? std::optional{entries} : std::nullopt;
}

json as_json(const RequestBody::Entry& entry) {
    return std::visit(Overloaded{[](std::monostate) { return json{}; },
                                 [](const RequestBody::Nested&) { return json::object(); },
                                 [](const auto& value) { return json(value); }},
                      entry.value);
}

/// One token after the other, most of them where they may stand.
std::string some_text(Rng& rng) {
    constexpr std::array<std::string_view, 24> tokens{"\"a\"",
                                                      "\"from\"",
                                                      "\"\"",
                                                      "\"b c~\"",
                                                      "\"\\u0061\"",
                                                      "\"\xc3\xa9\"",
                                                      "\"\x01\"",
                                                      "\"\x7f\"",
                                                      "true",
                                                      "false",
                                                      "null",
                                                      "0",
                                                      "17",
                                                      "007",
                                                      "-1",
                                                      "1.5",
                                                      "1e2",
                                                      "{}",
                                                      "[]",
                                                      "tru",
                                                      "999999999999999999",
                                                      "9999999999999999999",
                                                      "\"",
                                                      "x"};
    std::string text{rng.below(8) == 0 ? " {" : "{"};
    const std::uint64_t members = rng.below(4);
    for (std::uint64_t i = 0; i < members; ++i) {
        text += i > 0 ? (rng.below(16) == 0 ? ";" : ",") : "";
        text += rng.below(8) == 0 ? "\n " : "";
        text += tokens.at(rng.below(rng.below(8) == 0 ? tokens.size() : 4));
        text += rng.below(16) == 0 ? "" : (rng.below(8) == 0 ? " :\t" : ":");
        text += tokens.at(rng.below(tokens.size()));
    }
    text += rng.below(16) == 0 ? ",}" : "}";
    text += rng.below(16) == 0 ? "\r\n" : (rng.below(16) == 0 ? "x" : "");
    return text;
}

}  // namespace

TEST_CASE("plain object: what nearly every body is, is read", "[wire]") {
    const auto call = read(
        " {\"from\" : \"+19195550123\",\n\"callTimeout\":300,\"recordingEnabled\":true,"
        "\"transcriptionEnabled\":false, \"tag\":null,\"to\":\"\"} \r\n");
    REQUIRE(call.has_value());
    REQUIRE(call->size() == 7);
    CHECK(std::get<RequestBody::Nested>(call->front().value).end == 7);
    CHECK(call->at(1).name == "from");
    CHECK(std::get<std::string_view>(call->at(1).value) == "+19195550123");
    CHECK(std::get<std::uint64_t>(call->at(2).value) == 300);
    CHECK(std::get<bool>(call->at(3).value));
    CHECK_FALSE(std::get<bool>(call->at(4).value));
    CHECK(std::holds_alternative<std::monostate>(call->at(5).value));
    CHECK(std::get<std::string_view>(call->at(6).value).empty());
    CHECK(read("{}").has_value());
}

TEST_CASE("plain object: everything else is left to the library", "[wire]") {
    for (const std::string& other : {std::string{""},
                                     std::string{"[]"},
                                     std::string{"{"},
                                     std::string{R"({"a":1,})"},
                                     std::string{R"({"a":1 "b":2})"},
                                     std::string{R"({"a":{}})"},
                                     std::string{R"({"a":[]})"},
                                     std::string{R"({"a":"\n"})"},
                                     std::string{"{\"a\":\"\xc3\xa9\"}"},
                                     std::string{"{\"a\":\"\t\"}"},
                                     std::string{"{\"a\":\"\x7f\"}"},
                                     std::string{R"({"a":-1})"},
                                     std::string{R"({"a":1.0})"},
                                     std::string{R"({"a":01})"},
                                     std::string{R"({"a":1e1})"},
                                     std::string{R"({"a":1234567890123456789})"},
                                     std::string{R"({"a":1,"a":1})"},
                                     std::string{R"({"a":1}{)"},
                                     std::string{R"({"a":truer})"},
                                     std::string{"{\"a\":1}\0", 8},
                                     std::string{R"({"a")"},
                                     std::string{R"({"a":)"},
                                     std::string{R"({"a":"b)"}}) {
        CAPTURE(other);
        CHECK_FALSE(read(other).has_value());
    }
}

TEST_CASE("plain object: what is read is what the library reads", "[wire]") {
    std::size_t taken{0};
    for (const Seed seed : test::seeds(20'000)) {
        Rng rng{static_cast<std::uint64_t>(seed)};
        const std::string text = some_text(rng);
        CAPTURE(seed, text);

        const auto entries = read(text);
        if (!entries) {
            continue;
        }
        ++taken;
        const json whole = json::parse(text, nullptr, false);
        REQUIRE(whole.is_object());
        REQUIRE(whole.size() + 1 == entries->size());  // so no name is there twice either
        for (std::size_t i = 1; i < entries->size(); ++i) {
            const auto& entry = entries->at(i);
            REQUIRE(whole.at(std::string{entry.name}) == as_json(entry));
            REQUIRE(whole.at(std::string{entry.name}).type() == as_json(entry).type());
        }
        // and through the front door
        REQUIRE(RequestBody::parse(text).value().entries().size() == entries->size());
    }
    CHECK((taken > 1000 || test::seeds(2).size() == 1));  // the texts are not all broken
}

}  // namespace ringback
