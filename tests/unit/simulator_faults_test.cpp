#include <catch2/catch.hpp>

#include "tests/support/fault_bench.h"

using namespace ringback;
using namespace ringback::test;
using namespace std::chrono_literals;
using nlohmann::json;
using nlohmann::ordered_json;

namespace simulated_faults {
namespace {

using Texts = std::vector<std::string>;

const Texts as_it_happens{"answer", "dtmf 1", "dtmf 2", "dtmf 3", "hangup"};

/// Names of the faults that the journal tells of, in order.
Texts met(const FaultBench& bench) {
    Texts names;
    for (const ordered_json& entry : bench.entries("fault")) {
        names.push_back(entry["fault"].get<std::string>());
    }
    return names;
}

/// The journal without its draws, and without the numbers that entries have among these.
std::vector<ordered_json> without_draws(const FaultBench& bench) {
    std::vector<ordered_json> others;
    for (ordered_json entry : bench.network.history.entries) {
        if (entry["kind"] != "draw") {
            entry.erase("seq");
            others.push_back(std::move(entry));
        }
    }
    return others;
}

}  // namespace

TEST_CASE("faults: without a plan, and under one that nothing meets, all is as it was",
          "[edge][faults]") {
    FaultRule missed = rule("drop", fault::Drop{});
    missed.toxicity = 0;
    FaultBench clean{{}};
    FaultBench planned{{missed, rule("drop", fault::Drop{}, only(EventType::sms))}};
    for (FaultBench* const bench : {&clean, &planned}) {
        bench->make_call();
        bench->play();
        CHECK(bench->came() == as_it_happens);
        CHECK(met(*bench).empty());
    }
    CHECK(without_draws(clean) == without_draws(planned));
    CHECK(clean.entries("draw").empty());
    const auto draws = planned.entries("draw");
    const auto events = planned.entries("event");
    REQUIRE(draws.size() == as_it_happens.size());
    for (std::size_t at = 0; at < draws.size(); ++at) {
        CHECK(draws[at]["delivery"] == events[at]["delivery"]);
        CHECK(draws[at]["event"] == events[at]["event"]);
        CHECK(draws[at]["call"] == events[at]["call"]);
        REQUIRE(draws[at]["missed"].size() == 1);
        CHECK(draws[at]["missed"][0]["why"] == "chance");
    }
    CHECK(clean.network.simulator.faults() == nullptr);
    CHECK(planned.network.simulator.faults() != nullptr);
}

TEST_CASE("faults: a dropped event is raised, never sent, and no failure of the receiver",
          "[edge][faults]") {
    FaultRule second = rule("drop", fault::Drop{}, only(EventType::dtmf));
    second.nth = 2;
    FaultBench bench{{second, rule("duplicate", fault::Duplicate{3}, only(EventType::sms))}};
    bench.make_call();
    bench.play();

    CHECK(bench.came() == Texts{"answer", "dtmf 1", "dtmf 3", "hangup"});
    const auto faults = bench.entries("fault");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0]["fault"] == "drop");
    CHECK(faults[0]["lost"] == true);
    CHECK(faults[0]["text"] == "lost for good");
    CHECK(faults[0]["rule"] == 1);
    CHECK(faults[0]["draw"].get<std::uint64_t>() < 1'000'000);
    const auto events = bench.entries("event");
    REQUIRE(events.size() == 5);
    CHECK(events[2]["payload"]["dtmfDigit"] == "2");
    CHECK(events[2]["delivery"] == faults[0]["delivery"]);
    for (const ordered_json& attempt : bench.entries("attempt")) {
        CHECK(attempt["delivery"] != faults[0]["delivery"]);
    }
    CHECK(bench.user_errors().empty());
    CHECK(bench.network.simulator.quiet());
}

