// Requests to the API that fail because they are meant to; how the bytes leave is e2e.

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

const std::string calls = "/v1/users/u-test/calls";
const std::string wanted =
    R"({"from":"+19195550123","to":"+19195550187","callbackUrl":"http://127.0.0.1:9000/cb"})";

FaultRule rule(std::string name, FaultRule::AnswerFault what, RequestFilter on = {}) {
    FaultRule made;
    made.name = std::move(name);
    made.what = FaultRule::OfAnswers{std::move(on), std::move(what)};
    return made;
}

FaultPlan plan_of(std::vector<FaultRule> rules) {
    FaultPlan plan;
    plan.rules = std::move(rules);
    return plan;
}

std::vector<nlohmann::ordered_json> met_in(const FakeNetwork& network) {
    std::vector<nlohmann::ordered_json> met;
    std::ranges::copy_if(network.history.entries, std::back_inserter(met),
                         [](const auto& entry) { return entry["kind"] == "fault"; });
    return met;
}

std::vector<int> statuses_of(FakeNetwork& network, int requests) {
    std::vector<int> statuses;
    for (int n = 0; n < requests; ++n) {
        statuses.push_back(network.request("POST", calls, wanted).status);
    }
    return statuses;
}

}  // namespace

TEST_CASE("answer faults: the n-th creation fails in the provider's words, and makes nothing",
          "[edge][faults]") {
    FakeNetwork network;
    FaultRule failing = rule("second_fails", fault::Fail{}, {"POST", "/v1/users/*/calls"});
    failing.nth = 2;
    network.simulator.set_faults(plan_of({failing}));

    CHECK(network.request("GET", calls).status == 200);
    CHECK(network.request("POST", calls, wanted).status == 201);
    const Response failed = network.request("POST", calls, wanted);
    CHECK(network.request("POST", calls, wanted).status == 201);

    CHECK(failed.status == 500);
    CHECK(FakeNetwork::header(failed, "Content-Type") == "application/json");
    CHECK(FakeNetwork::header(failed, "Location").empty());
    const json body = json::parse(failed.body);
    CHECK(body["category"] == "unavailable");
    CHECK(body["code"] == "internal-server-error");
    CHECK(body["message"] == "An unexpected error occurred");
    CHECK(body["details"][0] == json{{"name", "requestMethod"}, {"value", "POST"}});
    CHECK(json::parse(network.request("GET", calls).body).size() == 2);
}

TEST_CASE("answer faults: the journal has each right behind the request that met it",
          "[edge][faults]") {
    FakeNetwork network;
    const Response created = network.request("POST", calls, wanted);
    const std::string location = FakeNetwork::header(created, "Location");
    const std::string made = location.substr(location.rfind('/') + 1);
    fault::Fail busy{.status = 503, .retry_after_s = 7};
    FaultRule failing = rule("busy", busy);
    failing.times = 1;
    network.simulator.set_faults(plan_of({failing}));

    const Response refused =
        network.request("POST", calls + "/" + made, R"({"state":"completed"})");

    CHECK(refused.status == 503);
    CHECK(FakeNetwork::header(refused, "Retry-After") == "7");
    const auto& entries = network.history.entries;
    const auto& exchange = entries.at(entries.size() - 2);
    const auto& met = entries.back();
    CHECK(exchange["kind"] == "api");
    CHECK(exchange["status"] == 503);
    CHECK(exchange["call"] == made);
    CHECK(exchange["fault"] == "busy");
    CHECK(exchange["fate"] == "refused");
    CHECK(met["kind"] == "fault");
    CHECK(met["fault"] == "busy");
    CHECK(met["rule"] == 1);
    CHECK(met["draw"].is_number());
    CHECK(met["text"] == "503 internal-server-error for what was not done");
    CHECK(met["user"] == "u-test");
    CHECK(met["call"] == made);
    CHECK(network.request("POST", calls + "/" + made, R"({"state":"completed"})").status == 200);
}

