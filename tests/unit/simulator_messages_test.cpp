#include <algorithm>
#include <catch2/catch.hpp>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace simulated_messages {
namespace {

const std::string messages = "/v1/users/u-test/messages";

std::string body(const std::string& more = "", const std::string& to = "+19195550187") {
    return R"({"from":"+19195550123","text":"Hi","to":")" + to +
           R"(","callbackUrl":"http://127.0.0.1:9000/cb")" + more + "}";
}

NewMessage inbound(const std::string& url = "http://127.0.0.1:9000/in") {
    NewMessage message;
    message.from = "+19195550187";
    message.to = "+19195550123";
    message.text = "Hello there";
    message.application_id = url.empty() ? "" : "a-1";
    Route route;
    route.url = url;
    message.route = RouteRef{route};
    return message;
}

/// "sms sent waiting" of each callback that was sent.
std::vector<std::string> events_sent(const FakeNetwork& network) {
    std::vector<std::string> events;
    for (const auto& sent : network.transport.sent) {
        const json event = json::parse(sent.payload);
        events.push_back(event.value("eventType", "") + " " + event.value("state", "") + " " +
                         event.value("deliveryState", "") + event.value("deliveryCode", ""));
    }
    return events;
}

json errors_of(FakeNetwork& network) {
    return json::parse(network.request("GET", "/v1/users/u-test/errors").body);
}

/// What the journal says became of messages: "queued", "sent waiting".
std::vector<std::string> became(const FakeNetwork& network) {
    std::vector<std::string> all;
    for (const auto& entry : network.history.entries) {
        if (entry["kind"] == "message") {
            all.push_back(entry["after"].get<std::string>() + " " +
                          entry.value("deliveryState", ""));
        }
    }
    return all;
}

}  // namespace

TEST_CASE("simulator: a message and its receipt reach the receiver, and the journal agrees",
          "[edge][messages]") {
    FakeNetwork network;
    std::vector<std::string> shown;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        const std::string id = json::parse(sent.payload)["messageId"];
        const json message = json::parse(network.request("GET", messages + "/" + id).body);
        shown.push_back(message.value("state", "") + " " + message.value("deliveryState", ""));
        return 200;
    };
    REQUIRE(network.request("POST", messages, body(R"(,"receiptRequested":"all")")).status == 201);
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) ==
          std::vector<std::string>{"sms sent waiting", "sms sent delivered0"});
    CHECK(shown == std::vector<std::string>{"sent waiting", "sent delivered"});
    CHECK(became(network) ==
          std::vector<std::string>{"queued ", "sending ", "sent waiting", "sent delivered"});
    for (const auto& entry : network.history.entries) {
        CHECK_FALSE(entry.contains("call"));
        CHECK(entry.contains("message"));
    }
    CHECK(errors_of(network).empty());
}

TEST_CASE("simulator: no event of a message leaves before the answer that causes it",
          "[edge][messages]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.model.delays.sent = Duration{};
    for (const bool list : {false, true}) {
        FakeNetwork network{settings};
        std::shared_ptr<FakeResponder> unsent;
        network.request("POST", messages, list ? "[" + body() + "," + body() + "]" : body(),
                        &unsent);
        network.loop.run_for(std::chrono::milliseconds{5});
        CHECK(network.transport.sent.empty());
        unsent->release();
        network.simulator.request_ends();
        REQUIRE(network.until_quiet());
        CHECK(network.transport.sent.size() == (list ? 2U : 1U));
    }
}

TEST_CASE("simulator: a message's callback goes by GET, to its fallback, within its timeout",
          "[edge][messages]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& sent) {
        return sent.url.find("/cb") != std::string::npos ? 500 : 200;
    };
    const Response created = network.request(
        "POST", messages,
        body(
            R"(,"callbackHttpMethod":"GET","callbackTimeout":1500,"fallbackUrl":"http://127.0.0.1:9000/fb")"));
    REQUIRE(network.until_quiet());
    REQUIRE(network.transport.sent.size() == 2);
    for (const auto& sent : network.transport.sent) {
        CHECK(sent.method == Method::get);
        CHECK(sent.timeout == std::chrono::milliseconds{1500});
        CHECK(query_object(sent.payload)["eventType"] == "sms");
    }
    CHECK(network.transport.sent[1].url == "http://127.0.0.1:9000/fb");
    const json errors = errors_of(network);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0]["code"] == "callback-http-failure-status");
    const std::string location = FakeNetwork::header(created, "Location");
    CHECK(errors[0]["details"][0]["name"] == "messageId");
    CHECK(errors[0]["details"][0]["value"] == location.substr(location.rfind('/') + 1));
}