TEST_CASE("faults: an outage drops what is raised in its window, of all calls", "[edge][faults]") {
    FaultRule outage = rule("drop", fault::Drop{});
    outage.from = 10s;
    outage.until = 10150ms;
    FaultBench bench{{outage}};
    bench.make_call();
    bench.make_call();
    bench.play();
    CHECK(bench.came() == Texts{"answer", "answer", "dtmf 3", "dtmf 3", "hangup", "hangup"});
    CHECK(bench.entries("fault").size() == 4);
}

TEST_CASE("faults: an inbound call whose event is lost goes to its fallback number",
          "[edge][faults]") {
    FaultBench bench{{rule("drop", fault::Drop{}, only(EventType::incomingcall))}};
    NewCall call;
    call.from = "+19195550187";
    call.to = "+19195550123";
    call.auto_answer = false;
    call.fallback_number = "+19195550144";
    Route route;
    route.url = "http://127.0.0.1:9000/cb";
    call.route = RouteRef{route};
    const CallId id = bench.network.simulator.ring_in("u-test", call).value();
    bench.play();
    CHECK(bench.network.simulator.engine().find(id)->details->transfer->to == "+19195550144");
    CHECK(bench.user_errors().empty());
}

TEST_CASE("faults: a call that waits for the document of a lost event goes on without",
          "[edge][faults]") {
    FaultBench bench{{rule("drop", fault::Drop{}, only(EventType::answer))}};
    bench.make_call("", R"(,"callbackHttpMethod":"GET")");
    bench.play();
    const auto news = bench.entries("bxml");
    REQUIRE_FALSE(news.empty());
    CHECK(news[0]["what"] == "not_delivered");
    CHECK(bench.network.simulator.engine().find(bench.last_call())->state == CallState::completed);
}

TEST_CASE("faults: what a receiver says to a copy moves no call, and its failure is recorded",
          "[edge][faults]") {
    FaultBench bench{{rule("duplicate", fault::Duplicate{1}, only(EventType::answer))}};
    int answers = 0;
    bench.network.transport.body = [&](const FakeTransport::Sent&) {
        return std::string{R"(<Response><Pause length="1"/><Hangup/></Response>)"};
    };
    bench.network.transport.respond = [&](const FakeTransport::Sent& sent) {
        return sent.payload.find("eventType=answer") != std::string::npos && ++answers == 2 ? 500
                                                                                            : 200;
    };
    bench.make_call("", R"(,"callbackHttpMethod":"GET")");
    bench.play();
    CHECK(answers == 2);
    const auto news = bench.entries("bxml");
    CHECK(std::ranges::count_if(
              news, [](const ordered_json& one) { return one["what"] == "document"; }) == 1);
    CHECK(bench.user_errors().size() == 1);
}

