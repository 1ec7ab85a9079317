#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "tests/support/seeds.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

Bindings some_bindings() {
    Bindings bindings;
    bindings.vars = Shared{nlohmann::json{
        {"digit", "1"}, {"count", 3}, {"user", {{"id", "u-1"}}}, {"tricky", "${digit}"}}};
    bindings.row = Shared{nlohmann::json{{"phone", "+1555"}, {"a.b", "dotted"}}};
    bindings.steps["create"] = nlohmann::json{
        {"callId", "c-1"}, {"body", {{"items", {{{"id", 7}}, {{"id", 8}}}}, {"tag", nullptr}}}};
    return bindings;
}

std::string text_or_error(std::string_view text) {
    const auto result = expanded_text(text, some_bindings());
    return result ? result.value() : "! " + to_text(result.error());
}

/// Enough draws to see a mean, from a seed of its own.
double mean_ms(const DrawnTime& time) {
    Rng rng{1234};
    constexpr int draws = 20'000;
    double sum{0};
    for (int i = 0; i < draws; ++i) {
        sum += static_cast<double>(draw(time, rng).count()) / 1e6;
    }
    return sum / draws;
}

}  // namespace

TEST_CASE("scenario references: each kind stands for its value", "[scenario][expand]") {
    CHECK(text_or_error("/v1/${create:callId}/x") == "/v1/c-1/x");
    CHECK(text_or_error("${digit}${count}") == "13");
    CHECK(text_or_error("${user.id} ${user}") == "u-1 {\"id\":\"u-1\"}");
    CHECK(text_or_error("${data.phone}, ${data.a.b}") == "+1555, dotted");
    CHECK(text_or_error("${create:body.items[1].id} ${create:body.items.0.id}") == "8 7");
    CHECK(text_or_error("<${create:body.tag}>") == "<null>");
    CHECK(text_or_error("$5, $, $$, {}, }") == "$5, $, $$, {}, }");
    CHECK(text_or_error("") == "");
}

TEST_CASE("scenario references: $${ stands for ${, and a value is not looked into again",
          "[scenario][expand]") {
    CHECK(text_or_error("$${digit} ${digit}") == "${digit} 1");
    CHECK(text_or_error("$$${digit}") == "$${digit}");
    CHECK(text_or_error("<${tricky}>") == "<${digit}>");
}

TEST_CASE("scenario references: what cannot be followed is named, with what is near",
          "[scenario][expand]") {
    CHECK(
        text_or_error("${create:callid}") ==
        "! ${create:callid}: there is no \"callid\" in what step \"create\" saw; nearest: callId");
    CHECK(text_or_error("${create:body.item[0]}") ==
          "! ${create:body.item[0]}: there is no \"body.item[0]\" in what step \"create\" saw; "
          "nearest: items");
    CHECK(text_or_error("${create:}") ==
          "! ${create:}: there is no \"\" in what step \"create\" saw");
    CHECK(text_or_error("${craete:callId}") ==
          "! ${craete:callId}: there is no earlier step \"craete\"; nearest: create");
    CHECK(text_or_error("${digits}") ==
          "! ${digits}: there is no variable \"digits\"; nearest: digit");
    CHECK(text_or_error("${data.phnoe}") ==
          "! ${data.phnoe}: there is no column \"phnoe\" in the data; nearest: phone");
    CHECK(text_or_error("${env.RINGBACK_NO_SUCH_NAME}") ==
          "! ${env.RINGBACK_NO_SUCH_NAME}: there is no environment variable "
          "\"RINGBACK_NO_SUCH_NAME\"");
    CHECK(text_or_error("a ${digit") == "! ${digit: expected a } that closes the ${");
    CHECK(text_or_error("${a ${digit}") == "! ${a ${digit}: expected a } that closes the ${");
    CHECK(text_or_error("${}") == "! ${}: expected a name between the braces");
    Bindings none;
    CHECK(expanded_text("${data.x}", none).error().what == "there is no row of data");
}

TEST_CASE("scenario references: the environment can be asked", "[scenario][expand]") {
    const char* const path = std::getenv("PATH");
    REQUIRE(path != nullptr);
    CHECK(text_or_error("${env.PATH}") == path);
}

TEST_CASE("scenario references: a text that is one reference becomes the value, with its type",
          "[scenario][expand]") {
    const json written = {{"n", "${count}"},
                          {"t", "<${count}>"},
                          {"list", {"${create:body.items}", 5, "$${count}"}},
                          {"${count}", nullptr}};
    const auto result = expanded(written, some_bindings());
    REQUIRE(result);
    CHECK(result.value() == json{{"n", 3},
                                 {"t", "<3>"},
                                 {"list", {{{{"id", 7}}, {{"id", 8}}}, 5, "${count}"}},
                                 {"${count}", nullptr}});
    CHECK_FALSE(expanded(json{{"a", {"${nowhere}"}}}, some_bindings()));
}