TEST_CASE("simulator: a message that cannot be sent is an event and a user error",
          "[edge][messages]") {
    FakeNetwork network;
    network.request("POST", messages, body("", "+19195598000"));
    network.request("POST", messages,
                    body(R"(,"media":"http://127.0.0.1:9000/logo.png")", "+19195598751"));
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) ==
          std::vector<std::string>{"sms error ", "mms error not-delivered751"});
    const json errors = errors_of(network);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0]["code"] == "message-send-failure");
    CHECK(errors[0]["message"] ==
          "The message could not be sent: Destination Rejected Message too large");
    CHECK(errors[0]["details"][2]["value"] == "751");
    CHECK(errors[1]["details"].size() == 2);
}

TEST_CASE("simulator: an inbound message goes to its URL, else to the inbound URL, else nowhere",
          "[edge][messages]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    FakeNetwork nowhere{settings};
    settings.api.inbound_url = "http://127.0.0.1:9000/default";
    FakeNetwork network{settings};
    REQUIRE(network.simulator.text_in("u-test", inbound()).ok());
    REQUIRE(network.simulator.text_in("u-test", inbound("")).ok());
    REQUIRE(network.until_quiet());
    REQUIRE(network.transport.sent.size() == 2);
    CHECK(network.transport.sent[0].url == "http://127.0.0.1:9000/in");
    CHECK(network.transport.sent[1].url == "http://127.0.0.1:9000/default");
    const json event = json::parse(network.transport.sent[0].payload);
    CHECK(event["direction"] == "in");
    CHECK(event["state"] == "received");
    CHECK(event["applicationId"] == "a-1");

    NewMessage without_url = inbound("");
    without_url.application_id = "a-1";
    REQUIRE(nowhere.simulator.text_in("u-test", inbound("")).ok());
    REQUIRE(nowhere.simulator.text_in("u-test", without_url).ok());
    REQUIRE(nowhere.until_quiet());
    CHECK(nowhere.transport.sent.empty());
    const json errors = errors_of(nowhere);
    REQUIRE(errors.size() == 2);
    CHECK(errors[0]["code"] == "no-callback-for-message");
    CHECK(errors[1]["code"] == "no-application-for-number");
    CHECK(json::parse(nowhere.request("GET", messages).body).size() == 2);
}

TEST_CASE("simulator: nothing more is sent of a message that was forgotten or reset",
          "[edge][messages]") {
    FakeNetwork network;
    network.simulator.pause(true);
    network.request("POST", messages, body());
    const CallId id = network.simulator.text_in("u-other", inbound()).value();
    network.simulator.forget(id);
    network.simulator.reset("u-test");
    network.simulator.pause(false);
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) == std::vector<std::string>{"sms received "});  // was on the wire
    CHECK(network.request("GET", messages).body == "[]");
    CHECK(network.simulator.quiet());
}

TEST_CASE("simulator: messages by the same seed give byte-identical journals", "[edge][messages]") {
    const auto run = [](std::uint64_t seed) {
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.seed = Seed{seed};
        settings.model.delays.sent = {std::chrono::seconds{1}, std::chrono::seconds{9}};
        FakeNetwork network{settings};
        for (int i = 0; i < 20; ++i) {
            network.request("POST", messages, body(R"(,"receiptRequested":"all")"));
        }
        REQUIRE(network.until_quiet());
        return network.history.lines;
    };
    const auto first = run(7);
    CHECK(first.size() >= 20 * 9);
    CHECK(first == run(7));
    CHECK(first != run(8));
}

}  // namespace simulated_messages
