// What comes in: number -> application -> URL (spec v1 2.6, 2.7, 4.4, 4.11).

#include <algorithm>
#include <catch2/catch.hpp>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace routed {
namespace {

const std::string me = "/v1/users/u-test";

std::string made(FakeNetwork& network, const std::string& collection, const std::string& body) {
    const Response answer = network.request("POST", me + "/" + collection, body);
    REQUIRE(answer.status == 201);
    const std::string location = FakeNetwork::header(answer, "Location");
    return location.substr(location.rfind('/') + 1);
}

/// A network where +19195550123 belongs to an application of that body; its id.
std::string owned(FakeNetwork& network, const std::string& application,
                  const std::string& more = "") {
    const std::string id = made(network, "applications", R"({"name":"Menu",)" + application + "}");
    made(network, "phoneNumbers",
         R"({"number":"+19195550123","applicationId":")" + id + "\"" + more + "}");
    return id;
}

NewCall call_to(const std::string& number = "+19195550123") {
    NewCall call;
    call.from = "+19195550187";
    call.to = number;
    return call;
}
NewMessage message_to(const std::string& number = "+19195550123") {
    NewMessage message;
    message.from = "+19195550187";
    message.to = number;
    message.text = "Hello";
    return message;
}

/// "POST http://127.0.0.1:9000/c incomingcall" of each try.
std::vector<std::string> tries(const FakeNetwork& network) {
    std::vector<std::string> all;
    for (const auto& sent : network.transport.sent) {
        const bool get = sent.method == Method::get;
        const json event = get ? query_object(sent.payload) : json::parse(sent.payload);
        all.push_back((get ? "GET " : "POST ") + sent.url + " " +
                      event.at("eventType").get<std::string>());
    }
    return all;
}
using Tries = std::vector<std::string>;

/// Runs the loop until that is so; false after a time that nothing here takes.
template <class Is>
bool until(FakeNetwork& network, Is is_so) {
    const auto late = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!is_so() && std::chrono::steady_clock::now() < late) {
        network.loop.restart();
        network.loop.run_one_for(std::chrono::milliseconds{100});
    }
    return is_so();
}
bool until_tries(FakeNetwork& network, std::size_t count) {
    return until(network, [&] { return network.transport.sent.size() >= count; });
}

json errors_of(FakeNetwork& network) {
    return json::parse(network.request("GET", me + "/errors").body);
}
json call_of(FakeNetwork& network, CallId id) {
    const std::string text =
        network.simulator.ids().text(IdKind::call, hash_of("u-test"), number_of(id));
    return json::parse(network.request("GET", me + "/calls/" + text).body);
}

}  // namespace

TEST_CASE("routing: a call is told to its number's application, by its method, and answered",
          "[edge][routing]") {
    FakeNetwork network;
    const std::string application = owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c",
        "incomingCallUrlCallbackTimeout":1500,"callbackHttpMethod":"get")");
    const auto id = network.simulator.ring_in("u-test", call_to());
    REQUIRE(id);
    REQUIRE(until_tries(network, 2));
    CHECK(tries(network)[0] == "GET http://127.0.0.1:9000/c incomingcall");
    CHECK(tries(network)[1] == "GET http://127.0.0.1:9000/c answer");
    CHECK(query_object(network.transport.sent[0].payload)["applicationId"] == application);
    CHECK(network.transport.sent[0].timeout == std::chrono::milliseconds{1500});
    const json call = call_of(network, id.value());
    CHECK(call["callbackUrl"] == "http://127.0.0.1:9000/c");
    CHECK(call["callbackHttpMethod"] == "GET");
    CHECK(call["callbackTimeout"] == 1500);
    CHECK(call["state"] == "active");
}

TEST_CASE("routing: an application without autoAnswer leaves the call ringing", "[edge][routing]") {
    FakeNetwork network;
    owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c","autoAnswer":"false")");
    const auto id = network.simulator.ring_in("u-test", call_to());
    // Its caller gives up in the end.
    REQUIRE(until(network,
                  [&] { return is_over(network.simulator.engine().find(id.value())->state); }));
    CHECK(tries(network)[0] == "POST http://127.0.0.1:9000/c incomingcall");
    for (const std::string& one : tries(network)) {
        CHECK(one.find("answer") == std::string::npos);
    }
    NewCall at_once = call_to();
    at_once.auto_answer = true;  // said in so many words
    const auto answered = network.simulator.ring_in("u-test", at_once);
    REQUIRE(
        until(network, [&] { return call_of(network, answered.value())["state"] == "active"; }));
}

