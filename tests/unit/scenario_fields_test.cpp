#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "harness/scenario/matcher.h"
#include "harness/scenario/shown.h"

namespace ringback {

using nlohmann::json;

TEST_CASE("scenario comparison: a number or a time with a sign", "[scenario][matcher]") {
    using Op = Comparison::Op;
    CHECK(parse_comparison("<=10")->op == Op::at_most);
    CHECK(parse_comparison("5")->op == Op::equal);
    CHECK(parse_comparison("!= -0.5")->bound == -0.5);
    for (const char* none : {"", "<", "=1", "<=ten", "inf", "nan", "0x10", "1 2", "<<1", "1e999"}) {
        CAPTURE(none);
        CHECK_FALSE(parse_comparison(none));
    }
    CHECK(parse_latency("<250ms")->op == Op::less);
    CHECK(parse_latency("<250ms")->bound == 250);
    CHECK(parse_latency("1.5s")->op == Op::at_most);
    CHECK(parse_latency("1.5s")->bound == 1500);
    CHECK_FALSE(parse_latency("<250"));
    for (const auto& [op, below, same, above] :
         std::vector<std::tuple<Op, bool, bool, bool>>{{Op::less, true, false, false},
                                                       {Op::at_most, true, true, false},
                                                       {Op::equal, false, true, false},
                                                       {Op::not_equal, true, false, true},
                                                       {Op::at_least, false, true, true},
                                                       {Op::more, false, false, true}}) {
        const Comparison comparison{op, 10};
        CHECK(comparison.holds(9) == below);
        CHECK(comparison.holds(10) == same);
        CHECK(comparison.holds(11) == above);
    }
}

TEST_CASE("scenario fields: a message is held against them in their order", "[scenario][matcher]") {
    std::vector<Mistake> mistakes;
    const auto document = Document::parse("m.json", R"({
        "body": {"maxDigits": {"numeric": "==1"}, "prompt.sentence": {"contains": "one"},
                 "items[1].id": "b", "none": {"absent": true}},
        "headers": {"Content-Type": {"contains": "json"}, "x.y": "z"},
        "query": {"a.b": "1"}, "status": 200})",
                                          mistakes);
    const auto matches = FieldMatches::read(Cursor{document, mistakes});
    REQUIRE(mistakes.empty());
    const json message = {{"body",
                           {{"maxDigits", "5"},
                            {"prompt", {{"sentence", "press one"}}},
                            {"items", {{{"id", "a"}}, {{"id", "b"}}}}}},
                          {"headers", {{"content-type", "application/json"}, {"x.y", "z"}}},
                          {"query", {{"a.b", "1"}}}};
    std::vector<std::string> lines;
    for (const FieldFinding& each : judge(matches, message, {})) {
        lines.push_back(each.field + (each.finding.fits ? "" : ": " + each.finding.why));
    }
    CHECK(lines == std::vector<std::string>{"body.maxDigits: expected numeric ==1, got \"5\"",
                                            "body.prompt.sentence", "body.items[1].id", "body.none",
                                            "headers.Content-Type", "headers.x.y", "query.a.b"});
    CHECK(judge(matches, message, {}).front().place == Place{2, 31});
    CHECK_FALSE(judge(matches, json::object(), {}).front().finding.fits);
    CHECK_FALSE(judge(matches, nullptr, {}).front().finding.fits);
}

TEST_CASE("scenario fields: credentials are held against headers, and not shown",
          "[scenario][matcher]") {
    std::vector<Mistake> mistakes;
    const auto document = Document::parse("m.json", R"({"headers": {
        "Authorization": "Basic c2VjcmV0", "Cookie": {"absent": true}, "X-Api-Key": {"matches": "^k"},
        "X-Auth-Token": "${nowhere}", "Set-Cookie": "s=1", "X-Trace": "t-1"}})",
                                          mistakes);
    const auto matches = FieldMatches::read(Cursor{document, mistakes});
    REQUIRE(mistakes.empty());
    const json message = {{"headers",
                           {{"authorization", "Basic c2VjcmV0"},
                            {"cookie", "s=secret"},
                            {"x-api-key", "secret"},
                            {"x-trace", "t-2"}}}};
    std::vector<std::string> lines;
    for (const auto& [field, finding, place] : judge(matches, message, {})) {
        CHECK((finding.expected + finding.found).find("secret") == std::string::npos);
        CHECK((finding.expected + finding.found).find("c2V") == std::string::npos);
        lines.push_back(field + (finding.fits ? "" : ": " + finding.why));
    }
    CHECK(lines == std::vector<std::string>{
                       "headers.Authorization",
                       "headers.Cookie: expected another value, got one that is not shown",
                       "headers.X-Api-Key: expected another value, got one that is not shown",
                       "headers.X-Auth-Token: cannot be told: ${nowhere}: there is no variable "
                       "\"nowhere\"",
                       "headers.Set-Cookie: expected another value, got nothing",
                       "headers.X-Trace: expected \"t-1\", got \"t-2\""});
}

