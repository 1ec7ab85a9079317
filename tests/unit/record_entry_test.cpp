#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "simulator/wire/entry_json.h"
#include "simulator/wire/redaction.h"
#include "tests/support/entries.h"

namespace ringback {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using test::entry;

const IdCodec& ids() {
    static const IdCodec codec{Seed{42}};
    return codec;
}

json shown(Entry entry) {
    entry.seq = 9;
    return json::parse(entry_line(entry, ids()));
}

TEST_CASE("entry json: an API exchange shows its bodies as JSON", "[record][entry]") {
    ApiExchange exchange = test::api("POST", "/v1/users/u-test/calls?x=1", 201);
    exchange.request_body = R"({ "to": "+1", "from": 5 })";
    exchange.location = "http://127.0.0.1:1/v1/users/u-test/calls/c-1";
    exchange.response_body = "not JSON";
    Entry one = entry(exchange);
    one.seq = 3;

    const std::string id = ids().text(IdKind::call, hash_of("u-test"), 1);
    CHECK(entry_line(one, ids()) ==
          R"({"seq":3,"time":"2026-01-05T09:00:00.000Z","kind":"api","user":"u-test","call":")" +
              id +
              R"(","method":"POST","path":"/v1/users/u-test/calls?x=1","status":201,)"
              R"("request":{"to":"+1","from":5},)"
              R"("location":"http://127.0.0.1:1/v1/users/u-test/calls/c-1","response":"not JSON",)"
              R"("wall":{"at_us":5000,"handled_us":70,"remote":"127.0.0.1:51234"}})");
    CHECK(entry_json(one, ids()).dump() == entry_line(one, ids()));
}

TEST_CASE("entry json: an event shows its payload, POST as an object, GET as its query",
          "[record][entry]") {
    const auto posted = shown(entry(test::event(
        EventType::answer, test::route("http://127.0.0.1/cb"), R"({"eventType":"answer"})")));
    const auto got = shown(entry(test::event(
        EventType::speak, test::route("http://127.0.0.1/cb", Method::get), "eventType=speak")));

    CHECK(posted["kind"] == "event");
    CHECK(posted["delivery"] == 7);
    CHECK(posted["event"] == "answer");
    CHECK(posted["method"] == "POST");
    CHECK(posted["url"] == "http://127.0.0.1/cb");
    CHECK(posted["payload"] == json{{"eventType", "answer"}});
    CHECK(got["method"] == "GET");
    CHECK(got["payload"] == "eventType=speak");
}

TEST_CASE("entry json: a fault says what met it, by which draw, and what was sent instead",
          "[record][entry]") {
    FaultMet met;
    met.name = "duplicate";
    met.text = "copy 1 of 1, 0 later";
    met.rule = 2;
    met.draw = 17;
    met.delivery = DeliveryId{8};
    met.event = EventType::answer;
    met.extra = true;
    met.payload = R"({"eventType":"answer"})";
    auto told = shown(entry(met));
    CHECK(told["kind"] == "fault");
    CHECK(told["fault"] == "duplicate");
    CHECK(told["rule"] == 2);
    CHECK(told["draw"] == 17);
    CHECK(told["delivery"] == 8);
    CHECK(told["event"] == "answer");
    CHECK(told["extra"] == true);
    CHECK_FALSE(told.contains("lost"));
    CHECK(told["payload"] == json{{"eventType", "answer"}});

    met = {};
    met.name = "drop";
    met.lost = true;
    told = shown(entry(met));
    CHECK(told["lost"] == true);
    for (const char* const member : {"delivery", "event", "extra", "altered", "payload", "text"}) {
        CHECK_FALSE(told.contains(member));
    }
}

