#include "harness/locust/locust_meter.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace ringback;
using namespace std::chrono_literals;

namespace {

constexpr WallInstant due{1000s};
const Arrival first_call{0, 0s, 0, false};

AttemptFigures answered(Duration after) {
    AttemptFigures figures;
    figures.end = AttemptEnd::answered;
    figures.status = 200;
    figures.body_bytes = 5;
    figures.sent = due + 2ms;
    figures.last_byte = due + after;
    figures.ended = figures.last_byte;
    return figures;
}

struct Metered {
    LocustStats stats{LocustTime{}};
    LocustMeter meter{stats, "answer-hangup"};

    [[nodiscard]] const LocustRow& row(const char* method, const char* name) const {
        return stats.rows().at({method, name});
    }
    [[nodiscard]] std::uint64_t errors(const char* method, const char* name, const char* text) {
        const auto found = stats.errors().find({{method, name}, text});
        return found == stats.errors().end() ? 0 : found->second;
    }
};

}  // namespace

TEST_CASE("locust meter: a callback is a row of its event, from when it was due", "[locust]") {
    Metered to;
    const AttemptFigures good = answered(30ms);
    AttemptFigures none;
    none.end = AttemptEnd::could_not_connect;
    to.meter.callback(first_call, {"greeted", due, good, true, "", "speak.done"});
    to.meter.callback(first_call, {"greeted", due, none, false, "could_not_connect", "speak.done"});

    const LocustRow& row = to.row("EVENT", "speak.done");
    CHECK(row.requests == 2);
    CHECK(row.max_ms == 30);
    CHECK(row.without_time == 1);
    CHECK(row.bytes == 5);
    CHECK(row.failures == 1);
    CHECK(to.errors("EVENT", "speak.done", "could_not_connect") == 1);
}

TEST_CASE("locust meter: a kick is a row of its scenario, a call that none led to an exception",
          "[locust][kick]") {
    Metered to;
    const AttemptFigures figures = answered(30ms);
    to.meter.kicked(first_call, {"start", due, figures, true, "", "kick"});
    to.meter.kicked(first_call, {"start", due, figures, false, "answered 200", "kick"});
    to.meter.unexpected();
    to.meter.lost();

    CHECK(to.row("KICK", "answer-hangup").requests == 2);
    CHECK(to.row("KICK", "answer-hangup").max_ms == 30);
    CHECK(to.errors("KICK", "answer-hangup", "answered 200") == 1);
    CHECK(to.stats.exceptions() ==
          std::vector<LocustException>{
              {"a call was placed that no kick was waiting for", "answer-hangup"},
              {"an event was lost for good: a fault dropped it", "answer-hangup"}});
}

TEST_CASE("locust meter: a call is a row of its scenario, its failed expectation the error",
          "[locust]") {
    Metered to;
    to.meter.ended(first_call, "", 2s);
    to.meter.ended(first_call, "bye: answered 500", 3s);

    CHECK(to.row("CALL", "answer-hangup").requests == 2);
    CHECK(to.row("CALL", "answer-hangup").max_ms == 3000);
    CHECK(to.errors("CALL", "answer-hangup", "bye: answered 500") == 1);
}

TEST_CASE("locust meter: reactions and timers stand under the name of what they are of",
          "[locust]") {
    Metered to;
    to.meter.reaction(first_call, "answered", 4ms);
    to.meter.timer(first_call, "reaction.greet", 7ms);
    to.meter.timer(first_call, "whole", 9ms);

    CHECK(to.row("REACT", "answered").max_ms == 4);
    CHECK(to.row("REACT", "greet").max_ms == 7);
    CHECK(to.row("REACT", "whole").max_ms == 9);
}

TEST_CASE("locust meter: requests are few rows whatever ids, paths and methods are sent",
          "[locust]") {
    CHECK(locust_api_name("POST", "/v1/users/u-1/calls/c-7f/audio") == "POST /calls/{id}/audio");
    CHECK(locust_api_name("GET", "/v1/users/u-1/calls?size=5") == "GET /calls");
    CHECK(locust_api_name("GET", "/v1/users/u/calls/c-1/gather/g-1") ==
          "GET /calls/{id}/gather/{id}");
    CHECK(locust_api_name("GET", "/v1/users/u/calls/c-1/gather/g-1/x") == "GET (another path)");
    CHECK(locust_api_name("GET", "/v1/users/u/secrets") == "GET (another path)");
    CHECK(locust_api_name("BREW", "/v1/users/u/calls") == "(another method) /calls");

    Metered to;
    ApiExchange refused;
    refused.method = "POST";
    refused.target = "/v1/users/u/calls/c-1";
    refused.status = 403;
    refused.response_body = "{}";
    refused.handled_in = 1ms;
    to.meter.request(nullptr, refused);
    CHECK(to.row("API", "POST /calls/{id}").bytes == 2);
    CHECK(to.errors("API", "POST /calls/{id}", "refused 403") == 1);
}
