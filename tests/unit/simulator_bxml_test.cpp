#include <algorithm>
#include <catch2/catch.hpp>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"

using namespace ringback;
using namespace ringback::test;
using nlohmann::json;

namespace simulated_documents {
namespace {

const std::string calls = "/v1/users/u-test/calls";

std::string call(const std::string& more = "") {
    return R"({"from":"+19195550123","to":"+15550009909","callbackHttpMethod":"GET",)"
           R"("callbackUrl":"http://127.0.0.1:9000/cb")" +
           more + "}";
}

/// "GET /cb answer?" of each callback that was sent, "?" where a document is asked for.
std::vector<std::string> sent(const FakeNetwork& network) {
    std::vector<std::string> lines;
    for (const auto& one : network.transport.sent) {
        const json event =
            one.method == Method::get ? query_object(one.payload) : json::parse(one.payload);
        lines.push_back(std::string{one.method == Method::get ? "GET " : "POST "} +
                        one.url.substr(one.url.rfind('/')) + " " +
                        event["eventType"].get<std::string>() + (one.asks_document ? "?" : ""));
    }
    return lines;
}

/// What the journal says of documents: "document", "verb Gather", ...
std::vector<std::string> journal(const FakeNetwork& network) {
    std::vector<std::string> lines;
    for (const auto& entry : network.history.entries) {
        if (entry["kind"] == "bxml") {
            lines.push_back(entry["what"].get<std::string>() +
                            (entry.contains("text") ? " " + entry["text"].get<std::string>() : ""));
        }
    }
    return lines;
}

json errors_of(FakeNetwork& network) {
    return json::parse(network.request("GET", "/v1/users/u-test/errors").body);
}

}  // namespace

TEST_CASE("simulator: the answers to a call by GET are its documents", "[edge][bxml]") {
    FakeNetwork network;
    network.transport.body = [](const FakeTransport::Sent& one) -> std::string {
        if (!one.asks_document) {
            return "<Response><Pause/></Response>";  // nobody reads it
        }
        return one.url.ends_with("/cb")
                   ? R"(<Response><Gather requestUrl="m" maxDigits="1"/></Response>)"
                   : "<Response><Hangup/></Response>";
    };
    network.request("POST", calls, call());
    REQUIRE(network.until_quiet());

    CHECK(sent(network) ==
          std::vector<std::string>{"GET /cb answer?", "GET /m gather?", "GET /cb hangup"});
    CHECK(network.transport.sent[1].timeout == std::chrono::seconds{30});
    CHECK(journal(network) == std::vector<std::string>{"document", "verb Gather", "document",
                                                       "verb Hangup", "hangs_up Hangup"});
    CHECK(errors_of(network).empty());
}

TEST_CASE("simulator: a call by POST is not asked what its answers say", "[edge][bxml]") {
    FakeNetwork network;
    network.transport.body = [](const FakeTransport::Sent&) {
        return "<Response><Hangup/></Response>";
    };
    network.request("POST", calls,
                    R"({"from":"+19195550123","to":"+15550009907",)"
                    R"("callbackUrl":"http://127.0.0.1:9000/cb"})");
    REQUIRE(network.until_quiet());

    CHECK(sent(network) == std::vector<std::string>{"POST /cb answer", "POST /cb hangup"});
    CHECK(journal(network).empty());
}

TEST_CASE("simulator: a refused document is a user error and ends the call", "[edge][bxml]") {
    FakeNetwork network;
    network.transport.body = [](const FakeTransport::Sent& one) {
        return one.asks_document ? "<Response>\n<Pause></Response>" : "";
    };
    network.request("POST", calls, call());
    REQUIRE(network.until_quiet());

    CHECK(sent(network) == std::vector<std::string>{"GET /cb answer?", "GET /cb hangup"});
    const json errors = errors_of(network);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0]["code"] == "bxml-invalid-document");
    CHECK(errors[0]["category"] == "bad-request");
    CHECK(errors[0]["message"].get<std::string>().find("(line 2, column ") != std::string::npos);
    CHECK(errors[0]["details"][1]["value"] == "http://127.0.0.1:9000/cb");
}

