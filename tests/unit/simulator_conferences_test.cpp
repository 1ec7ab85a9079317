#include <algorithm>
#include <catch2/catch.hpp>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace simulated_conferences {
namespace {

const std::string base = "/v1/users/u-test";

std::string conference_body(const std::string& more = "") {
    return R"({"from":"+19195550123","callbackUrl":"http://127.0.0.1:9000/conf")" + more + "}";
}
const std::string call_body =
    R"({"from":"+19195550123","to":"+19195550187","callbackUrl":"http://127.0.0.1:9000/call"})";

/// The path of what was created.
std::string made(FakeNetwork& network, const std::string& path, const std::string& body) {
    const Response created = network.request("POST", path, body);
    REQUIRE(created.status == 201);
    const std::string location = FakeNetwork::header(created, "Location");
    return location.substr(location.find("/v1/"));
}
std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string short_form(const json& event) {
    std::string text = event.value("eventType", "");
    for (const char* const name : {"status", "state", "cause"}) {
        text += event.contains(name) ? " " + event[name].get<std::string>() : "";
    }
    return text + (event.contains("activeMembers") ? " of " + event["activeMembers"].dump() : "");
}
/// What was sent to the URL that ends so, in order.
std::vector<std::string> sent_to(const FakeNetwork& network, const std::string& end) {
    std::vector<std::string> events;
    for (const auto& sent : network.transport.sent) {
        if (sent.url.ends_with(end)) {
            events.push_back(short_form(json::parse(sent.payload)));
        }
    }
    return events;
}

}  // namespace

TEST_CASE(
    "simulator: a conference's events go to its URL, its members' to their calls', and the "
    "journal agrees with GET",
    "[edge][conferences]") {
    FakeNetwork network;
    std::vector<std::string> seen;  // GET from inside the handler shows the new state
    std::string conference;
    network.transport.respond = [&](const FakeTransport::Sent& sent) {
        if (sent.url.ends_with("/conf")) {
            const json now = json::parse(network.request("GET", conference).body);
            seen.push_back(now["state"].get<std::string>() + " " + now["activeMembers"].dump());
        }
        return 200;
    };
    conference = made(network, base + "/conferences", conference_body());
    const std::string call = made(network, base + "/calls", call_body);
    REQUIRE(network.until_quiet());
    const std::string member = made(network, conference + "/members",
                                    R"({"callId":")" + id_of(call) + R"(","mute":true})");
    network.request("POST", conference + "/audio", R"({"sentence":"Hello all"})");
    REQUIRE(network.until_quiet());
    network.request("POST", member + "/audio", R"({"sentence":"Hello you"})");
    REQUIRE(network.until_quiet());
    network.request("POST", call, R"({"state":"completed"})");
    REQUIRE(network.until_quiet());

    CHECK(sent_to(network, "/conf") ==
          std::vector<std::string>{"conference created", "conference-member active of 1",
                                   "conference-speak started", "conference-speak done",
                                   "conference-member completed of 0", "conference completed"});
    CHECK(sent_to(network, "/call") ==
          std::vector<std::string>{"answer", "speak started PLAYBACK_START",
                                   "speak done PLAYBACK_STOP", "hangup NORMAL_CLEARING"});
    CHECK(seen == std::vector<std::string>{"created 0", "active 1", "active 1", "active 1",
                                           "completed 0", "completed 0"});
    std::vector<std::string> journal;
    for (const auto& entry : network.history.entries) {
        if (entry["kind"] == "conference") {
            CHECK(entry["conference"] == id_of(conference));
            journal.push_back(entry.contains("memberId")
                                  ? "member " + entry["state"].get<std::string>()
                                  : entry["after"].get<std::string>());
        }
    }
    CHECK(journal == std::vector<std::string>{"created", "active", "member active",
                                              "member completed", "completed"});
}