TEST_CASE("faults: a late event keeps its place, and those behind it wait", "[edge][faults]") {
    FaultRule second = rule("delay", fault::Delay{fixed(150ms)}, only(EventType::dtmf));
    second.nth = 2;
    FaultBench bench{{second}};
    bench.make_call();
    bench.play();
    CHECK(bench.came() == as_it_happens);
    CHECK(bench.came_at("dtmf 1") == 10'000);
    CHECK(bench.came_at("dtmf 2") == 10'250);
    CHECK(bench.came_at("dtmf 3") == 10'250);
    const auto faults = bench.entries("fault");
    REQUIRE(faults.size() == 1);
    CHECK(faults[0]["text"] == "150ms late");
    // The model has raised them when they were.
    CHECK(bench.entries("event")[2]["time"].get<std::string>().find(":10.100Z") !=
          std::string::npos);
}

TEST_CASE("faults: a reordered event lets the next of its call go first, for so long",
          "[edge][faults]") {
    FaultRule first = rule("reorder", fault::Reorder{2, 2s}, only(EventType::dtmf));
    first.nth = 1;
    FaultRule last = rule("reorder", fault::Reorder{1, 2s}, only(EventType::hangup));
    FaultBench bench{{first, last}};
    bench.make_call();
    bench.play();
    CHECK(bench.came() == Texts{"answer", "dtmf 2", "dtmf 3", "dtmf 1", "hangup"});
    CHECK(bench.came_at("dtmf 1") == 10'200);
    CHECK(bench.came_at("hangup") == 22'200);  // the model takes 200 ms to tell of it
}

TEST_CASE("faults: a shuffled window comes in the order that was drawn, which the journal tells",
          "[edge][faults]") {
    FaultRule first = rule("shuffle", fault::Shuffle{1s}, only(EventType::dtmf));
    first.nth = 1;
    FaultBench bench{{first}};
    bench.make_call("12345678");
    bench.play();
    Texts keys = bench.came();
    REQUIRE(keys.size() == 10);
    CHECK(keys.front() == "answer");
    CHECK(keys.back() == "hangup");
    CHECK(bench.came_at("dtmf 1") == 11'000);
    const Texts drawn{keys.begin() + 1, keys.end() - 1};
    CHECK_FALSE(std::ranges::is_sorted(drawn));
    const auto faults = bench.entries("fault");
    REQUIRE(faults.size() == 2);
    std::string order = "8 of them, as ";
    for (const std::string& key : drawn) {
        order += key.substr(key.size() - 1) + ", ";
    }
    CHECK(faults[1]["text"] == order.substr(0, order.size() - 2));
}

TEST_CASE("faults: what cannot be comes after the hangup, and is no event of the model",
          "[edge][faults]") {
    using Impossible = fault::Impossible;
    FaultBench bench{{rule("impossible", Impossible{Impossible::What::speak_done, fixed(1s)}),
                      rule("impossible", Impossible{Impossible::What::second_hangup, fixed(2s)}),
                      rule("impossible", Impossible{Impossible::What::unknown_gather, fixed(3s)},
                           only(EventType::hangup))}};
    bench.make_call("1");
    bench.play();
    CHECK(bench.came() == Texts{"answer", "dtmf 1", "hangup", "speak done", "hangup", "gather"});
    const auto& sent = bench.network.transport.sent;
    const json hangup = json::parse(sent[2].payload);
    const json second = json::parse(sent[4].payload);
    CHECK(second["callId"] == hangup["callId"]);
    CHECK(second["time"] > hangup["time"]);
    CHECK(bench.entries("event").size() == 3);
    for (const ordered_json& one : bench.entries("fault")) {
        CHECK(one["extra"] == true);
        CHECK(one["altered"] == true);
        CHECK(one["payload"]["callId"] == ordered_json(hangup["callId"]));
    }
    CHECK(bench.came_at("gather") == 23'200);
}

TEST_CASE("faults: an odd payload is sent, and the journal knows both", "[edge][faults]") {
    FaultBench bench{
        {rule("odd", fault::Odd{fault::Odd::What::unknown_type}, only(EventType::answer)),
         rule("large", fault::Odd{fault::Odd::What::large_tag}, only(EventType::hangup)),
         rule("duplicate", fault::Duplicate{1}, only(EventType::answer))}};
    bench.make_call("");
    bench.play();
    const auto& sent = bench.network.transport.sent;
    REQUIRE(sent.size() == 3);
    CHECK(json::parse(sent[0].payload)["eventType"] == "somethingNobodyKnows");
    CHECK(sent[1].payload == sent[0].payload);
    CHECK(json::parse(sent[2].payload)["tag"].get<std::string>().size() == 100'000);
    CHECK(bench.entries("event")[0]["payload"]["eventType"] == "answer");
    const auto faults = bench.entries("fault");
    REQUIRE(faults.size() == 3);
    CHECK(faults[0]["payload"]["eventType"] == "somethingNobodyKnows");
    CHECK(faults[0]["altered"] == true);
    CHECK_FALSE(faults[2].contains("payload"));
}

TEST_CASE("faults: a bad send is made once more as it should be, and counts for nothing",
          "[edge][faults]") {
    for (const int status : {200, 400, 500}) {
        CAPTURE(status);
        FaultBench bench{{rule("half_body", fault::BadSend{}, only(EventType::answer))}};
        bench.answer = [status](const FakeTransport::Sent& sent) {
            return sent.badly ? status : 200;
        };
        bench.make_call("");
        bench.play();
        // It took it, or failed on it: that is its answer. To refuse what is spoilt was right.
        const Texts twice{"answer", "answer", "hangup"};
        CHECK(bench.came() == (status == 400 ? twice : Texts{"answer", "hangup"}));
        const auto attempts = bench.entries("attempt");
        CHECK(attempts[0]["attempt"] == (status == 400 ? 0 : 1));
        CHECK(attempts[0]["outcome"] == (status == 400   ? "owed"
                                         : status == 500 ? "failed"
                                                         : "delivered"));
        if (status == 400) {
            CHECK(attempts[1]["attempt"] == 1);
            CHECK(attempts[1]["outcome"] == "delivered");
        }
        CHECK(bench.user_errors().size() == (status == 500 ? 1 : 0));
    }
}

TEST_CASE("faults: that it is sent once more is told only of what does not arrive whole",
          "[edge][faults]") {
    WireFault late;
    late.latency.a = 700ms;
    WireFault half;
    half.half_body = true;
    half.end = WireFault::End::close;
    for (const auto& [wire, text] :
         {std::pair{late, "sent slowly: 700 ms late"},
          std::pair{half, "sent badly: closed after half the body; then as it should be"}}) {
        FaultBench bench{{rule("any", fault::BadSend{wire}, only(EventType::answer))}};
        bench.make_call("");
        bench.play();
        const auto faults = bench.entries("fault");
        REQUIRE(faults.size() == 1);
        CHECK(faults[0]["text"] == text);
        CHECK_FALSE(faults[0].contains("altered"));
    }
}

TEST_CASE("faults: a bad send without a second chance is judged by the policy alone",
          "[edge][faults]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.delivery.policy.retries = 1;
    settings.delivery.reply_patience = 1h;  // a retry comes in real time
    settings.delivery.signing.push_back(
        SigningSecret::from("whsec_" + std::string(32, 'A')).value());
    FaultBench bench{
        {rule("reset_peer", fault::BadSend{{}, false}, only(EventType::answer)),
         rule("unsigned", fault::BadSignature{SigningFault::missing}, only(EventType::hangup))},
        settings};
    bench.answer = [](const FakeTransport::Sent& sent) { return sent.badly ? 400 : 200; };
    bench.make_call("");
    bench.play();
    CHECK(bench.came() == Texts{"answer", "answer", "hangup"});
    CHECK(bench.entries("attempt")[1]["attempt"] == 2);
    CHECK(bench.network.transport.sent[0].badly);
    CHECK_FALSE(bench.network.transport.sent[1].badly);
    CHECK(bench.network.transport.sent[2].signing == SigningFault::missing);
}

TEST_CASE("faults: it is not quiet while anything is held back", "[edge][faults]") {
    FaultBench bench{{rule("delay", fault::Delay{fixed(90s)}, only(EventType::answer))}};
    bench.make_call("");
    REQUIRE(run_until(bench.network.loop,
                      [&] { return bench.network.simulator.deliveries_pending() > 0; }));
    CHECK_FALSE(bench.network.simulator.quiet());
    bench.play();
    CHECK(bench.came() == Texts{"answer", "hangup"});
    CHECK(bench.network.simulator.quiet());
}

TEST_CASE("faults: a held clock goes on to what is held back, and stands still again",
          "[edge][faults]") {
    FaultBench bench{{rule("delay", fault::Delay{fixed(5s)}, only(EventType::answer)),
                      rule("duplicate", fault::Duplicate{1, fixed(60s)}, only(EventType::answer))}};
    bench.make_call("1");
    bench.network.simulator.at(bench.started + 5s, [&] { bench.network.simulator.hold_clock(); });
    REQUIRE(run_until(bench.network.loop, [&] { return bench.seen.size() == 1; }));
    bench.network.loop.run_for(20ms);
    CHECK(bench.came() == Texts{"answer"});
    bench.network.simulator.release_clock();
    bench.play();
    CHECK(bench.came() == Texts{"answer", "dtmf 1", "hangup", "answer"});
}

TEST_CASE("faults: an advance of the clock does not wait for what is held back beyond it",
          "[edge][faults]") {
    FaultBench bench{{rule("delay", fault::Delay{fixed(90s)})}};
    bench.make_call("");
    bench.advance(30s);
    CHECK(bench.seen.empty());
    bench.play();
    CHECK(bench.came() == Texts{"answer", "hangup"});
}

TEST_CASE("faults: nothing leaves before the API answer that causes it", "[edge][faults]") {
    SimulatorSettings settings = FakeNetwork::jumping();
    settings.model.delays.answer = Duration{};
    FaultBench bench{{rule("duplicate", fault::Duplicate{1})}, settings};
    std::shared_ptr<FakeResponder> unsent;
    bench.network.request("POST", "/v1/users/u-test/calls",
                          R"({"from":"+19195550123","to":"+19195550187",)"
                          R"("callbackUrl":"http://127.0.0.1:9000/cb"})",
                          &unsent);
    bench.network.loop.run_for(5ms);
    CHECK(bench.seen.empty());
    unsent->release();
    bench.network.simulator.request_ends();
    bench.play();
    CHECK(bench.came() == Texts{"answer", "answer"});
}

TEST_CASE("faults: a drain sends what is held back at once, and loses nothing", "[edge][faults]") {
    FaultBench bench{{rule("delay", fault::Delay{fixed(1h)}, only(EventType::dtmf)),
                      rule("duplicate", fault::Duplicate{1, fixed(1h)}, only(EventType::answer))}};
    bench.make_call("12");
    bench.advance(15s);
    CHECK(bench.came() == Texts{"answer"});
    REQUIRE(bench.network.simulator.deliveries_pending() == 3);
    bool drained = false;
    bench.network.simulator.drain([&] { drained = true; });
    CHECK(run_until(bench.network.loop, [&] { return drained; }));
    Texts came = bench.came();
    std::ranges::sort(came);
    CHECK(came == Texts{"answer", "answer", "dtmf 1", "dtmf 2"});
}

TEST_CASE("faults: what is held back of a call that is forgotten, or reset, never comes",
          "[edge][faults]") {
    for (const bool whole : {true, false}) {
        FaultBench bench{{rule("delay", fault::Delay{fixed(1h)})}};
        bench.make_call("");
        bench.advance(15s);
        REQUIRE(bench.network.simulator.deliveries_pending() == 1);
        if (whole) {
            bench.network.simulator.reset(std::nullopt);
        } else {
            bench.network.simulator.forget(bench.last_call());
        }
        CHECK(bench.network.simulator.deliveries_pending() == 0);
        bench.play();
        CHECK(bench.seen.empty());
        // What comes later is held back as ever.
        bench.make_call("");
        bench.play();
        CHECK_FALSE(bench.came().empty());
    }
}

TEST_CASE("faults: a plan that is taken away lets what is held keep its place", "[edge][faults]") {
    FaultBench bench{{rule("delay", fault::Delay{fixed(150ms)}, only(EventType::dtmf))}};
    bench.make_call();
    bench.network.simulator.at(bench.started + 10'050ms,
                               [&] { bench.network.simulator.set_faults({}); });
    bench.play();
    CHECK(bench.came() == as_it_happens);
    CHECK(bench.came_at("dtmf 1") == 10'150);
    CHECK(bench.came_at("dtmf 2") == 10'150);
    CHECK(bench.came_at("dtmf 3") == 10'200);
    CHECK(bench.network.simulator.faults() == nullptr);
}

}  // namespace simulated_faults