TEST_CASE("routing: when the URL fails the application's fallback is told, then the call goes on",
          "[edge][routing]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& sent) {
        return sent.url.find("/fb") == std::string::npos ? 500 : 200;
    };
    owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c",
        "incomingCallFallbackUrl":"http://127.0.0.1:9000/fb")");
    static_cast<void>(network.simulator.ring_in("u-test", call_to()));
    REQUIRE(until_tries(network, 4));
    Tries first = tries(network);
    first.resize(4);
    CHECK(first == Tries{"POST http://127.0.0.1:9000/c incomingcall",
                         "POST http://127.0.0.1:9000/fb incomingcall",
                         "POST http://127.0.0.1:9000/c answer",
                         "POST http://127.0.0.1:9000/fb answer"});
}

TEST_CASE("routing: when both URLs fail the call goes to the number's fallbackNumber",
          "[edge][routing]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent&) { return 500; };
    owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c",
        "incomingCallFallbackUrl":"http://127.0.0.1:9000/fb")",
          R"(,"fallbackNumber":"+19195550144")");
    const auto id = network.simulator.ring_in("u-test", call_to());
    REQUIRE(until(network, [&] { return call_of(network, id.value()).contains("transferTo"); }));
    const json call = call_of(network, id.value());
    CHECK(call["transferTo"] == "+19195550144");
    CHECK((call["state"] == "transferring" || call["state"] == "active"));
    const json calls = json::parse(network.request("GET", me + "/calls?to=%2B19195550144").body);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0]["direction"] == "out");
}

TEST_CASE("routing: a message goes to incomingMessageUrl and its fallback", "[edge][routing]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& sent) {
        return sent.url.find("/fb") == std::string::npos ? 500 : 200;
    };
    const std::string application = owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c",
        "incomingSmsUrl":"http://127.0.0.1:9000/m",
        "incomingMessageFallbackUrl":"http://127.0.0.1:9000/fb")");
    REQUIRE(network.simulator.text_in("u-test", message_to()));
    REQUIRE(network.until_quiet());
    CHECK(tries(network) ==
          Tries{"POST http://127.0.0.1:9000/m sms", "POST http://127.0.0.1:9000/fb sms"});
    CHECK(json::parse(network.transport.sent[0].payload)["applicationId"] == application);
}

TEST_CASE("routing: what was said wins, member by member", "[edge][routing]") {
    FakeNetwork network;
    const std::string application = owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c",
        "incomingCallFallbackUrl":"http://127.0.0.1:9000/fb","callbackHttpMethod":"GET",
        "incomingCallUrlCallbackTimeout":1500)",
                                          R"(,"fallbackNumber":"+19195550144")");
    NewCall call = call_to();
    Route route;
    route.url = "http://127.0.0.1:9000/said";
    route.timeout = std::chrono::milliseconds{700};
    call.route = RouteRef{route};
    const auto id = network.simulator.ring_in("u-test", call);
    const Call* const kept = network.simulator.engine().find(id.value());
    CHECK(*kept->route == Route{"http://127.0.0.1:9000/said", "http://127.0.0.1:9000/fb",
                                Method::get, true, std::chrono::milliseconds{700}});
    CHECK(kept->details->application_id == application);

    NewCall elsewhere = call_to();
    elsewhere.application_id = "a-ringback";  // one that is none of the user's
    elsewhere.fallback_number = "+19195550155";
    const auto other = network.simulator.ring_in("u-test", elsewhere);
    const Call* const lost = network.simulator.engine().find(other.value());
    CHECK(lost->route->url.empty());
    CHECK(lost->details->application_id == "a-ringback");
    CHECK(lost->details->fallback_number == "+19195550155");

    NewCall by_id = call_to("+19195550199");
    by_id.application_id = application;
    const auto third = network.simulator.ring_in("u-test", by_id);
    CHECK(network.simulator.engine().find(third.value())->route->url == "http://127.0.0.1:9000/c");
}

TEST_CASE("routing: without application or URL nobody is told, and GET errors says why",
          "[edge][routing]") {
    FakeNetwork network;
    made(network, "phoneNumbers", R"({"number":"+19195550100"})");
    owned(network, R"("incomingMessageUrl":"http://127.0.0.1:9000/m")");
    static_cast<void>(network.simulator.ring_in("u-test", call_to("+19195550100")));
    static_cast<void>(network.simulator.ring_in("u-test", call_to()));
    static_cast<void>(network.simulator.text_in("u-test", message_to("+19195550100")));
    REQUIRE(network.until_quiet());
    CHECK(network.transport.sent.empty());
    const json errors = errors_of(network);
    REQUIRE(errors.size() == 3);
    CHECK(errors[0]["code"] == "no-application-for-number");
    CHECK(errors[1]["code"] == "no-callback-for-call");
    CHECK(errors[2]["code"] == "no-application-for-number");
}

TEST_CASE("routing: --inbound-url takes what nothing else takes", "[edge][routing]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.api.inbound_url = "http://127.0.0.1:9000/in";
    FakeNetwork network{settings};
    owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c")");
    static_cast<void>(network.simulator.text_in("u-test", message_to()));
    static_cast<void>(network.simulator.text_in("u-test", message_to("+19195550100")));
    static_cast<void>(network.simulator.ring_in("u-test", call_to()));
    REQUIRE(until_tries(network, 3));
    const auto sent = tries(network);
    CHECK(std::count(sent.begin(), sent.end(), "POST http://127.0.0.1:9000/in sms") == 2);
    CHECK(std::count(sent.begin(), sent.end(), "POST http://127.0.0.1:9000/c incomingcall") == 1);
}