TEST_CASE("simulator: no event of a conference leaves before the answer that causes it",
          "[edge][conferences]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.model.delays.small = Duration{};
    settings.model.delays.audio_start = Duration{};
    FakeNetwork network{settings};
    const auto nothing_before_its_answer = [&](const std::string& path, const std::string& body) {
        CAPTURE(path, body);
        network.transport.sent.clear();
        std::shared_ptr<FakeResponder> unsent;
        const Response answer = network.request("POST", path, body, &unsent);
        network.loop.run_for(std::chrono::milliseconds{5});
        CHECK(network.transport.sent.empty());
        unsent->release();
        network.simulator.request_ends();
        REQUIRE(network.until_quiet());
        CHECK_FALSE(network.transport.sent.empty());
        return FakeNetwork::header(answer, "Location");
    };
    std::string conference = nothing_before_its_answer(base + "/conferences", conference_body());
    conference = conference.substr(conference.find("/v1/"));
    const std::string call = made(network, base + "/calls", call_body);
    REQUIRE(network.until_quiet());
    std::string member =
        nothing_before_its_answer(conference + "/members", R"({"callId":")" + id_of(call) + "\"}");
    member = member.substr(member.find("/v1/"));
    nothing_before_its_answer(member, R"({"mute":"true"})");
    nothing_before_its_answer(conference + "/audio", R"({"sentence":"Hello"})");
    nothing_before_its_answer(member + "/audio", R"({"sentence":"Hello"})");
    nothing_before_its_answer(call, R"({"state":"completed"})");
}

TEST_CASE("simulator: a conference's callbacks go by GET, to its fallback, within its timeout",
          "[edge][conferences]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& sent) {
        return sent.url.find("/conf") != std::string::npos ? 500 : 200;
    };
    const std::string conference =
        made(network, base + "/conferences",
             conference_body(R"(,"callbackHttpMethod":"GET","callbackTimeout":1500,
                                "fallbackUrl":"http://127.0.0.1:9000/fb")"));
    REQUIRE(network.until_quiet());
    REQUIRE(network.transport.sent.size() == 2);
    for (const auto& sent : network.transport.sent) {
        CHECK(sent.method == Method::get);
        CHECK(sent.timeout == std::chrono::milliseconds{1500});
        CHECK(query_object(sent.payload)["status"] == "created");
    }
    CHECK(network.transport.sent[1].url == "http://127.0.0.1:9000/fb");
    const json errors = json::parse(network.request("GET", base + "/errors").body);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0]["code"] == "callback-http-failure-status");
    CHECK(errors[0]["details"][0]["name"] == "conferenceId");
    CHECK(errors[0]["details"][0]["value"] == id_of(conference));

    // A new URL, method and timeout hold for the events raised from then on.
    network.transport.sent.clear();
    network.request("POST", conference,
                    R"({"callbackUrl":"http://127.0.0.1:9000/new","callbackHttpMethod":"post",
                        "callbackTimeout":700,"tag":"late","state":"completed"})");
    REQUIRE(network.until_quiet());
    REQUIRE(network.transport.sent.size() == 1);
    CHECK(network.transport.sent[0].url == "http://127.0.0.1:9000/new");
    CHECK(network.transport.sent[0].method == Method::post);
    CHECK(network.transport.sent[0].timeout == std::chrono::milliseconds{700});
    CHECK(json::parse(network.transport.sent[0].payload)["tag"] == "late");
}

TEST_CASE("simulator: a reset forgets the conferences of a user and what is owed for them",
          "[edge][conferences]") {
    FakeNetwork network;
    const std::string conference = made(network, base + "/conferences", conference_body());
    network.simulator.reset("u-test");
    REQUIRE(network.until_quiet());
    CHECK(network.transport.sent.empty());
    CHECK(network.request("GET", conference).status == 404);
    CHECK(made(network, base + "/conferences", conference_body()) == conference);
}

}  // namespace simulated_conferences
