#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace {

const std::string calls = "/v1/users/u-test/calls";

std::string create_body(const std::string& to = "+19195550187", const std::string& more = "") {
    return R"({"from":"+19195550123","to":")" + to +
           R"(","callbackUrl":"http://127.0.0.1:9000/cb")" + more + "}";
}

/// The path of what a create answer names.
std::string path_of(const Response& created) {
    const std::string location = FakeNetwork::header(created, "Location");
    return location.substr(location.find("/v1/"));
}

/// The founding receiver: speaks on answer, hangs up when the speech is done.
void found(FakeNetwork& network) {
    network.transport.respond = [&network](const FakeTransport::Sent& sent) {
        const json event = json::parse(sent.payload);
        const std::string call = calls + "/" + event["callId"].get<std::string>();
        if (event["eventType"] == "answer") {
            network.request("POST", call + "/audio", R"({"sentence":"Hello from Bandwidth"})");
        } else if (event["eventType"] == "speak" && event["status"] == "done") {
            network.request("POST", call, R"({"state":"completed"})");
        }
        return 200;
    };
}

std::vector<std::string> events_sent(const FakeNetwork& network) {
    std::vector<std::string> events;
    for (const auto& sent : network.transport.sent) {
        const json event = json::parse(sent.payload);
        events.push_back(
            event["eventType"].get<std::string>() +
            (event.contains("status") ? " " + event["status"].get<std::string>() : "") +
            (event.contains("cause") ? " " + event["cause"].get<std::string>() : ""));
    }
    return events;
}

}  // namespace

TEST_CASE("simulator: the founding scenario from request to hangup", "[edge][simulator]") {
    FakeNetwork network;
    found(network);
    const Response created = network.request("POST", calls, create_body());
    REQUIRE(created.status == 201);
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) == std::vector<std::string>{"answer", "speak started", "speak done",
                                                           "hangup NORMAL_CLEARING"});
    const json call = json::parse(network.request("GET", path_of(created)).body);
    CHECK(call["state"] == "completed");
    CHECK(call["chargeableDuration"] == 60);
}

TEST_CASE("simulator: the same seed and inputs give byte-identical journals", "[edge][simulator]") {
    const auto run = [](std::uint64_t seed) {
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.seed = Seed{seed};
        settings.model.delays.answer = {std::chrono::seconds{1}, std::chrono::seconds{9}};
        FakeNetwork network{settings};
        found(network);
        for (int i = 0; i < 20; ++i) {
            network.request("POST", calls, create_body());
        }
        REQUIRE(network.until_quiet());
        return network.history.lines;
    };
    const auto first = run(7);
    CHECK(first.size() > 200);
    CHECK(first == run(7));
    CHECK(first != run(8));
}

TEST_CASE("simulator: no callback leaves before the answer that causes it", "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.model.delays.answer = Duration{};
    FakeNetwork network{settings};
    std::shared_ptr<FakeResponder> unsent;
    network.request("POST", calls, create_body(), &unsent);
    network.loop.run_for(std::chrono::milliseconds{5});
    CHECK(network.transport.sent.empty());
    unsent->release();
    network.simulator.request_ends();
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) == std::vector<std::string>{"answer"});
}

TEST_CASE("simulator: a GET from inside a handler shows what the event reports",
          "[edge][simulator]") {
    FakeNetwork network;
    std::vector<std::string> states;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        const json event = json::parse(sent.payload);
        const std::string call = calls + "/" + event["callId"].get<std::string>();
        const json shown = json::parse(network.request("GET", call).body);
        states.push_back(event["eventType"].get<std::string>() + " " +
                         shown["state"].get<std::string>());
        if (event["eventType"] == "answer") {
            network.request("POST", call, R"({"state":"completed"})");
            CHECK(json::parse(network.request("GET", call).body)["state"] == "completed");
        }
        return 200;
    };
    network.request("POST", calls, create_body());
    REQUIRE(network.until_quiet());
    CHECK(states == std::vector<std::string>{"answer active", "hangup completed"});
}

TEST_CASE("simulator: a receiver that never replies slows neither call nor clock",
          "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.delivery.reply_patience = std::chrono::milliseconds{2};
    FakeNetwork network{settings};
    network.transport.respond = [&](const FakeTransport::Sent&) { return 0; };
    network.request("POST", calls, create_body("+15550009907"));
    REQUIRE(run_until(network.loop, [&] { return network.transport.sent.size() == 2; }));
    CHECK(events_sent(network) == std::vector<std::string>{"answer", "hangup NORMAL_CLEARING"});
    CHECK(network.simulator.deliveries_pending() == 2);
    CHECK_FALSE(network.simulator.quiet());  // both are still owed
}

