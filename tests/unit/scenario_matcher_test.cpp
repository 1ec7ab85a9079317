#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/json_difference.h"
#include "harness/scenario/matcher.h"
#include "harness/scenario/shown.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using nlohmann::json;

std::vector<std::string> mistakes_of(std::string_view text) {
    std::vector<Mistake> mistakes;
    const auto document = Document::parse("m.json", text, mistakes);
    REQUIRE(mistakes.empty());
    const auto matcher = Matcher::read(Cursor{document, mistakes});
    CHECK(matcher.has_value() == mistakes.empty());
    std::vector<std::string> said;
    for (const Mistake& mistake : mistakes) {
        said.push_back(to_text(mistake));
    }
    return said;
}

Matcher matcher_of(std::string_view text) {
    std::vector<Mistake> mistakes;
    const auto document = Document::parse("m.json", text, mistakes);
    auto matcher = Matcher::read(Cursor{document, mistakes});
    INFO((mistakes.empty() ? "" : to_text(mistakes.front())));
    REQUIRE(matcher);
    return *matcher;
}

/// Held against the JSON `value`; "" = against nothing.
Finding held(std::string_view matcher, std::string_view value, const Bindings& bindings = {}) {
    if (value.empty()) {
        return matcher_of(matcher).judge(nullptr, bindings);
    }
    const json parsed = json::parse(value);
    return matcher_of(matcher).judge(&parsed, bindings);
}

bool fits(std::string_view matcher, std::string_view value) { return held(matcher, value).fits; }

/// A random value of a few levels.
json random_value(Rng& rng, std::size_t depth) {
    switch (rng.below(depth < 3 ? 5 : 3)) {
        case 0:
            return rng.below(3);
        case 1:
            return std::string(1, static_cast<char>('a' + rng.below(3)));
        case 2:
            return nullptr;
        case 3: {
            json array = json::array();
            for (std::uint64_t n = rng.below(4); n > 0; --n) {
                array.push_back(random_value(rng, depth + 1));
            }
            return array;
        }
        default: {
            json object = json::object();
            for (std::uint64_t n = rng.below(4); n > 0; --n) {
                object[std::string(1, static_cast<char>('a' + rng.below(4)))] =
                    random_value(rng, depth + 1);
            }
            return object;
        }
    }
}