TEST_CASE("simulator: the answer of the fallback counts, and a failure only without one",
          "[edge][bxml]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent& one) {
        return one.url.ends_with("/cb") ? 500 : 200;
    };
    network.transport.body = [](const FakeTransport::Sent& one) {
        return one.asks_document ? R"(<Response><Redirect requestUrl="next"/></Response>)" : "";
    };
    network.request("POST", calls, call(R"(,"fallbackUrl":"http://127.0.0.1:9000/deep/fb")"));
    REQUIRE(run_until(network.loop, [&] { return network.transport.sent.size() >= 3; }));

    CHECK(network.transport.sent[1].url == "http://127.0.0.1:9000/deep/fb");
    CHECK(network.transport.sent[2].url == "http://127.0.0.1:9000/deep/next");

    FakeNetwork failing;
    failing.transport.respond = network.transport.respond;
    failing.request("POST", calls, call());
    REQUIRE(failing.until_quiet());
    CHECK(sent(failing) == std::vector<std::string>{"GET /cb answer?", "GET /cb hangup"});
    CHECK(journal(failing) == std::vector<std::string>{"not_delivered"});
}

TEST_CASE("simulator: an answer that comes after a reset is nobody's", "[edge][bxml]") {
    FakeNetwork network;
    network.transport.respond = [](const FakeTransport::Sent&) { return 0; };
    network.request("POST", calls, call());
    REQUIRE(run_until(network.loop, [&] { return network.transport.sent.size() == 1; }));
    network.simulator.reset(std::nullopt);

    network.transport.answer(network.transport.sent[0].id, 200, {},
                             "<Response><Hangup/></Response>");
    REQUIRE(network.until_quiet());

    CHECK(journal(network).empty());
    CHECK(network.transport.sent.size() == 1);
}

TEST_CASE("simulator: who waits for a document holds up neither others nor its own hang-up",
          "[edge][bxml]") {
    for (const char* const verb :
         {R"(<Redirect requestUrl="next"/>)", R"(<Gather requestUrl="next" maxDigits="1"/>)"}) {
        CAPTURE(verb);
        SimulatorSettings settings = FakeNetwork::jumping();
        settings.delivery.reply_patience = std::chrono::milliseconds{20};
        FakeNetwork network{settings};
        network.transport.respond = [](const FakeTransport::Sent& one) {
            return one.url.ends_with("/next") ? 0 : 200;
        };
        network.transport.body = [&](const FakeTransport::Sent& one) {
            return one.asks_document ? "<Response>" + std::string{verb} + "</Response>" : "";
        };
        const auto told = [&](std::string_view line) {
            const auto lines = sent(network);
            return std::find(lines.begin(), lines.end(), line) != lines.end();
        };
        const std::string path =
            FakeNetwork::header(network.request("POST", calls, call()), "Location");
        REQUIRE(run_until(network.loop, [&] {
            return !network.transport.sent.empty() &&
                   network.transport.sent.back().url.ends_with("/next");
        }));
        const FakeTransport::Sent asked = network.transport.sent.back();
        network.request("POST", calls,
                        R"({"from":"+19195550123","to":"+15550009907",)"
                        R"("callbackUrl":"http://127.0.0.1:9000/other"})");
        CHECK(run_until(network.loop, [&] { return told("POST /other hangup"); }));

        CHECK(network.request("POST", path.substr(path.find("/v1")), R"({"state":"completed"})")
                  .status == 200);
        CHECK(run_until(network.loop, [&] { return told("GET /cb hangup"); }));

        network.transport.answer(asked.id, 200, {},
                                 "<Response><SpeakSentence>late</SpeakSentence></Response>");
        REQUIRE(network.until_quiet());
        CHECK(sent(network).back() == "GET /cb hangup");
    }
}

TEST_CASE("simulator: the journal keeps 4 kB of a document", "[edge][bxml]") {
    FakeNetwork network;
    network.transport.body = [](const FakeTransport::Sent& one) {
        return one.asks_document ? "<Response>" + std::string(9000, ' ') + "<Hangup/></Response>"
                                 : std::string{};
    };
    network.request("POST", calls, call());
    REQUIRE(network.until_quiet());

    std::size_t seen = 0;
    for (const auto& entry : network.history.entries) {
        if (entry["kind"] == "attempt" && entry.contains("reply")) {
            ++seen;
            CHECK(entry["reply"].get<std::string>().size() == 4096);
        }
    }
    CHECK(seen == 1);
    CHECK(journal(network).back() == "hangs_up Hangup");
}

}  // namespace simulated_documents
