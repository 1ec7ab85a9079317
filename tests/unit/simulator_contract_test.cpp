// Rows of v1.md section 9 that show only where engine, API and callbacks meet (tests/contract.md).

#include <catch2/catch.hpp>

#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace contract_of_simulator {
namespace {

const std::string calls_path = "/v1/users/u-test/calls";

NewCall ringing(bool auto_answer) {
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = auto_answer;
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    call.route = RouteRef{route};
    return call;
}

}  // namespace

TEST_CASE("simulator: the addresses in events are below the public base", "[edge][contract]") {
    for (const std::string base : {"https://api.catapult.inetwork.com", "http://127.0.0.1:1/x"}) {
        SimulatorSettings settings = FakeNetwork::jumping();
        CHECK(settings.api.public_base == "https://api.catapult.inetwork.com");
        settings.api.public_base = base;
        FakeNetwork network{settings};
        network.request("POST", calls_path,
                        R"({"from":"+19195550123","to":"+15550009907","recordingEnabled":true,
                            "callbackUrl":"http://127.0.0.1:9000/cb"})");
        REQUIRE(network.until_quiet());
        REQUIRE(network.transport.sent.size() == 3);
        for (const auto& sent : network.transport.sent) {
            const json event = json::parse(sent.payload);
            const std::string member =
                event["eventType"] == "recording" ? "recordingUri" : "callUri";
            CHECK(event[member].get<std::string>().starts_with(base + "/v1/users/u-test/"));
        }
    }
}

TEST_CASE("simulator: incomingcall says active while GET shows started", "[edge][contract]") {
    FakeNetwork network;
    std::vector<std::string> seen;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        const json event = json::parse(sent.payload);
        const std::string call = calls_path + "/" + event["callId"].get<std::string>();
        seen.push_back(event["eventType"].get<std::string>() + ": " +
                       event["callState"].get<std::string>() + ", " +
                       json::parse(network.request("GET", call).body)["state"].get<std::string>());
        if (event["eventType"] == "answer") {
            network.request("POST", call, R"({"state":"completed"})");
        }
        return 200;
    };
    REQUIRE(network.simulator.ring_in("u-test", ringing(true)).ok());
    REQUIRE(network.until_quiet());
    CHECK(seen == std::vector<std::string>{"incomingcall: active, started",
                                           "answer: active, active",
                                           "hangup: completed, completed"});
}

TEST_CASE("simulator: a rejected call is told as completed, and GET shows rejected",
          "[edge][contract]") {
    FakeNetwork network;
    std::vector<std::string> told;
    std::string call;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        const json event = json::parse(sent.payload);
        call = calls_path + "/" + event["callId"].get<std::string>();
        if (event["eventType"] == "incomingcall") {
            CHECK(network.request("POST", call, R"({"state":"rejected"})").status == 200);
        } else {
            told.push_back(event["eventType"].get<std::string>() + " " +
                           event["cause"].get<std::string>() + " " +
                           event["callState"].get<std::string>());
        }
        return 200;
    };
    REQUIRE(network.simulator.ring_in("u-test", ringing(false)).ok());
    REQUIRE(network.until_quiet());
    CHECK(told == std::vector<std::string>{"hangup CALL_REJECTED completed"});
    CHECK(json::parse(network.request("GET", call).body)["state"] == "rejected");
}

}  // namespace contract_of_simulator