TEST_CASE("simulator: what is owed is bounded by what it says too: 503 until some of it is told",
          "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.delivery.reply_patience = std::chrono::milliseconds{2};
    settings.delivery.pending_bytes = 4000;
    FakeNetwork network{settings};
    network.transport.respond = [](const FakeTransport::Sent&) { return 0; };
    const std::string tagged =
        create_body("+15550009907", R"(,"tag":")" + std::string(2000, 'x') + "\"");
    CHECK(network.request("POST", calls, tagged).status == 201);
    REQUIRE(run_until(network.loop, [&] { return network.transport.sent.size() == 2; }));

    const Response refused = network.request("POST", calls, tagged);
    CHECK(refused.status == 503);
    CHECK(json::parse(refused.body)["code"] == "call-unavailable");
    CHECK(FakeNetwork::header(refused, "Retry-After") == "1");
    network.transport.answer(network.transport.sent[0].id, 200);
    CHECK(network.request("POST", calls, tagged).status == 201);
}

TEST_CASE("simulator: a client that polls in a tight loop does not stop the clock",
          "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.clock.settle = std::chrono::milliseconds{2};
    FakeNetwork network{settings};
    const std::string path = path_of(network.request("POST", calls, create_body()));
    CHECK(run_until(network.loop, [&] {
        network.loop.restart();
        network.loop.poll();
        return json::parse(network.request("GET", path).body)["state"] == "active";
    }));
}

TEST_CASE("simulator: the fallback number waits for the outcome of a slow receiver",
          "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.delivery.reply_patience = std::chrono::milliseconds{1};
    FakeNetwork network{settings};
    std::optional<AttemptId> open;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        if (json::parse(sent.payload)["eventType"] != "incomingcall") {
            return 200;
        }
        open = sent.id;
        return 0;
    };
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = false;
    call.fallback_number = "+19195550144";
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    call.route = RouteRef{route};
    const CallId id = network.simulator.ring_in("u-test", call).value();
    REQUIRE(run_until(network.loop, [&] { return open.has_value(); }));
    network.loop.restart();
    network.loop.run_for(std::chrono::milliseconds{10});
    CHECK(network.simulator.engine().find(id)->state == CallState::started);
    network.transport.answer(*open, 500);
    REQUIRE(network.until_quiet());
    CHECK(network.simulator.engine().find(id)->state == CallState::active);
    CHECK(network.simulator.engine().find(id)->details->transfer->to == "+19195550144");
}

TEST_CASE("simulator: with rate limits a jumping clock reaches the moment the client was told",
          "[edge][simulator]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.api.creation_limits = true;
    FakeNetwork network{settings};
    for (int i = 0; i < 10; ++i) {
        CHECK(network.request("POST", calls, create_body("+15550009902")).status == 201);
    }
    CHECK(network.request("POST", calls, create_body("+15550009902")).status == 403);
    CHECK(run_until(network.loop, [&] {
        return network.simulator.now() >= Instant{std::chrono::seconds{1'767'603'610}};
    }));
    CHECK(network.request("POST", calls, create_body("+15550009902")).status == 201);
}

TEST_CASE("simulator: failed deliveries are recorded as user errors, with no secret in them",
          "[edge][simulator]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& sent) {
        return sent.url.find("/fb") != std::string::npos ? 204 : 500;
    };
    network.request("POST", calls,
                    R"({"from":"+19195550123","to":"+15550009901",
                        "callbackUrl":"http://user:hunter2@127.0.0.1:9000/cb",
                        "fallbackUrl":"http://127.0.0.1:9000/fb"})");
    REQUIRE(network.until_quiet());
    const json errors = json::parse(network.request("GET", "/v1/users/u-test/errors").body);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0]["code"] == "callback-http-failure-status");
    CHECK(errors[0]["category"] == "unavailable");
    for (const std::string& line : network.history.lines) {
        CHECK(line.find("hunter2") == std::string::npos);
    }
    CHECK(errors.dump().find("hunter2") == std::string::npos);
}

TEST_CASE("simulator: inbound calls answer themselves once the receiver has replied",
          "[edge][simulator]") {
    FakeNetwork network;
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    call.route = RouteRef{route};
    REQUIRE(network.simulator.ring_in("u-test", call).ok());
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network) == std::vector<std::string>{"incomingcall", "answer"});

    call.route = RouteRef{};
    REQUIRE(network.simulator.ring_in("u-test", call).ok());
    CHECK(json::parse(network.request("GET", "/v1/users/u-test/errors").body)[0]["code"] ==
          "no-application-for-number");
    call.application_id = "a-1";
    REQUIRE(network.simulator.ring_in("u-test", call).ok());
    CHECK(json::parse(network.request("GET", "/v1/users/u-test/errors").body)[0]["code"] ==
          "no-callback-for-call");
}

TEST_CASE("simulator: resetting one user leaves the others' calls alone", "[edge][simulator]") {
    FakeNetwork network;
    const Response mine = network.request("POST", calls, create_body());
    const Response other = network.request("POST", "/v1/users/u-other/calls", create_body());
    network.simulator.reset("u-test");
    CHECK(network.request("GET", path_of(mine)).status == 404);
    CHECK(network.request("GET", path_of(other)).status == 200);
    const Response again = network.request("POST", calls, create_body());
    CHECK(path_of(again) == path_of(mine));
    REQUIRE(network.until_quiet());
    CHECK(network.transport.sent.size() == 2);
}