TEST_CASE("answer faults: a request may be done and yet be answered with an error",
          "[edge][faults]") {
    FakeNetwork network;
    fault::Fail after{.status = 502, .acted = true};
    network.simulator.set_faults(plan_of({rule("done_but", after, {"POST", ""})}));

    const Response failed = network.request("POST", calls, wanted);

    CHECK(failed.status == 502);
    CHECK(FakeNetwork::header(failed, "Location").empty());
    CHECK(network.history.entries.front()["location"].get<std::string>().find("/calls/c-") !=
          std::string::npos);
    CHECK(network.history.entries.front()["fault"] == "done_but");
    CHECK(network.history.entries.front()["fate"] == "acted");
    CHECK(met_in(network).front()["text"] == "502 internal-server-error for what was done");
    REQUIRE(network.until_quiet());
    REQUIRE_FALSE(network.transport.sent.empty());
    CHECK(json::parse(network.transport.sent.front().payload)["eventType"] == "answer");
}

TEST_CASE("answer faults: the entry of a request says what they have made of its answer",
          "[edge][faults]") {
    const fault::Fail done{.acted = true};
    fault::BadAnswer cut;
    cut.wire.half_body = true;
    struct Row {
        std::vector<FaultRule> rules;
        std::string body;
        std::string fault;
        std::string fate;
    };
    const FaultRule spoils = rule("cut", cut);
    const FaultRule fails = rule("fail", fault::Fail{});
    for (const Row& row :
         {Row{{spoils}, wanted, "cut", "spoilt"}, Row{{spoils, fails}, wanted, "fail", "refused"},
          Row{{fails, spoils}, wanted, "fail", "refused"},
          Row{{rule("but", done)}, wanted, "but", "acted"},
          Row{{rule("but", done)}, "{}", "but", "refused"}}) {  // by the API, too
        CAPTURE(row.fate, row.body);
        FakeNetwork network;
        network.simulator.set_faults(plan_of(row.rules));
        network.request("POST", calls, row.body);

        CHECK(network.history.entries.front()["fault"] == row.fault);
        CHECK(network.history.entries.front()["fate"] == row.fate);
    }
    FakeNetwork network;
    FaultRule seventh = rule("never", fault::Fail{});
    seventh.nth = 7;
    network.simulator.set_faults(plan_of({seventh}));
    network.request("POST", calls, wanted);
    CHECK_FALSE(network.history.entries.front().contains("fate"));
}

TEST_CASE("answer faults: a rate limit says when the next request is free, as the API's own does",
          "[edge][faults]") {
    FakeNetwork network;
    fault::Fail limit{.status = 429,
                      .category = "too-many-requests",
                      .code = "rate-limit-reached",
                      .message = "Rate limit reached",
                      .retry_after_s = 3};
    network.simulator.set_faults(plan_of({rule("rate_limit", limit)}));

    const Response refused = network.request("POST", calls, wanted);

    const auto free_at = std::chrono::duration_cast<std::chrono::milliseconds>(
        (network.simulator.now() + 3s).time_since_epoch());
    CHECK(refused.status == 429);
    CHECK(FakeNetwork::header(refused, "X-RateLimit-Reset") == std::to_string(free_at.count()));
    CHECK(FakeNetwork::header(refused, "Retry-After") == "3");
    CHECK(json::parse(refused.body)["details"][0] ==
          json{{"name", "rateLimitResetTime"}, {"value", std::to_string(free_at.count())}});
}

TEST_CASE("answer faults: a window of 503 opens and closes by the modelled clock",
          "[edge][faults]") {
    FakeNetwork network;
    FaultRule window = rule("outage", fault::Fail{.status = 503});
    window.from = 10s;
    window.until = 20s;
    network.simulator.set_faults(plan_of({window}));
    const auto advance = [&network] {
        bool there = false;
        network.simulator.advance(10s, [&] { there = true; });
        return run_until(network.loop, [&] { return there; });
    };

    CHECK(statuses_of(network, 2) == std::vector<int>{201, 201});
    REQUIRE(advance());
    CHECK(statuses_of(network, 2) == std::vector<int>{503, 503});
    REQUIRE(advance());
    CHECK(statuses_of(network, 2) == std::vector<int>{201, 201});
}

