#include <vector>

#include "tests/support/api_fixture.h"

namespace ringback::test::limits {
namespace {

constexpr const char* search = "/v1/availableNumbers/local?areaCode=919&quantity=1";
constexpr const char* call = R"({"from":"+19195550123","to":"+19195550187"})";

}  // namespace

TEST_CASE("rate limits: both kinds are off by default", "[api][limits]") {
    Api api;
    for (int i = 0; i < 50; ++i) {
        CHECK(outcome(api.post("/calls", call)) == "201");
        CHECK(outcome(api.get("/account")) == "200");
    }
}

TEST_CASE("rate limits: each kind is its own switch", "[api][limits]") {
    Api api;
    api.settings.rate_limits = true;
    for (int i = 0; i < 50; ++i) {
        CHECK(outcome(api.post("/calls", call)) == "201");
    }
    CHECK(outcome(api.get("/account")) == "200");
    CHECK(outcome(api.get("/account")) == "429 rate-limit-reached");

    Api other;
    other.settings.creation_limits = true;
    for (int i = 0; i < 50; ++i) {
        CHECK(outcome(other.get("/account")) == "200");
    }
    for (int i = 0; i < 10; ++i) {
        CHECK(outcome(other.post("/calls", call)) == "201");
    }
    CHECK(outcome(other.post("/calls", call)) == "403 call-rate-limit");
}

TEST_CASE("rate limits: a 429 says when, and the request had no effect", "[api][limits]") {
    Api api;
    api.settings.rate_limits = true;
    CHECK(outcome(api.post("/domains", R"({"name":"a"})")) == "201");
    api.now += 1ms;

    const ApiReply reply = api.post("/domains", R"({"name":"b"})");

    CHECK(outcome(reply) == "429 rate-limit-reached");
    CHECK(Api::header(reply.response, "X-RateLimit-Reset") == "1511496042000");
    CHECK(Api::header(reply.response, "X-RateLimit-Limit").empty());
    CHECK(Api::header(reply.response, "X-RateLimit-Remaining").empty());
    CHECK(Api::parsed(reply) ==
          json::parse(R"({"category":"too-many-requests","code":"rate-limit-reached",
              "message":"Rate limit reached",
              "details":[{"name":"rateLimitResetTime","value":"1511496042000"},
                         {"name":"requestMethod","value":"POST"},
                         {"name":"remoteAddress","value":"127.0.0.1"},
                         {"name":"requestPath","value":"users/u-1/domains"}]})"));
    CHECK(api.get_json("/domains").size() == 1);
    api.now += 998ms;
    CHECK(outcome(api.post("/domains", R"({"name":"b"})")) == "429 rate-limit-reached");
    api.now += 1ms;
    CHECK(outcome(api.post("/domains", R"({"name":"b"})")) == "201");
}

TEST_CASE("rate limits: every route but the two that create calls and messages is under one",
          "[api][limits]") {
    const auto takes_many = [](const RouteName& route) {  // see the next test cases
        const std::string_view path = route.path;
        return path.find("/availableNumbers") != std::string_view::npos ||
               path.starts_with("/v1/users/{}/phoneNumbers");
    };
    const auto creates = [](const RouteName& route) {
        return route.method == "POST" &&
               (route.path == "/v1/users/{}/calls" || route.path == "/v1/users/{}/messages");
    };
    Api api;
    api.settings.rate_limits = true;
    std::size_t apart = 0;
    const std::vector<RouteName> routes = all_routes();
    CHECK(routes.size() > 60);
    for (const RouteName& route : routes) {
        CAPTURE(route.method, route.path);
        std::string path = route.path;
        for (auto at = path.find("{}"); at != std::string::npos; at = path.find("{}")) {
            path.replace(at, 2, "x");  // a user, too
        }
        apart += creates(route) || takes_many(route) ? 1U : 0U;
        CHECK(api.send(std::string{route.method}, path).response.status != 429);
        CHECK((api.send(std::string{route.method}, path).response.status == 429) ==
              !(creates(route) || takes_many(route)));
    }
    CHECK(apart == 9);  // those two; two of availableNumbers, five of phoneNumbers
}

TEST_CASE("rate limits: numbers are searched and ordered 800 at once and 100 a minute",
          "[api][limits]") {
    for (const auto* const method : {"GET", "POST"}) {
        Api api;
        api.settings.rate_limits = true;
        for (int i = 0; i < 800; ++i) {
            REQUIRE(outcome(api.send(method, search)) == "200");
        }
        const ApiReply reply = api.send(method, search);
        CHECK(outcome(reply) == "429 rate-limit-reached");
        CHECK(Api::header(reply.response, "X-RateLimit-Reset") == "1511496041600");
        api.now += 599ms;
        CHECK(outcome(api.send(method, search)) == "429 rate-limit-reached");
        api.now += 1ms;
        CHECK(outcome(api.send(method, search)) == "200");
        CHECK(outcome(api.send(method, search)) == "429 rate-limit-reached");
        api.now += 1min;
        for (int i = 0; i < 100; ++i) {
            REQUIRE(outcome(api.send(method, search)) == "200");
        }
        CHECK(outcome(api.send(method, search)) == "429 rate-limit-reached");
    }
}

TEST_CASE("rate limits: searching, ordering and managing numbers are counted apart",
          "[api][limits]") {
    Api api;
    api.settings.rate_limits = true;
    for (int i = 0; i < 800; ++i) {
        api.send("GET", search);
    }
    CHECK(outcome(api.send("GET", search)) == "429 rate-limit-reached");
    CHECK(outcome(api.send("POST", search)) == "200");
    for (int i = 0; i < 3000; ++i) {
        REQUIRE(api.get("/phoneNumbers").response.status == 200);
    }
    CHECK(outcome(api.get("/phoneNumbers")) == "429 rate-limit-reached");
    CHECK(outcome(api.get("/phoneNumbers/n-1")) == "429 rate-limit-reached");
    api.now += 1s;
    for (int i = 0; i < 2000; ++i) {
        REQUIRE(api.get("/phoneNumbers").response.status == 200);
    }
    CHECK(outcome(api.get("/phoneNumbers")) == "429 rate-limit-reached");
    CHECK(outcome(api.send("GET", "/v1/users/u-2/phoneNumbers")) == "200");
    api.limits.reset("u-1");
    CHECK(outcome(api.get("/phoneNumbers")) == "200");
}

TEST_CASE("rate limits: users whose limits are over are forgotten, the others are not",
          "[api][limits]") {
    RateLimits limits;
    Instant now{std::chrono::seconds{1511496041}};
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(limits.refuse_call("busy", now));
    }
    for (int i = 0; i < 30; ++i) {
        CHECK(limits.take_message("waiting", now).what ==
              (i < 11 ? RateLimits::MessageTurn::What::taken
                      : RateLimits::MessageTurn::What::too_fast));
    }
    for (int i = 0; i < 99; ++i) {  // for 9.9 s
        now += 100ms;
        for (int k = 0; k < 10; ++k) {
            const std::string name = std::to_string(i) + "-" + std::to_string(k);
            CHECK_FALSE(limits.refuse(name, RateLimits::Pace::each_route, 1, now));
        }
        CHECK(limits.users_remembered() < 400);  // a hundred have used it within the second
    }
    CHECK(limits.refuse_call("busy", now));
    CHECK(limits.take_message("waiting", now).wait == 1100ms);
    now += 100ms;
    CHECK_FALSE(limits.refuse_call("busy", now));
}

TEST_CASE("rate limits: however many ask at once, so many users are remembered", "[api][limits]") {
    RateLimits limits;
    const Instant now{std::chrono::seconds{1511496041}};
    for (std::size_t i = 0; i < 3 * RateLimits::most_users; ++i) {
        REQUIRE_FALSE(limits.refuse_call("u-" + std::to_string(i), now));
        REQUIRE(limits.users_remembered() <= RateLimits::most_users);
    }
    CHECK(limits.users_remembered() >= RateLimits::most_users / 2);
}

}  // namespace ringback::test::limits