TEST_CASE("simulator: resetting one user drops no event of others, nor of calls long forgotten",
          "[edge][simulator]") {
    SimulatorSettings settings;
    settings.clock.scale = 1000;
    settings.limits.ended_calls = 1;
    settings.delivery.ordering = Ordering::strict;
    FakeNetwork network{settings};
    std::vector<AttemptId> open;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        open.push_back(sent.id);
        return 0;
    };
    const std::string others = "/v1/users/u-other/calls";
    // Its hangup waits behind its answer, which nobody answers; meanwhile it is forgotten.
    network.request("POST", others, create_body("+15550009907"));
    REQUIRE(run_until(network.loop, [&] { return network.simulator.deliveries_pending() == 2; }));
    network.request("POST", others, create_body("+15550009901"));
    network.request("POST", others, create_body("+15550009901"));
    REQUIRE(run_until(network.loop, [&] { return open.size() == 3; }));
    const User& user = *network.simulator.engine().find_user("u-other");
    REQUIRE_FALSE(network.simulator.engine().knows(call_id(user.slot, 1)));

    network.simulator.reset("u-test");
    network.transport.respond = [](const FakeTransport::Sent&) { return 200; };
    for (const AttemptId id : open) {
        network.transport.answer(id, 200);
    }

    REQUIRE(run_until(network.loop, [&] { return network.simulator.deliveries_pending() == 0; }));
    const std::vector<std::string> sent = events_sent(network);
    CHECK(std::ranges::count(sent, "hangup NORMAL_CLEARING") == 1);
}

TEST_CASE("simulator: while draining it accepts no calls but finishes what is owed",
          "[edge][simulator]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent&) { return 0; };
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    call.route = RouteRef{route};
    REQUIRE(network.simulator.ring_in("u-test", call).ok());
    bool drained = false;
    network.simulator.drain([&] { drained = true; });
    CHECK(network.request("POST", calls, create_body()).status == 503);
    network.loop.run_for(std::chrono::milliseconds{2});
    CHECK_FALSE(drained);
    network.transport.answer(network.transport.sent[0].id, 200);
    CHECK(run_until(network.loop, [&] { return drained; }));
}

TEST_CASE(
    "simulator: an alarm rings at its modelled instant, between what happens before and after",
    "[edge][simulator]") {
    FakeNetwork network;
    std::vector<std::string> order;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        order.push_back(json::parse(sent.payload)["eventType"].get<std::string>());
        return 200;
    };
    const Instant start = network.simulator.now();
    network.request("POST", calls, create_body("+19195559901"));  // busy after 1.5 s
    network.simulator.at(start + std::chrono::seconds{1}, [&] {
        order.push_back("alarm");
        CHECK(network.simulator.now() == start + std::chrono::seconds{1});
    });
    network.simulator.at(start + std::chrono::seconds{60}, [&] { order.emplace_back("late"); });

    REQUIRE(network.until_quiet());

    CHECK(order == std::vector<std::string>{"alarm", "hangup", "late"});
}

TEST_CASE("simulator: a held clock does not jump until the last hold is gone",
          "[edge][simulator]") {
    FakeNetwork network;
    network.simulator.hold_clock();
    network.simulator.hold_clock();
    network.request("POST", calls, create_body());
    const Instant start = network.simulator.now();

    network.loop.run_for(std::chrono::milliseconds{60});
    network.simulator.release_clock();
    network.loop.run_for(std::chrono::milliseconds{60});
    CHECK(network.simulator.now() == start);
    CHECK(network.transport.sent.empty());

    network.simulator.release_clock();
    REQUIRE(network.until_quiet());
    CHECK(events_sent(network).front() == "answer");
}

TEST_CASE("simulator: an editor has the last word on what an event says, and the journal has that",
          "[edge][simulator]") {
    struct Editor : EventEditor {
        void edit(const Callback& callback, std::string& payload) override {
            CHECK(callback.event.type == EventType::answer);
            json said = json::parse(payload);
            said["tag"] = "edited";
            payload = said.dump();
        }
    };
    FakeNetwork network;
    Editor editor;
    network.simulator.edit_events(&editor);
    network.request("POST", calls, create_body());

    REQUIRE(network.until_quiet());

    REQUIRE(network.transport.sent.size() == 1);
    CHECK(json::parse(network.transport.sent[0].payload)["tag"] == "edited");
    CHECK(std::ranges::any_of(network.history.lines, [](const std::string& line) {
        return line.find("\"tag\":\"edited\"") != std::string::npos;
    }));
}

TEST_CASE("simulator: the journal tells the states that GET shows", "[edge][simulator]") {
    FakeNetwork network;
    found(network);
    std::vector<std::string> paths;
    for (const char* to : {"+19195550187", "+15550009901", "+15550009902", "+15550009903"}) {
        paths.push_back(path_of(network.request("POST", calls, create_body(to))));
    }
    REQUIRE(network.until_quiet());
    std::map<std::string, std::string> state;
    for (const auto& entry : network.history.entries) {
        if (entry["kind"] == "state") {
            state[entry["call"]] = entry["after"];
        }
    }
    for (const std::string& path : paths) {
        const json call = json::parse(network.request("GET", path).body);
        CHECK(state.at(call["id"]) == call["state"]);
    }
}