TEST_CASE("answer faults: what is wrong with the bytes goes with the answer, drawn",
          "[edge][faults]") {
    FakeNetwork network;
    fault::BadAnswer late;
    late.wire.latency = {
        .shape = DrawnTime::Shape::uniform, .a = 100ms, .b = 200ms, .sigma = 0, .choices = {}};
    fault::BadAnswer cut;
    cut.wire.half_body = true;
    cut.wire.end = WireFault::End::reset;
    network.simulator.set_faults(plan_of({rule("latency", late), rule("cut", cut)}));

    const Response answer = network.request("GET", calls);

    CHECK(answer.status == 200);
    CHECK(answer.body == "[]");
    REQUIRE(answer.fault != nullptr);
    CHECK(answer.fault->latency.shape == DrawnTime::Shape::fixed);
    CHECK(answer.fault->latency.a >= 100ms);
    CHECK(answer.fault->latency.a <= 200ms);
    CHECK(answer.fault->half_body);
    const auto met = met_in(network);
    REQUIRE(met.size() == 2);
    CHECK(met[0]["text"].get<std::string>().ends_with(" late"));
    CHECK(met[1]["text"] == "reset after half the body");
    CHECK(network.request("GET", "/v1/users/u-other/calls").fault != nullptr);
}

TEST_CASE("answer faults: of two errors the first is told, and the journal says so",
          "[edge][faults]") {
    FakeNetwork network;
    network.simulator.set_faults(plan_of(
        {rule("first", fault::Fail{.status = 500}), rule("second", fault::Fail{.status = 503})}));

    CHECK(network.request("GET", calls).status == 500);
    REQUIRE(met_in(network).size() == 1);
    CHECK(met_in(network)[0]["fault"] == "first");
    const auto& draws = network.history.entries.at(1);
    CHECK(draws["kind"] == "draw");
    CHECK(draws["user"] == "u-test");
    REQUIRE(draws["missed"].size() == 1);
    CHECK(draws["missed"][0]["fault"] == "second");
    CHECK(draws["missed"][0]["rule"] == 2);
    CHECK(draws["missed"][0]["why"] == "another");
}

TEST_CASE("answer faults: a draw by which no rule strikes is in the journal, with its request",
          "[edge][faults]") {
    FakeNetwork network;
    FaultRule second = rule("second", fault::Fail{});
    second.nth = 2;
    FaultRule early = rule("early", fault::Early{});
    early.toxicity = 0;
    network.simulator.set_faults(plan_of({second, early}));

    CHECK(network.request("POST", calls, wanted).status == 201);
    REQUIRE(met_in(network).empty());
    const auto& draws = network.history.entries.at(1);
    CHECK(network.history.entries.at(0)["kind"] == "api");
    CHECK(draws["kind"] == "draw");
    CHECK(draws["call"] == network.history.entries.at(0)["call"]);
    CHECK_FALSE(draws.contains("delivery"));
    REQUIRE(draws["missed"].size() == 2);
    CHECK(draws["missed"][0]["why"] == "nth");
    CHECK(draws["missed"][1]["why"] == "chance");
}

TEST_CASE("answer faults: ringback's own requests, and everybody's without a plan, meet none",
          "[edge][faults]") {
    FakeNetwork network;
    network.simulator.set_faults(plan_of({rule("all", fault::Fail{})}));
    Request own;
    own.method = "POST";
    own.target = own.path = calls;
    own.headers = {{"Host", "127.0.0.1:12180"}};
    own.body = wanted;
    own.remote = "ringback";
    own.received = wall_now();
    const auto responder = std::make_shared<FakeResponder>();

    network.simulator.handle(own, responder);
    CHECK(responder->answer.value().status == 201);
    responder->release();
    CHECK(network.request("GET", calls).status == 500);
    network.simulator.set_faults({});
    CHECK(network.request("GET", calls).status == 200);
    CHECK(met_in(network).size() == 1);
}

TEST_CASE("answer faults: the same seed meets the same, whatever other users ask",
          "[edge][faults]") {
    const auto outcome = [](bool with_others) {
        FakeNetwork network;
        FaultRule half = rule("half", fault::Fail{});
        half.toxicity = 500'000;
        network.simulator.set_faults(plan_of({half}));
        std::vector<int> statuses;
        for (int n = 0; n < 40; ++n) {
            if (with_others) {
                network.request("GET", "/v1/users/u-other/calls");
            }
            statuses.push_back(network.request("GET", calls).status);
        }
        return statuses;
    };

    const std::vector<int> alone = outcome(false);

    CHECK(alone == outcome(true));
    CHECK(std::ranges::count(alone, 500) > 8);
    CHECK(std::ranges::count(alone, 200) > 8);
}