TEST_CASE(
    "scenario fields: passwords of URLs are shown neither of what is asked nor of what is found",
    "[scenario][matcher]") {
    const std::string url{"http://me:hunter2@h/cb"};
    const std::string far{std::string(104, 'x') + " " + url};  // cut within the password
    const json asked = {{"equal", url},
                        {"json", {{"equalToJson", {{"a", url}, {"b", {url, 1}}}}}},
                        {"part", {{"contains", url}}},
                        {"pattern", {{"matches", url + "$"}}},
                        {"xml", {{"xpath", "//Redirect[@url='" + url + "']"}}},
                        {"far", far}};
    std::vector<Mistake> mistakes;
    const auto document = Document::parse("m.json", asked.dump(), mistakes);
    const auto matches = FieldMatches::read_paths(Cursor{document, mistakes}, "");
    REQUIRE(mistakes.empty());

    for (const std::string& value : {url, far}) {
        json message;
        for (const auto& [name, matcher] : asked.items()) {
            message[name] = value + "x";
        }
        for (const auto& [field, finding, place] : judge(matches, message, {})) {
            CAPTURE(field);
            for (const std::string& text : {finding.expected, finding.found, finding.why}) {
                CHECK(text.find("hunt") == std::string::npos);
            }
        }
    }
    // Known only when it is asked: what is no comparison, and no expression.
    const json later = {{"number", {{"numeric", "${where}"}}},
                        {"pattern", {{"matches", "(${where}"}}},
                        {"parts", {{"matches", "^http://${rest}$"}}}};
    const auto unknown = Document::parse("m.json", later.dump(), mistakes);
    const auto asked_later = FieldMatches::read_paths(Cursor{unknown, mistakes}, "");
    REQUIRE(mistakes.empty());
    Bindings bindings;
    bindings.vars = Shared{json{{"where", url}, {"rest", "me:hunter2@h/cb"}}};
    for (const auto& [field, finding, place] :
         judge(asked_later, {{"number", 1}, {"pattern", "x"}, {"parts", "x"}}, bindings)) {
        CAPTURE(field);
        for (const std::string& text : {finding.expected, finding.found, finding.why}) {
            CHECK(text.find("hunt") == std::string::npos);
        }
    }
    CHECK(judge(matches, {{"equal", url + "x"}}, {}).front().finding.why ==
          R"(expected "http://***@h/cb", got "http://***@h/cbx")");
    CHECK(shown(json(far)) == "\"" + std::string(104, 'x') + " http://***…");
    CHECK(shown(json("http://me:" + std::string(200, 'p') + "@h/")) == "\"http://***…");
}

TEST_CASE("scenario fields: a body of matcher names only is one matcher for all of it",
          "[scenario][matcher]") {
    const auto findings = [](const char* text, const json& message) {
        std::vector<Mistake> mistakes;
        const auto document = Document::parse("m.json", text, mistakes);
        const auto matches = FieldMatches::read(Cursor{document, mistakes});
        REQUIRE(mistakes.empty());
        return judge(matches, message, {});
    };
    const json body = {{"body", {{"a", 1}, {"b", 2}}}};
    const auto whole =
        findings(R"({"body": {"equalToJson": {"a": 1}, "ignoreExtra": true}})", body);
    REQUIRE(whole.size() == 1);
    CHECK(whole[0].field == "body");
    CHECK(whole[0].finding.fits);
    CHECK(findings(R"({"body": "hello"})", {{"body", "hello"}})[0].finding.fits);
    CHECK(findings(R"({"body": {"absent": true}})", {{"body", nullptr}})[0].finding.fits);
    CHECK(findings(R"({"body": {"absent": true}})", json::object())[0].finding.fits);
    CHECK(findings(R"({"body": {}})", body).empty());
    CHECK(findings(R"({"body": {"contains": "x", "a": 1}})", body).size() == 2);
}

TEST_CASE("scenario fields: of a payload, paths start at its top; what is no path is a mistake",
          "[scenario][matcher]") {
    std::vector<Mistake> mistakes;
    const auto document = Document::parse(
        "m.json", R"({"state": "completed", "a..b": 1, "x": {"nto": 1}})", mistakes);
    const auto matches = FieldMatches::read_paths(Cursor{document, mistakes}, "");
    REQUIRE(mistakes.size() == 2);
    CHECK(to_text(mistakes[0]) ==
          "m.json:1:24: expected a path such as \"prompt.sentence\" or \"items[0].id\"");
    REQUIRE(matches.fields.size() == 1);
    const auto findings = judge(matches, {{"state", "completed"}}, {});
    CHECK(findings[0].field == "state");
    CHECK(findings[0].finding.fits);
}

}  // namespace ringback