TEST_CASE("scenario references: an expansion is never larger than 1 MiB", "[scenario][expand]") {
    Bindings bindings;
    bindings.vars.open()["big"] = std::string(400'000, 'x');
    CHECK(expanded_text("${big}${big}", bindings));
    const auto text = expanded_text("${big}${big}${big}", bindings);
    REQUIRE_FALSE(text);
    CHECK(text.error().what == "expected at most 1 MiB once it is expanded");
    CHECK(expanded(json{"${big}", "${big}"}, bindings));
    CHECK_FALSE(expanded(json{"${big}", "${big}", "${big}"}, bindings));
    CHECK_FALSE(expanded(json{"${big}", "<${big}>", "<${big}>"}, bindings));
}

TEST_CASE("scenario references: they can be listed without following them", "[scenario][expand]") {
    const auto all = references("${a} $${b} ${c:d.e[0]}${data.f}");
    REQUIRE(all);
    REQUIRE(all.value().size() == 3);
    CHECK(all.value()[0].text == "a");
    CHECK(all.value()[0].step.empty());
    CHECK(all.value()[1].step == "c");
    CHECK(all.value()[1].path == "d.e[0]");
    CHECK(all.value()[2].path == "data.f");
    CHECK_FALSE(references("x ${"));
}

TEST_CASE("scenario paths: dots and brackets lead into a value", "[scenario][expand]") {
    const json value = {{"a", {{{"b", 1}}, {{"b", 2}}}}, {"0", "zero"}};
    CHECK(*at_path(value, "") == value);
    CHECK(*at_path(value, "a[1].b") == 2);
    CHECK(*at_path(value, "a.1.b") == 2);
    CHECK(*at_path(value, "0") == "zero");
    CHECK(*at_path(value["a"], "[0].b") == 1);
    for (const char* nowhere : {"b", "a[2]", "a.x", "a[x]", "a[", "a[]", "a..0", ".a", "a.", "a]",
                                "a[-1]", "A", "a[99999999999999999999]", "0.x"}) {
        CAPTURE(nowhere);
        CHECK(at_path(value, nowhere) == nullptr);
    }
    CHECK(is_path("a[1].b.2"));
    CHECK_FALSE(is_path("a..b"));
    CHECK_FALSE(is_path("a[b]"));
    CHECK_FALSE(is_path("a[1]b"));
}

TEST_CASE("scenario times: the same stream draws the same, never below nothing",
          "[scenario][time][property]") {
    using Shape = DrawnTime::Shape;
    const std::vector<DrawnTime> specs{
        {.shape = Shape::uniform, .a = seconds{1}, .b = seconds{2}},
        {.shape = Shape::normal, .a = milliseconds{1}, .b = seconds{1}},
        {.shape = Shape::lognormal, .a = seconds{1}, .sigma = 40},
        {.shape = Shape::exponential, .a = seconds{1}},
        {.shape = Shape::one_of, .choices = {seconds{1}, seconds{3}}}};
    for (const Seed seed : test::seeds(200)) {
        CAPTURE(test::number_of(seed));
        Rng one{test::number_of(seed)};
        Rng other{test::number_of(seed)};
        for (const DrawnTime& spec : specs) {
            const Duration drawn = draw(spec, one);
            REQUIRE(drawn == draw(spec, other));
            REQUIRE(drawn >= Duration{0});
            REQUIRE(drawn <= std::chrono::hours{10'000});
        }
        REQUIRE(one.drawn() == other.drawn());
    }
}

TEST_CASE("scenario times: what is drawn has the mean that was asked for", "[scenario][time]") {
    using Shape = DrawnTime::Shape;
    CHECK(mean_ms({.a = milliseconds{250}}) == 250);
    CHECK(mean_ms({.shape = Shape::uniform, .a = seconds{1}, .b = seconds{2}}) ==
          Approx(1500).epsilon(0.02));
    CHECK(mean_ms({.shape = Shape::normal, .a = seconds{1}, .b = milliseconds{200}}) ==
          Approx(1000).epsilon(0.02));
    // exp(sigma^2 / 2) over the median
    CHECK(mean_ms({.shape = Shape::lognormal, .a = milliseconds{80}, .sigma = 0.4}) ==
          Approx(80 * 1.0833).epsilon(0.02));
    CHECK(mean_ms({.shape = Shape::exponential, .a = seconds{1}}) == Approx(1000).epsilon(0.03));
    CHECK(mean_ms({.shape = Shape::one_of, .choices = {seconds{1}, seconds{3}}}) ==
          Approx(2000).epsilon(0.02));
}

TEST_CASE("scenario times: speech lasts as the call model has it", "[scenario][time]") {
    Rng rng{1};
    TimeSpec time;
    time.is_speech = true;
    time.speech = "hi";
    CHECK(draw(time, rng) == seconds{1});
    time.speech = "one two three  four\nfive";
    CHECK(draw(time, rng) == seconds{2});
    Delays slow;
    slow.speech_per_word = seconds{1};
    CHECK(draw(time, rng, slow) == seconds{5});
    CHECK(rng.drawn() == 0);
}

TEST_CASE("expanding: what a step saw is made when it is asked for, once", "[scenario]") {
    int asked{0};
    Sight sight = Sight::when_asked([&asked] {
        ++asked;
        return nlohmann::json{{"callId", "c-1"}};
    });
    sight.add("reply", [&asked] {
        ++asked;
        return nlohmann::json{{"status", 200}};
    });
    Bindings bindings;
    bindings.steps["answer"] = sight;
    CHECK(asked == 0);

    CHECK(expanded_text("${answer:callId} ${answer:reply.status} ${answer:callId}", bindings)
              .value() == "c-1 200 c-1");
    CHECK(asked == 2);
}

}  // namespace ringback
