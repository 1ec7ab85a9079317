#include <catch2/catch.hpp>

#include "harness/load/consent.h"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

Reach reach(const char* url) {
    const auto target = parse_target(url);
    REQUIRE(target);
    return reach_of(target.value());
}

constexpr std::string_view us{"ringback.invalid"};

std::string refusal(int status, std::string_view headers, const LoadDemand& demand) {
    return refused_consent(consent_answer(status, headers), us, demand).value_or("");
}

}  // namespace

TEST_CASE("consent: how near a receiver is, by its URL alone", "[load][consent]") {
    CHECK(reach("http://127.0.0.1:3000/") == Reach::here);
    CHECK(reach("http://[::1]:3000/") == Reach::here);
    CHECK(reach("http://localhost/") == Reach::here);
    for (const char* url :
         {"http://10.1.2.3/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/",
          "http://169.254.7.7/", "http://[fd00::5]/", "http://[fe80::1]/"}) {
        CHECK(reach(url) == Reach::near);
    }
    // A name may stand for any address, and mean another one a moment later.
    for (const char* url : {"http://192.0.2.1/", "http://172.32.0.1/", "http://11.0.0.1/",
                            "http://[2001:db8::1]/", "https://receiver.internal/"}) {
        CHECK(reach(url) == Reach::foreign);
    }
}

TEST_CASE("consent: who must be asked", "[load][consent]") {
    const LoadDemand little{.calls_per_second = 50};
    const LoadDemand much{.calls_per_second = 51};

    CHECK_FALSE(needs_consent(Reach::here, false, much));
    CHECK_FALSE(needs_consent(Reach::near, false, little));
    CHECK(needs_consent(Reach::near, false, much));
    CHECK(needs_consent(Reach::foreign, false, little));
    CHECK_FALSE(needs_consent(Reach::foreign, true, much));
    // A load that nobody knows before may be any.
    CHECK_FALSE(needs_consent(Reach::here, false, {}));
    CHECK(needs_consent(Reach::near, false, {}));
    CHECK_FALSE(needs_consent(Reach::near, true, {}));
}

TEST_CASE("consent: what another machine gets at most, unless somebody says more",
          "[load][consent]") {
    CHECK_FALSE(bounds_of(false, {}, {}).calls_per_second);
    CHECK(bounds_of(false, {}, {}).in_flight == 100'000);
    CHECK(bounds_of(true, {}, {}).calls_per_second == 1'000);
    CHECK(bounds_of(true, {}, {}).in_flight == 1'000);
    CHECK(bounds_of(true, 5'000, 20'000).calls_per_second == 5'000);
    CHECK(bounds_of(true, 5'000, 20'000).in_flight == 20'000);
    CHECK(bounds_of(false, 20, 3).calls_per_second == 20);
    CHECK(bounds_of(false, 20, 3).in_flight == 3);
}

TEST_CASE("consent: the answer to OPTIONS must name us, and a rate that is enough",
          "[load][consent]") {
    const LoadDemand demand{.calls_per_second = 2, .callbacks_per_call = 3};  // 360 a minute
    const std::string yes{"webhook-allowed-origin\nringback.invalid\n"};

    CHECK(refusal(200, yes + "WebHook-Allowed-Rate\n360\n", demand) == "");
    CHECK(refusal(204, "X-A\n1\nWebHook-Allowed-Origin\n*\nWebHook-Allowed-Rate\n*\n", demand) ==
          "");
    CHECK(refusal(200, yes + "WebHook-Allowed-Rate\n359\n", demand) ==
          "it allows 359 callbacks a minute, and the load is up to 360");
    CHECK_THAT(refusal(200, yes, demand), Contains("WebHook-Allowed-Rate: a number or *"));
    CHECK_THAT(refusal(200, yes + "WebHook-Allowed-Rate\n-1\n", demand), Contains("found \"-1\""));
    CHECK_THAT(refusal(200, "WebHook-Allowed-Rate\n*\n", demand),
               Contains("expected WebHook-Allowed-Origin: ringback.invalid, found \"\""));
    CHECK_THAT(
        refusal(200, "WebHook-Allowed-Origin\nother.test\nWebHook-Allowed-Rate\n*\n", demand),
        Contains("found \"other.test\""));
    CHECK(refusal(405, yes + "WebHook-Allowed-Rate\n*\n", demand) == "it answered 405");
    CHECK(refusal(302, yes + "WebHook-Allowed-Rate\n*\n", demand) == "it answered 302");
}

TEST_CASE("consent: the demand is that of the busiest moment, and of all callbacks",
          "[load][consent]") {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    LoadPlan plan;
    plan.stages = {{seconds{5}, 2, 2}, {seconds{5}, 2, 40}, {seconds{5}, 1, 1}};
    plan.segment = {1, 8};
    Scenario scenario;
    CHECK(demand_of(plan, scenario).calls_per_second == 40);
    CHECK(demand_of(plan, scenario).callbacks_per_minute() == 4800);

    const auto step = [](auto what) {
        Step made;
        made.what = std::move(what);
        return made;
    };
    Block block;
    block.steps = {step(Send{}), step(Send{})};
    scenario.block.steps = {step(Send{}), step(Pause{}), step(block)};
    plan.stages.clear();
    plan.arrivals = Arrivals::trace;
    plan.trace = {milliseconds{0}, milliseconds{900}, milliseconds{1000}, milliseconds{1899},
                  milliseconds{1900}};
    CHECK(demand_of(plan, scenario).calls_per_second == 3);
    CHECK(demand_of(plan, scenario).callbacks_per_call == 3);
    Scenario kicked{scenario};
    kicked.start.how = Kick{};
    CHECK(demand_of(plan, kicked).callbacks_per_call == 4);

    Branch branch;
    branch.cases.resize(2);
    branch.cases[1].block = block;
    branch.otherwise = {Block{}};
    scenario.block.steps.push_back(step(branch));
    CHECK(demand_of(plan, scenario).callbacks_per_call == 5);
    scenario.block.steps.push_back(step(Repeat{"10", block}));
    CHECK(demand_of(plan, scenario).callbacks_per_call == 25);
    scenario.block.steps.push_back(step(Repeat{"${times}", block}));  // known only in a call
    CHECK(demand_of(plan, scenario).callbacks_per_call >= 1'000'000);
}