TEST_CASE("routing: a change of the application holds for what comes in after it",
          "[edge][routing]") {
    FakeNetwork network;
    const std::string id = owned(network, R"("incomingMessageUrl":"http://127.0.0.1:9000/m")");
    REQUIRE(network
                .request("POST", me + "/applications/" + id,
                         R"({"incomingMessageUrl":"http://127.0.0.1:9000/new"})")
                .status == 200);
    static_cast<void>(network.simulator.text_in("u-test", message_to()));
    REQUIRE(network.request("DELETE", me + "/applications/" + id).status == 200);
    static_cast<void>(network.simulator.text_in("u-test", message_to()));
    REQUIRE(network.until_quiet());
    CHECK(tries(network) == Tries{"POST http://127.0.0.1:9000/new sms"});
}

TEST_CASE("journal: what becomes of applications and numbers is told behind the request",
          "[edge][routing]") {
    FakeNetwork network;
    const std::string id = owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c")");
    network.request("DELETE", me + "/applications/" + id);
    const std::vector<std::string> expected{"api", "application", "api",        "number",
                                            "api", "number",      "application"};
    CHECK(network.history.kinds == expected);
    CHECK(network.history.entries[1]["applicationId"] == id);
    CHECK(network.history.entries[1]["what"] == "created");
    CHECK(network.history.entries[5]["what"] == "changed");
    CHECK_FALSE(network.history.entries[5].contains("applicationId"));
    CHECK(network.history.entries[6]["what"] == "removed");
    network.request("POST", me + "/phoneNumbers",
                    R"({"number":"+19195550100","provider":{"properties":{"password":"hush"}}})");
    for (const std::string& line : network.history.lines) {
        CHECK(line.find("hush") == std::string::npos);
    }
}

TEST_CASE("simulator: a reset forgets a user's applications and numbers", "[edge][routing]") {
    FakeNetwork network;
    owned(network, R"("incomingCallUrl":"http://127.0.0.1:9000/c")");
    network.simulator.reset("u-test");
    CHECK(network.request("GET", me + "/phoneNumbers").body == "[]");
    CHECK(network.request("GET", me + "/applications").body == "[]");
}

TEST_CASE("simulator: what users have from the start is told, and there again after a reset",
          "[edge][routing]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    Seeded seeded;
    seeded.user = "u-test";
    seeded.applications.resize(2);
    seeded.applications[1].name = "Menu";
    Route route;
    route.url = "http://127.0.0.1:9000/m";
    seeded.applications[1].messages = RouteRef{route};
    seeded.numbers.resize(1);
    seeded.numbers[0].number = "+19195550123";
    seeded.numbers[0].application = 2;
    seeded.media.push_back({"a", "", "no-cache", "bytes"});
    settings.seeded.push_back(seeded);
    FakeNetwork network{settings};
    const std::vector<std::string> told{"application", "application", "number"};
    CHECK(network.history.kinds == told);
    const std::string numbers = network.request("GET", me + "/phoneNumbers").body;
    const std::string id = json::parse(numbers)[0]["id"];
    const std::string media = network.request("GET", me + "/media").body;
    CHECK(json::parse(media)[0]["contentLength"] == 5);
    REQUIRE(network.simulator.text_in("u-test", message_to()));
    REQUIRE(network.until_quiet());
    CHECK(tries(network) == Tries{"POST http://127.0.0.1:9000/m sms"});

    const std::vector<std::optional<std::string>> resets{"u-test", std::nullopt};
    for (const auto& user : resets) {
        network.request("DELETE", me + "/phoneNumbers/" + id);
        network.request("DELETE", me + "/media/a");
        network.request("PUT", me + "/media/b", "x");
        network.simulator.reset(user);
        CHECK(json::parse(network.request("GET", me + "/phoneNumbers").body)[0]["id"] == id);
        CHECK(network.request("GET", me + "/media").body == media);
    }
    network.simulator.reset("u-other");
    CHECK(network.request("GET", me + "/media").body == media);
}

TEST_CASE("simulator: what is put is told by its size only", "[edge][routing]") {
    FakeNetwork network;
    network.request("PUT", me + "/media/a", "these very bytes");
    REQUIRE(network.history.entries.size() == 1);
    CHECK(network.history.entries[0]["request"] == "16 bytes");
    CHECK(network.request("GET", me + "/media/a").body == "these very bytes");
}

}  // namespace routed