/// The same with its arrays' elements in another order.
json shuffled(const json& value, Rng& rng) {
    json out = value;
    if (!out.is_structured()) {
        return out;
    }
    for (json& inside : out) {
        inside = shuffled(inside, rng);
    }
    if (out.is_array()) {
        for (std::size_t i = out.size(); i > 1; --i) {
            std::swap(out[i - 1], out[rng.below(i)]);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("scenario matcher: each asks what its name says", "[scenario][matcher]") {
    struct Row {
        const char* matcher;
        const char* value;
        bool expected;
    };
    const std::vector<Row> rows{
        {R"("1")", R"("1")", true},
        {R"("1")", "1", true},
        {R"("1")", "1.0", false},
        {"1", R"("1")", true},
        {"true", "true", true},
        {"true", R"("true")", true},
        {R"({"equalTo": "menu"})", R"("Menu")", false},
        {R"({"equalTo": "menu", "caseInsensitive": true})", R"("Menu")", true},
        {R"({"equalTo": "menu", "caseInsensitive": false})", R"("Menu")", false},
        {R"({"equalTo": ""})", "", false},
        {R"({"numeric": "<=10"})", "10", true},
        {R"({"numeric": "<=10"})", R"("10")", true},
        {R"({"numeric": "<=10"})", "10.5", false},
        {R"({"numeric": "<=10"})", R"("ten")", false},
        {R"({"numeric": "<=10"})", "true", false},
        {R"({"numeric": "==1"})", "1.0", true},
        {R"({"numeric": "!=1"})", "1", false},
        {R"({"numeric": " > -1.5e0 "})", "-1", true},
        {R"({"numeric": "1..300"})", "300", true},
        {R"({"numeric": "1..300"})", "301", false},
        {R"({"numeric": 5})", R"("5")", true},
        {R"({"matches": "(?i)press one"})", R"("Now press One, please")", true},
        {R"({"matches": "^press one$"})", R"("Now press one")", false},
        {R"({"matches": "^https?://"})", R"("http://a")", true},
        {R"({"matches": "^5$"})", "5", true},
        {R"({"matches": ""})", "", false},
        {R"({"doesNotMatch": "^x"})", R"("y")", true},
        {R"({"doesNotMatch": "^x"})", R"("xy")", false},
        {R"({"doesNotMatch": "^x"})", "", false},
        {R"({"contains": "b"})", R"("abc")", true},
        {R"({"contains": "B"})", R"("abc")", false},
        {R"({"doesNotContain": "b"})", R"("abc")", false},
        {R"({"doesNotContain": "b"})", R"("ac")", true},
        {R"({"absent": true})", "", true},
        {R"({"absent": true})", "null", false},
        {R"({"absent": false})", "", false},
        {R"({"absent": false})", "0", true},
        {R"({"oneOf": [{"absent": true}, {"numeric": "<=10000"}]})", "", true},
        {R"({"oneOf": [{"absent": true}, {"numeric": "<=10000"}]})", "10001", false},
        {R"({"oneOf": ["a", "b"]})", R"("b")", true},
        {R"({"allOf": [{"contains": "a"}, {"contains": "b"}]})", R"("ab")", true},
        {R"({"allOf": [{"contains": "a"}, {"contains": "b"}]})", R"("a")", false},
        {R"({"not": {"equalTo": "a"}})", R"("b")", true},
        {R"({"not": {"equalTo": "a"}})", R"("a")", false},
        {R"({"not": {"equalTo": "a"}})", "", true},
        {R"({"contains": "a", "doesNotContain": "b"})", R"("ac")", true},
        {R"({"contains": "a", "doesNotContain": "b"})", R"("ab")", false},
        {R"({"equalToJson": {"a": 1}})", R"({"a": 1.0})", true},
        {R"({"equalToJson": {"a": 1}})", R"({"a": 1, "b": 2})", false},
        {R"({"equalToJson": {"a": 1}, "ignoreExtra": true})", R"({"a": 1, "b": 2})", true},
        {R"({"equalToJson": [1], "ignoreExtra": true})", "[1, 2]", true},
        {R"({"equalToJson": [2], "ignoreExtra": true})", "[1, 2]", false},
        {R"({"equalToJson": [1, 2]})", "[2, 1]", false},
        {R"({"equalToJson": [1, 2], "ignoreOrder": true})", "[2, 1]", true},
        {R"({"equalToJson": [1, 1, 2], "ignoreOrder": true})", "[2, 2, 1]", false},
        {R"({"equalToJson": "{\"a\": [1]}"})", R"({"a": [1]})", true},
        {R"({"equalToJson": "plain"})", R"("plain")", true},
        {R"({"equalToJson": null})", "null", true},
        {R"({"equalToJson": null})", "", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.matcher, row.value);
        const Finding finding = held(row.matcher, row.value);
        CHECK(finding.fits == row.expected);
        CHECK(finding.why.empty() == finding.fits);
        CHECK_FALSE(finding.expected.empty());
        CHECK_FALSE(finding.found.empty());
    }
}

TEST_CASE("scenario matcher: xpath asks about what stands in XML, as a receiver answers it",
          "[scenario][matcher]") {
    const json answer =
        "<?xml version=\"1.0\"?>\n<Response><Gather maxDigits='2'>"
        "<SpeakSentence>Tom &amp; J</SpeakSentence><SpeakSentence>2</SpeakSentence></Gather>"
        "<Hangup/></Response>";
    const auto fits_answer = [&](const char* matcher) {
        const Finding finding = matcher_of(matcher).judge(&answer, {});
        CHECK(finding.why.empty() == finding.fits);
        CHECK_FALSE(finding.unknown);
        return finding.fits;
    };
    CHECK(fits_answer(R"({"xpath": "/Response/Gather/@maxDigits"})"));
    CHECK_FALSE(fits_answer(R"({"xpath": "/Response/Gather/@requestUrl"})"));
    CHECK(fits_answer(R"({"xpath": "count(//SpeakSentence) = 2"})"));
    CHECK_FALSE(fits_answer(R"x({"xpath": "count(//Redirect)"})x"));
    CHECK(fits_answer(R"({"xpath": "/*/*[last()][self::Hangup]"})"));
    CHECK(fits_answer(R"({"not": {"xpath": "//Redirect"}})"));
    CHECK(fits_answer(
        R"({"xpath": {"expression": "//SpeakSentence", "equalTo": "Tom & J", "contains": "&"}})"));
    CHECK(fits_answer(R"({"xpath": {"expression": "//SpeakSentence", "numeric": 2}})"));
    CHECK_FALSE(fits_answer(R"({"xpath": {"expression": "//SpeakSentence", "numeric": 3}})"));
    CHECK(fits_answer(R"({"xpath": {"expression": "//@maxDigits", "numeric": "1..2"}})"));
    CHECK(fits_answer(R"x({"xpath": {"expression": "count(//Gather)", "equalTo": "1"}})x"));
    CHECK(fits_answer(R"({"xpath": {"expression": "//@tag", "absent": true}})"));
    CHECK_FALSE(fits_answer(R"({"xpath": {"expression": "//@maxDigits", "absent": true}})"));

    Bindings bindings;
    bindings.vars = Shared{json{{"verb", "Hangup"}, {"broken", "'"}, {"two", 2}}};
    CHECK(matcher_of(R"({"xpath": "//${verb}"})").judge(&answer, bindings).fits);
    CHECK(matcher_of(R"({"xpath": {"expression": "//@maxDigits", "equalTo": "${two}"}})")
              .judge(&answer, bindings)
              .fits);
    const Finding broken = matcher_of(R"({"xpath": "//${broken}"})").judge(&answer, bindings);
    CHECK(broken.unknown);
    CHECK_THAT(broken.why, Catch::Matchers::StartsWith("cannot be told: //': "));
}

TEST_CASE("scenario matcher: xpath says where it looked, and what is no XML",
          "[scenario][matcher]") {
    const auto why = [](const char* matcher, const char* value) {
        const json text = value;
        const Finding finding = matcher_of(matcher).judge(&text, {});
        CHECK_FALSE(finding.fits);
        return finding.why;
    };
    CHECK(why(R"({"xpath": "/Response/Gather"})", "<Response/>") ==
          "expected it to have /Response/Gather, got \"<Response/>\"");
    CHECK(why(R"({"xpath": {"expression": "//Pause/@length", "numeric": ">1"}})",
              "<Response><Pause length=\"1\"/></Response>") ==
          "at //Pause/@length: expected numeric >1, got \"1\"");
    CHECK(why(R"({"xpath": {"expression": "//Pause/@length", "numeric": ">1"}})", "<Response/>") ==
          "at //Pause/@length: expected numeric >1, got nothing");
    CHECK(why(R"({"xpath": "/Response"})", "<Response>Tom & Jerry</Response>") ==
          "expected it to have /Response, got \"<Response>Tom & Jerry</Response>\", which is no "
          "XML: line 1, column 15: expected &amp;, another predefined entity or the number of a "
          "character, found \"&\"");
    for (const char* value :
         {"", "hello", "{\"a\":1}", "<Response>", "<!DOCTYPE a><a/>", "<a>&b;</a>", "\xff<a/>"}) {
        CAPTURE(value);
        CHECK_THAT(why(R"({"not": {"xpath": "//Hangup"}})", value),
                   Catch::Matchers::Contains("which is no XML: line 1, column "));
    }
    CHECK(held(R"({"xpath": "/Response"})", "").why ==
          "expected it to have /Response, got nothing");
    CHECK_FALSE(held(R"({"xpath": "/Response"})", "").unknown);
}

TEST_CASE("scenario matcher: an element that fits two places is given to the one that needs it",
          "[scenario][matcher]") {
    // {"a":1} fits both; taken greedily it would leave none for the second.
    CHECK(fits(R"({"equalToJson": [{"a": 1}, {"a": 1, "b": 2}],
                   "ignoreExtra": true, "ignoreOrder": true})",
               R"([{"a": 1, "b": 2}, {"a": 1}])"));
    CHECK_FALSE(fits(R"({"equalToJson": [{"a": 1, "b": 2}, {"a": 1, "b": 2}],
                         "ignoreExtra": true, "ignoreOrder": true})",
                     R"([{"a": 1, "b": 2}, {"a": 1}])"));
}

TEST_CASE("scenario matcher: a finding tells what was expected and what was there",
          "[scenario][matcher]") {
    const std::vector<std::vector<std::string>> rows{
        {R"({"matches": "(?i)press one"})", R"("Press 1")", "matches /(?i)press one/",
         "\"Press 1\"", "expected it to match /(?i)press one/, got \"Press 1\""},
        {R"({"doesNotMatch": "x"})", R"("x")", "does not match /x/", "\"x\"",
         "expected it not to match /x/, got \"x\""},
        {R"({"numeric": "==1"})", R"("5")", "numeric ==1", "\"5\"",
         "expected numeric ==1, got \"5\""},
        {R"({"numeric": "==1"})", R"("five")", "numeric ==1", "\"five\"",
         "expected numeric ==1, got \"five\", which is no number"},
        {R"("menu")", "", "equal to \"menu\"", "nothing", "expected \"menu\", got nothing"},
        {R"({"absent": true})", "7", "absent", "7", "expected nothing, got 7"},
        {R"({"absent": false})", "", "present", "nothing", "expected a value, got nothing"},
        {R"({"contains": "a\nb"})", "[]", "contains \"a\\nb\"", "[]",
         "expected it to contain \"a\\nb\", got []"},
        {R"({"oneOf": [{"absent": true}, {"numeric": "<=10"}]})", "11",
         "one of (absent; numeric <=10)", "11", "expected one of (absent; numeric <=10), got 11"},
        {R"({"allOf": [{"contains": "a"}, {"contains": "b"}]})", R"("a")",
         "contains \"a\" and contains \"b\"", "\"a\"", "expected it to contain \"b\", got \"a\""},
        {R"({"not": {"contains": "a"}})", R"("a")", "not (contains \"a\")", "\"a\"",
         "expected not (contains \"a\"), got \"a\""},
    };
    for (const auto& row : rows) {
        CAPTURE(row[0], row[1]);
        const Finding finding = held(row[0], row[1]);
        CHECK_FALSE(finding.fits);
        CHECK(finding.expected == row[2]);
        CHECK(finding.found == row[3]);
        CHECK(finding.why == row[4]);
    }
}

TEST_CASE("scenario matcher: equalToJson names the first path that differs",
          "[scenario][matcher]") {
    const auto why = [](const char* expected, const char* actual, JsonComparison how = {}) {
        return first_difference(json::parse(expected), json::parse(actual), how);
    };
    CHECK(why(R"({"items": [{"a": 1}]})", R"({"items": [{"a": 2}]})") ==
          "expected 1 at items[0].a, got 2");
    CHECK(why(R"({"a": {"b": 1}})", R"({"a": {}})") == "expected 1 at a.b, got nothing");
    CHECK(why("{}", R"({"a": 5})") == "expected nothing at a, got 5");
    CHECK(why("[1]", "[1, 2]") == "expected nothing at [1], got 2");
    CHECK(why("[1, 2]", "[1]") == "expected 2 at [1], got nothing");
    CHECK(why("1", R"("1")") == "expected 1, got \"1\"");
    CHECK(why(R"({"a": [1, 3]})", R"({"a": [2, 1]})", {.ignore_order = true}) ==
          "expected 3 in a, got none left that fits");
    CHECK(why("[1]", "[1, 2]", {.ignore_order = true}) ==
          "expected nothing more in the array, got 2");
    CHECK(why("[1]", "[2, 1]", {.ignore_extra = true, .ignore_order = true}).empty());
}

TEST_CASE("scenario matcher: a huge array is not held against another in every order",
          "[scenario][matcher]") {
    const json expected(3000, 1);
    const json actual(3000, 1);
    CHECK(first_difference(expected, actual, {.ignore_order = true}) ==
          "expected 3000 elements in any order in the array, got 3000: too many to compare");
}

TEST_CASE("scenario matcher: JSON equals itself, in any order and with more beside it",
          "[scenario][matcher][property]") {
    for (const Seed seed : test::seeds(500)) {
        CAPTURE(test::number_of(seed));
        Rng rng{test::number_of(seed)};
        const json value = random_value(rng, 0);
        const json mixed = shuffled(value, rng);
        const json other = random_value(rng, 0);
        CAPTURE(value, mixed, other);
        REQUIRE(first_difference(value, value, {}).empty());
        REQUIRE(first_difference(value, mixed, {.ignore_order = true}).empty());
        REQUIRE(first_difference(value, other, {}).empty() == (value == other));
        if (value.is_object()) {
            json more = value;
            more["z"] = 1;
            REQUIRE(first_difference(value, more, {.ignore_extra = true}).empty());
            REQUIRE_FALSE(first_difference(value, more, {}).empty());
            REQUIRE_FALSE(first_difference(more, value, {.ignore_extra = true}).empty());
        }
        if (first_difference(value, other, {}).empty()) {
            REQUIRE(first_difference(value, other, {true, true}).empty());
        }
    }
}

TEST_CASE("scenario matcher: what is found is shown in one line, short and harmless",
          "[scenario][matcher]") {
    const json longer = std::string(500, 'a') + "é";
    const std::string found = matcher_of("1").judge(&longer, {}).found;
    CHECK(found == "\"" + std::string(119, 'a') + "…");
    const json umlauts = std::string("\"") + "ää";
    CHECK(shown(umlauts, 4) == "\"\\\"ä…");
    CHECK(shown(json("a\x1b[2J\x7f\n\u202e")) == "\"a\\u001b[2J\\u007f\\n\\u202e\"");
    CHECK(shown(json("\xff")) == "\"\xef\xbf\xbd\"");
    CHECK(shown_text("\xff"
                     "a") == "\\ufffda");
    CHECK(shown_text(std::string(5, 'x'), 5) == "xxxxx");
}

TEST_CASE("scenario matcher: texts are expanded when it is asked", "[scenario][matcher]") {
    Bindings bindings;
    bindings.vars = Shared{nlohmann::json{{"from", "+1555"},
                                          {"pattern", "^[ab]+$"},
                                          {"broken", "("},
                                          {"n", 5},
                                          {"op", "<=3"},
                                          {"list", {1, 2}}}};
    CHECK(held(R"({"equalTo": "${from}"})", R"("+1555")", bindings).fits);
    CHECK(held(R"({"equalTo": "${n}"})", "5", bindings).fits);
    CHECK(held(R"({"numeric": ">=${n}"})", "6", bindings).fits);
    CHECK(held(R"({"numeric": "${op}"})", "3", bindings).fits);
    CHECK(held(R"({"contains": "${n}"})", R"("x5")", bindings).fits);
    CHECK(held(R"({"equalToJson": {"a": "${list}"}})", R"({"a": [1, 2]})", bindings).fits);
    CHECK(held(R"({"matches": "^\\$${$"})", R"("${")", bindings).fits);

    CHECK(held(R"({"matches": "^${from}$"})", R"("+1555")", bindings).fits);
    CHECK_FALSE(held(R"({"matches": "^${pattern}$"})", R"("aab")", bindings).fits);
    CHECK(held(R"({"matches": "${pattern}"})", R"("aab")", bindings).fits);

    const Finding broken = held(R"({"matches": "${broken}"})", R"("x")", bindings);
    CHECK_FALSE(broken.fits);
    CHECK(broken.why == "cannot be told: /(/: missing ): (");
    const Finding nowhere = held(R"({"equalTo": "${form}"})", R"("x")", bindings);
    CHECK_FALSE(nowhere.fits);
    CHECK(nowhere.why == "cannot be told: ${form}: there is no variable \"form\"; nearest: from");
    CHECK_FALSE(held(R"({"numeric": "${from}x"})", "1", bindings).fits);
}

TEST_CASE("scenario matcher: a question that cannot be told is not told by turning it around",
          "[scenario][matcher]") {
    for (const char* matcher :
         {R"({"not": {"equalTo": "${nowhere}"}})", R"({"not": {"oneOf": ["x", "${nowhere}"]}})",
          R"({"not": {"allOf": [{"not": "${nowhere}"}, {"absent": false}]}})",
          R"({"not": {"matches": "${nowhere}"}})"}) {
        CAPTURE(matcher);
        const Finding finding = held(matcher, R"("a")");
        CHECK_FALSE(finding.fits);
        CHECK(finding.why == "cannot be told: ${nowhere}: there is no variable \"nowhere\"");
    }
    CHECK(fits(R"({"oneOf": ["a", "${nowhere}"]})", R"("a")"));
}

TEST_CASE("scenario matcher: what is wrongly written is told when it is read",
          "[scenario][matcher]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {R"({"equalsTo": "a"})",
         "m.json:1:2: unknown member \"equalsTo\", did you mean \"equalTo\"?"},
        {R"({"matches": "("})", "m.json:1:13: expected a regular expression: missing ): ("},
        {R"({"numeric": "lots"})",
         "m.json:1:13: expected a number or a comparison such as \"<=10\", \"==1\" or "
         "\"1..300\", found \"lots\""},
        {R"({"numeric": "3..1"})",
         "m.json:1:13: expected a number or a comparison such as \"<=10\", \"==1\" or "
         "\"1..300\", found \"3..1\""},
        {R"({"absent": "yes"})", "m.json:1:12: expected true or false, found \"yes\""},
        {R"({"oneOf": []})", "m.json:1:11: expected at least one matcher, found an empty array"},
        {R"({"oneOf": "a"})", "m.json:1:11: expected an array, found \"a\""},
        {R"({"xpath": "//["})",
         "m.json:1:11: expected an XPath 1.0 expression: Unrecognized node test (character 3)"},
        {R"({"xpath": ""})",
         "m.json:1:11: expected an XPath 1.0 expression: Unrecognized node test (character 1)"},
        {R"({"xpath": 5})", "m.json:1:11: expected a text, found 5"},
        {R"({"xpath": {"expression": "//a"}})",
         "m.json:1:11: expected a matcher such as {\"equalTo\": \"1\"} beside \"expression\", "
         "found none"},
        {R"({"xpath": {"contains": "a"}})",
         "m.json:1:11: expected a member \"expression\", found none"},
        {R"({"xpath": {"expression": "//a", "contain": "b"}})",
         "m.json:1:33: unknown member \"contain\", did you mean \"contains\"?"},
        {R"({"not": null})",
         "m.json:1:9: expected a matcher such as {\"equalTo\": \"1\"}, or a text, a number, "
         "true "
         "or false, found null"},
        {"{}",
         "m.json:1:1: expected a matcher such as {\"equalTo\": \"1\"}, found an empty object"},
        {R"({"equalTo": {"a": 1}})",
         "m.json:1:13: expected a text, a number, true or false (\"equalToJson\" takes any "
         "JSON), found an object"},
        {R"({"contains": "a", "caseInsensitive": true})",
         "m.json:1:38: expected \"equalTo\" beside \"caseInsensitive\", found none"},
        {R"({"equalTo": "a", "caseInsensitive": 1})",
         "m.json:1:37: expected true or false, found 1"},
        {R"({"equalToJson": "{oops"})",
         "m.json:1:17: expected JSON in this text, found: not valid JSON, byte 2"},
        {R"({"equalToJson": "{\"a\": ${b}}"})",
         "m.json:1:17: expected JSON itself, not JSON written as a text, where it holds "
         "${...}, "
         "found \"{\"a\": ${b}}\""},
    };
    for (const auto& [text, expected] : rows) {
        CAPTURE(text);
        CHECK(mistakes_of(text) == std::vector<std::string>{expected});
    }
    CHECK(mistakes_of(R"({"oneOf": [{"matches": "("}, {"numeric": "x"}, {"nto": 1}]})").size() ==
          3);
    CHECK(mistakes_of(R"({"matches": "${x}("})").empty());
}

TEST_CASE("scenario matcher: every text that may hold references is visited with its place",
          "[scenario][matcher]") {
    std::vector<std::string> visited;
    matcher_of(R"({"equalToJson": {"a": ["${x}"]}, "oneOf": ["b", {"not": {"matches": "c"}}],
"xpath": {"expression": "//d", "contains": "e"}})")
        .each_text([&](const std::string& text, Place place) {
            visited.push_back(text + "@" + std::to_string(place.column));
        });
    CHECK(visited == std::vector<std::string>{"${x}@24", "b@44", "c@69", "//d@25", "e@44"});
}

}  // namespace ringback