TEST_CASE("entry json: rules that have done nothing stand in one entry, each with its draw and why",
          "[record][entry]") {
    DrawsMissed draws;
    draws.names = std::make_shared<const std::vector<std::string>>(
        std::vector<std::string>{"drop", "odd", "\"delay\""});
    draws.all = {{1, 700'000, DrawMissed::Why::chance}, {3, 12, DrawMissed::Why::times}};
    draws.delivery = DeliveryId{8};
    draws.event = EventType::answer;
    auto told = shown(entry(draws));
    CHECK(told["kind"] == "draw");
    CHECK(told["delivery"] == 8);
    CHECK(told["event"] == "answer");
    CHECK(told["missed"] ==
          json{{{"fault", "drop"}, {"rule", 1}, {"draw", 700'000}, {"why", "chance"}},
               {{"fault", "\"delay\""}, {"rule", 3}, {"draw", 12}, {"why", "times"}}});

    draws.delivery = DeliveryId::none;
    told = shown(entry(draws));
    CHECK_FALSE(told.contains("delivery"));
    CHECK_FALSE(told.contains("event"));
}

TEST_CASE("entry json: an attempt shows its answer, and only what was reached is timed",
          "[record][entry]") {
    AttemptMade made = test::attempt(EventType::hangup, test::route("http://127.0.0.1/cb"), 204);
    made.result.body = Text{"thanks"};
    made.result.body_bytes = 6;

    CHECK(shown(entry(made)) == json{{"seq", 9},
                                     {"time", "2026-01-05T09:00:00.000Z"},
                                     {"kind", "attempt"},
                                     {"user", "u-test"},
                                     {"call", ids().text(IdKind::call, hash_of("u-test"), 1)},
                                     {"delivery", 7},
                                     {"event", "hangup"},
                                     {"attempt", 1},
                                     {"fallback", false},
                                     {"method", "POST"},
                                     {"url", "http://127.0.0.1/cb"},
                                     {"end", "answered"},
                                     {"status", 204},
                                     {"reason", "OK"},
                                     {"reply", "thanks"},
                                     {"reply_bytes", 6},
                                     {"outcome", "delivered"},
                                     {"wall",
                                      {{"at_us", 5000},
                                       {"due_us", 1000},
                                       {"sent_us", 1100},
                                       {"ended_us", 1900},
                                       {"reused_connection", false}}}});
}

TEST_CASE("entry json: a sending that was lost and made again says so, and the next one counts it",
          "[record][entry]") {
    AttemptMade made = test::attempt(EventType::hangup, test::route("http://127.0.0.1/cb"), 0);
    made.unheard = 1;
    made.result.end = AttemptEnd::broken;
    made.result.sent_again = true;
    made.result.reused_connection = true;
    made.result.error = Text{"the kept connection had ended"};
    made.after = DeliveryState::owed;
    const json lost = shown(entry(made));
    made = test::attempt(EventType::hangup, test::route("http://127.0.0.1/cb"), 200);
    made.attempt = 2;
    made.unheard = 1;
    const json counted = shown(entry(made));

    CHECK(lost["attempt"] == 1);
    CHECK(lost["unheard"] == 1);
    CHECK(lost["end"] == "broken");
    CHECK(lost["error"] == "the kept connection had ended");
    CHECK(lost["sent_again"] == true);
    CHECK(lost["outcome"] == "owed");
    CHECK(counted["attempt"] == 2);
    CHECK(counted["unheard"] == 1);
    CHECK_FALSE(counted.contains("sent_again"));
}

TEST_CASE("entry json: no user information of a URL in an answer gets through, nor half of one",
          "[record][entry]") {
    AttemptMade made = test::attempt(EventType::answer, test::route("http://127.0.0.1/cb"), 200);
    made.result.body =
        Text{R"(<Response><Gather requestUrl="http://me:secret@b/m"/><Redirect requestUrl="/n"/>)"};
    CHECK(shown(entry(made))["reply"] ==
          R"(<Response><Gather requestUrl="http://***@b/m"/><Redirect requestUrl="/n"/>)");

    const std::string start = R"(<Response><Gather requestUrl="http://me:sec)";
    made.result.body = Text{std::string(4096 - start.size(), ' ') + start};
    const std::string cut = shown(entry(made))["reply"];
    CHECK(cut.find("me:sec") == std::string::npos);
    CHECK(cut.find("requestUrl=\"http://***") != std::string::npos);
}

TEST_CASE("entry json: nor of one in an answer's reason or headers", "[record][entry]") {
    AttemptMade made = test::attempt(EventType::answer, test::route("http://127.0.0.1/cb"), 302);
    made.result.reason = Text{"see http://me:secret@b/m"};
    made.result.headers = Text{"Location\nhttp://me:secret@b/m\nX-Plain\na b\n"};
    const json whole = shown(entry(made));
    const std::string start = "see http://me:sec";
    made.result.reason = Text{std::string(256 - start.size(), ' ') + start};
    const std::string cut = shown(entry(made))["reason"];

    CHECK(whole["reason"] == "see http://***@b/m");
    CHECK(whole["reply_headers"] == json{{"location", "http://***@b/m"}, {"x-plain", "a b"}});
    CHECK(cut.find("me:sec") == std::string::npos);
}

TEST_CASE("entry json: an attempt without an answer has an error instead of a status",
          "[record][entry]") {
    AttemptMade made =
        test::attempt(EventType::hangup, test::route("http://a/", Method::post, "http://b/f"), 0);
    made.fallback = true;
    made.result.end = AttemptEnd::could_not_connect;
    made.result.error = Text{"connection refused by http://me:secret@b/f"};
    made.after = DeliveryState::failed;
    const auto one = shown(entry(made));

    CHECK(one["end"] == "could_not_connect");
    CHECK(one["url"] == "http://b/f");
    CHECK(one["fallback"] == true);
    CHECK(one["outcome"] == "failed");
    CHECK(one["error"] == "connection refused by http://***@b/f");
    CHECK_FALSE(one.contains("status"));
    CHECK_FALSE(one.contains("reply"));
}

TEST_CASE("entry json: state, phone, error and clock entries have their members",
          "[record][entry]") {
    const auto ended =
        shown(entry(StateChanged{CallState::active, CallState::completed, Cause::normal_clearing}));
    CHECK(ended["before"] == "active");
    CHECK(ended["after"] == "completed");
    CHECK(ended["cause"] == "NORMAL_CLEARING");
    const auto answered = shown(entry(StateChanged{CallState::started, CallState::active, {}}));
    CHECK_FALSE(answered.contains("cause"));

    const auto phone = shown(entry(OnThePhone{OnThePhone::What::heard_speech, "hello"}));
    CHECK(phone["what"] == "heard_speech");
    CHECK(phone["text"] == "hello");

    const auto error =
        shown(entry(UserError{4,
                              test::at(),
                              "unavailable",
                              "callback-io-error",
                              "A network error",
                              {{"callbackUrl", "http://u:p@h/"}, {"totalDuration", "12"}}}));
    CHECK(error["number"] == 4);
    CHECK(error["details"] == json{{"callbackUrl", "http://***@h/"}});
    CHECK(error["wall"]["totalDuration"] == "12");

    const auto clock = shown(entry(ClockMoved{"advanced", test::at()}, "", 0));
    CHECK(clock["how"] == "advanced");
    CHECK(clock["before"] == "2026-01-05T09:00:00.000Z");
    CHECK_FALSE(clock.contains("user"));
    CHECK_FALSE(clock.contains("call"));
}

TEST_CASE("entry json: without wall, two runs of one seed say the same to the byte",
          "[record][entry]") {
    const auto canonical = [](const Entry& one) {
        ordered_json value = entry_json(one, ids());
        value.erase("wall");
        return value.dump();
    };
    AttemptMade made = test::attempt(EventType::answer, test::route("http://127.0.0.1/cb"), 200);
    const Entry first = entry(made);
    made.result.sent = WallInstant{std::chrono::seconds{77}};
    made.result.first_byte = WallInstant{std::chrono::seconds{78}};
    made.result.reused_connection = true;
    Entry second = entry(made);
    second.wall = WallInstant{std::chrono::seconds{79}};
    ApiExchange exchange = test::api("GET", "/v1/users/u/calls", 200);
    const Entry third = entry(exchange);
    exchange.remote = "127.0.0.1:9";
    exchange.handled_in = Duration{1};

    CHECK(canonical(first) == canonical(second));
    CHECK(canonical(third) == canonical(entry(exchange)));
}

TEST_CASE("entry json: user information of URLs is shown nowhere", "[record][entry]") {
    const std::string url = "http://user:geheim@127.0.0.1:9/cb?x=y@z";
    ApiExchange exchange = test::api("POST", "/v1?u=" + url, 201);
    exchange.location = url;
    exchange.response_body = url;
    for (const std::string& body :
         {R"({"callbackUrl":")" + url + R"("})", R"({"callbackUrl":")" + url,
          std::string{R"({"a":"http:\/\/user:geheim@127.0.0.1\/"})"},
          std::string{R"({"a":"http://user:geheim\u0040127.0.0.1/","b":["https://geheim@h"]})"},
          std::string{R"({"a":"http:\/\/user:geheim@127.0.0.1\/)"},
          std::string(4090, ' ') + "http://user:geheim"}) {
        exchange.request_body = body;
        const std::string line = entry_line(entry(exchange), ids());
        CAPTURE(body, line);
        CHECK(line.find("geheim") == std::string::npos);
    }
    AttemptMade made = test::attempt(EventType::answer, test::route(url), 200);
    CHECK(shown(entry(made))["url"] == "http://***@127.0.0.1:9/cb?x=y@z");
    made.redirected_to = Text{"https://a:geheim@b/"};
    CHECK(shown(entry(made))["url"] == "https://***@b/");
    CHECK(shown(entry(test::event(EventType::answer, test::route(url), "{}")))["url"] ==
          "http://***@127.0.0.1:9/cb?x=y@z");
}

TEST_CASE("entry json: what is not a URL with user information is left alone", "[record][entry]") {
    for (const std::string text :
         {"", "plain", "a@b", "http://h/a@b", "http://h?x=a@b", "http://h:1/", "a://", "::://x"}) {
        CHECK(redacted(text) == text);
    }
    CHECK(redacted("x http://a@b y https://c:d@e@f/ z") == "x http://***@b y https://***@f/ z");
}

TEST_CASE("redaction: a URL with a variable for a host, or with none, is left alone", "[record]") {
    for (const std::string text :
         {"http://${host}:3000/cb?to=a@b", "http://$HOST/x@y", "http://${host}:${port}?a@b",
          "http://$HOST:$PORT#a@b", "http://${name}.example/a@b", "file:///home/me/a@b.json"}) {
        CHECK(redacted(text) == text);
    }
}

TEST_CASE("redaction: a password with a raw slash is hidden, whatever it begins with", "[record]") {
    CHECK(redacted("http://me:a/b@h/") == "http://***@h/");
    CHECK(redacted("http://$me:a/b@h/") == "http://***@h/");
    CHECK(redacted("http://me:$a/b@h/") == "http://***@h/");
    CHECK(redacted("http://${me:a/b@h/") == "http://***@h/");
    CHECK(redacted("http://$/b@h/") == "http://***@h/");
    CHECK(redacted("http://${me}:a@h/") == "http://***@h/");
    CHECK(redacted("http:///me:a/b@h/") == "http://***@h/");
}

TEST_CASE("redaction: of a URL that is cut nothing is shown, whatever '@' it has", "[record]") {
    CHECK(redacted("http://me:a@b", true) == "http://***");
    CHECK(redacted("http://me:a/b", true) == "http://***");
    CHECK(redacted("http:///me:a", true) == "http://***");
    CHECK(redacted("http://me:a@h/cb", true) == "http://***@h/cb");
}

TEST_CASE("entry json: control bytes and broken UTF-8 never reach a line", "[record][entry]") {
    AttemptMade made = test::attempt(EventType::answer, test::route("http://h/"), 200);
    made.result.body = Text{"\x1b[2J\n\x07 \xff\xfe ok \x7f \xc2\x9b \xed\xa0\x80 \xc3\xa4"};
    made.result.reason = Text{std::string{"a\0b", 3}};
    ApiExchange exchange = test::api("POST", "/x", 200);
    exchange.request_body = "{\"a\":\"\x7f\xc2\x85\\u0000\"}";
    const std::string attempt_line = entry_line(entry(made), ids());

    for (const std::string& line : {attempt_line, entry_line(entry(exchange), ids())}) {
        CAPTURE(line);
        CHECK(std::none_of(line.begin(), line.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        }));
        CHECK(line.find("\xc2\x9b") == std::string::npos);
        CHECK(line.find("\xc2\x85") == std::string::npos);
        CHECK(json::accept(line));
    }
    CHECK(attempt_line.find("ä") != std::string::npos);
    CHECK(json::parse(attempt_line)["reason"] == std::string{"a\0b", 3});
}

TEST_CASE("entry json: hostile bodies are kept as text", "[record][entry]") {
    ApiExchange exchange = test::api("POST", "/x", 400);
    for (const std::string& body :
         {std::string(2000, '['), std::string(65, '[') + std::string(65, ']'),
          std::string{"{}\0x", 4}, std::string{"{\"a\":1e400}"}, std::string{"{\"a\":"}}) {
        exchange.request_body = body;
        CHECK(shown(entry(exchange))["request"].is_string());
    }
    exchange.request_body = std::string(64, '[') + std::string(64, ']');
    CHECK(shown(entry(exchange))["request"].is_array());
}

}  // namespace
}  // namespace ringback
