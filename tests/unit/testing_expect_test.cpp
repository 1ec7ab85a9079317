#include <ringback/catch.h>

#include <catch2/catch.hpp>
#include <sstream>

using namespace ringback::testing;
using nlohmann::json;

namespace {

const std::string calls{"/v1/users/u-1/calls"};

json asked(int seq, const std::string& path, int status, const json& body,
           const json& headers = json::object()) {
    return {{"seq", seq},       {"kind", "api"},   {"method", "POST"}, {"path", path},
            {"status", status}, {"request", body}, {"call", "c-1"},    {"headers", headers}};
}

json raised(int seq, int delivery, const json& payload) {
    return {{"seq", seq},           {"kind", "event"},
            {"delivery", delivery}, {"event", payload.at("eventType")},
            {"payload", payload},   {"call", "c-1"}};
}

json tried(int seq, int delivery, int status, const std::string& outcome) {
    return {{"seq", seq},        {"kind", "attempt"}, {"delivery", delivery},
            {"event", "gather"}, {"status", status},  {"outcome", outcome}};
}

Journal example() {
    json own = asked(1, calls, 201, {{"from", "+19195550123"}});
    own["own"] = true;
    return Journal{
        std::vector<json>{own, raised(2, 1, {{"eventType", "answer"}, {"callId", "c-1"}}),
                          asked(3, calls + "/c-1/audio", 200, {{"sentence", "Press one."}},
                                {{"content-type", "application/json"}}),
                          asked(4, calls + "/c-1/gather?a=b", 201,
                                {{"maxDigits", "2"}, {"prompt", {{"sentence", "Hi"}}}}),
                          raised(5, 2, {{"eventType", "gather"}, {"digits", "12"}}),
                          tried(6, 2, 503, "owed"), tried(7, 2, 200, "delivered"),
                          raised(8, 3, {{"eventType", "hangup"}, {"cause", "NORMAL_CLEARING"}})}};
}

template <class Ask>
std::string thrown_by(Ask ask) {
    try {
        ask();
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("expect: a request is found by method, path, body, query and headers", "[testing]") {
    const Journal journal = example();

    CHECK(received(journal, request("POST", "/v1/users/*/calls/*/audio")));
    CHECK(received(journal, request("", "/v1/**"), exactly(2)));
    CHECK(received(journal, request("POST", calls + "/*/gather")
                                .with_body("maxDigits", numeric("1..2"))
                                .with_body("prompt.sentence", "Hi")
                                .with_query("a", "b")
                                .answered(201)));
    CHECK(received(journal, request("POST", calls + "/*/audio")
                                .with_header("Content-Type", contains("json"))
                                .with_body(equal_to_json({{"sentence", "Press one."}}))));
    CHECK_FALSE(received(journal, request("GET", calls + "/*/audio")));
    CHECK_FALSE(received(journal, request("POST", calls + "/*/audio").answered(404)));
}

TEST_CASE("expect: what the test asked for itself is no request of the receiver", "[testing]") {
    CHECK(received(example(), request("POST", calls), never()));
    CHECK_FALSE(received(example(), request("POST", calls)));
}

TEST_CASE("expect: an event is found by name and members, answered or not", "[testing]") {
    const Journal journal = example();

    CHECK(received(journal, event("gather").with_body("digits", "12")));
    CHECK(received(journal, event("gather").answered(200), exactly(1)));
    CHECK_FALSE(received(journal, event("gather").answered(503)));
    CHECK_FALSE(received(journal, event("hangup").answered(200)));
    CHECK(received(journal, event("speak"), never()));
}

TEST_CASE("expect: every matcher of scenario files can be asked", "[testing]") {
    const auto asks = [](const Matcher& matcher) {
        return received(example(), event("gather").with_body("digits", matcher)).holds;
    };

    CHECK(asks(equal_to("12")));
    CHECK(asks(numeric("==12")));
    CHECK(asks(matches("^[0-9]+$")));
    CHECK(asks(does_not_match("[a-z]")));
    CHECK(asks(contains("2")));
    CHECK(asks(does_not_contain("3")));
    CHECK(asks(present()));
    CHECK_FALSE(asks(absent()));
    CHECK(asks(one_of({"1", "12"})));
    CHECK_FALSE(asks(all_of({contains("1"), contains("3")})));
    CHECK(asks(negated("13")));
}

TEST_CASE("expect: what is missing is told with the closest first, every field ticked or crossed",
          "[testing]") {
    const Judgement judgement =
        received(example(), request("POST", "/v1/users/*/calls/*/gather")
                                .with_body("maxDigits", numeric("==1"))
                                .with_body("prompt.sentence", contains("H")));

    CHECK(judgement.text ==
          "received POST /v1/users/*/calls/*/gather with body.maxDigits numeric ==1 and "
          "body.prompt.sentence contains \"H\"\n"
          "  expected  at least once\n"
          "  got       nothing\n"
          "  closest 2:\n"
          "    POST /v1/users/u-1/calls/c-1/gather -> 201   #4\n"
          "      method                ✓ POST\n"
          "      path                  ✓ /v1/users/u-1/calls/c-1/gather\n"
          "      body.maxDigits        ✗ expected numeric ==1, got \"2\"\n"
          "      body.prompt.sentence  ✓ \"Hi\"\n"
          "    POST /v1/users/u-1/calls/c-1/audio -> 200   #3\n"
          "      method                ✓ POST\n"
          "      path                  ✗ expected /v1/users/*/calls/*/gather, got\n"
          "                              /v1/users/u-1/calls/c-1/audio\n"
          "      body.maxDigits        ✗ expected numeric ==1, got nothing\n"
          "      body.prompt.sentence  ✗ expected it to contain \"H\", got nothing\n");
    CHECK(judgement.entry.is_null());
}

TEST_CASE("expect: an event's near misses are first those of its name", "[testing]") {
    CHECK(received(example(), event("hangup").with_body("cause", "USER_BUSY")).text ==
          "received hangup with body.cause equal to \"USER_BUSY\"\n"
          "  expected  at least once\n"
          "  got       nothing\n"
          "  closest 3:\n"
          "    hangup   #8\n"
          "      event       ✓ hangup\n"
          "      body.cause  ✗ expected \"USER_BUSY\", got \"NORMAL_CLEARING\"\n"
          "    answer   #2\n"
          "      event       ✗ expected hangup, got answer\n"
          "      body.cause  ✗ expected \"USER_BUSY\", got nothing\n"
          "    gather   #5\n"
          "      event       ✗ expected hangup, got gather\n"
          "      body.cause  ✗ expected \"USER_BUSY\", got nothing\n");
}

TEST_CASE("expect: what came too often is told by its numbers", "[testing]") {
    CHECK(received(example(), request("POST", "/v1/**"), at_most(1)).text ==
          "received POST /v1/**\n"
          "  expected  at most once\n"
          "  got       2 times: #3, #4\n");
    CHECK(received(example(), event("answer"), exactly(1)).text == "received answer, once");
    CHECK(received(example(), event("answer")).text == "received answer");
}

TEST_CASE("expect: the order is told from where it breaks", "[testing]") {
    const Pattern audio = request("POST", calls + "/*/audio");

    CHECK(in_order(example(), {event("answer"), audio, event("gather"), event("hangup")}));
    const Judgement wrong = in_order(example(), {event("gather"), audio});
    CHECK_FALSE(wrong);
    CHECK(wrong.text ==
          "received in order gather, then POST /v1/users/u-1/calls/*/audio\n"
          "  expected  POST /v1/users/u-1/calls/*/audio, after #5\n"
          "  got       it too early: #3\n");
    CHECK_FALSE(in_order(example(), {event("answer"), event("answer")}));
}

TEST_CASE("expect: a pattern that cannot be asked is refused with the reason", "[testing]") {
    const Pattern gather = request("POST", calls + "/*/gather");

    CHECK(thrown_by([&] { return received({}, gather.with_body("maxDigits", numeric("many"))); }) ==
          "POST /v1/users/u-1/calls/*/gather: expected a number or a comparison such as \"<=10\", "
          "\"==1\" or \"1..300\", found \"many\"");
    CHECK(thrown_by([] { return received({}, request("POST", "calls")); }) ==
          "POST calls: expected a path that begins with \"/\", found \"calls\"");
    CHECK(thrown_by([] { return received({}, event("answer").with_query("a", "b")); }) ==
          "answer: expected no query and no header of an event");
    CHECK(thrown_by([&] { return gather.with_body("a", "b").with_body(absent()); }) ==
          "with_body: expected the whole body or parts of it, found both");
}

TEST_CASE("expect: matchers combine, and negate", "[testing]") {
    const Journal journal = example();

    CHECK_THAT(journal, Received(event("answer")) && Received(event("hangup"), exactly(1)));
    CHECK_THAT(journal, !Received(event("timeout")));
    CHECK_THAT(journal, ReceivedInOrder({event("answer"), event("hangup")}));
}

TEST_CASE("expect: a failing matcher describes the difference", "[testing]") {
    const Received matcher{event("timeout")};

    CHECK_FALSE(matcher.match(example()));
    CHECK_THAT(matcher.toString(),
               Catch::StartsWith("received timeout\n  expected  at least once"));
}

TEST_CASE("journal: is printed as its ladder, and can be narrowed down", "[testing]") {
    const Journal journal = example();
    std::ostringstream printed;
    printed << journal;

    CHECK_THAT(printed.str(), Catch::Contains("ringback") && Catch::Contains("/gather"));
    CHECK(journal.of_kind("event").size() == 3);
    CHECK(journal.of_call("c-1").size() == 6);
    CHECK(journal.of_call("c-2").empty());
}
