#include <ringback/catch.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "simulator/edge/callback_signer.h"
#include "tests/support/menu.h"
#include "tests/support/test_receiver.h"

using namespace ringback::testing;
using ringback::http_peer_of;
using ringback::HttpClient;
using ringback::test::Menu;
using namespace std::chrono_literals;

namespace {

constexpr auto soon = 10s;

const Pattern gather = request("POST", "/v1/users/*/calls/*/gather");

HttpClient client_of(const Fake& fake) {
    HttpClient client{http_peer_of(fake.url()).value(), soon};
    client.authorize_basic(fake.token(), fake.secret());
    return client;
}

/// A receiver that reads and never answers.
void keep_silent(ringback::test::ReceiverEnd& end) {
    end.read_request();
    end.wait_for_close();
}

/// The value of a field of a request's head; "0" without it.
std::string field(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return "0";
    }
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

}  // namespace

TEST_CASE("fake: answers from the end of its constructor on", "[testing]") {
    const Fake fake;

    const auto reply = client_of(fake).get("/v1/users/" + fake.user() + "/calls");

    REQUIRE(reply);
    CHECK(reply.value().status == 200);
    CHECK(reply.value().body == "[]");
}

TEST_CASE("fake: a call is played out against a receiver, and judged", "[testing]") {
    Menu menu;
    const Call call = menu.call({{"tag", "t-1"}});
    REQUIRE(menu.fake().wait_for(gather, soon));

    call.press("1");

    REQUIRE(menu.fake().wait_for(event("hangup").answered(200), soon));
    REQUIRE(menu.fake().wait_until_idle(soon));
    CHECK(call.state() == "completed");
    CHECK(call.resource().at("tag") == "t-1");
    CHECK_THAT(menu.fake(), Received(gather.with_body("maxDigits", numeric("==1")), exactly(1)));
    CHECK_THAT(
        menu.fake(),
        ReceivedInOrder({event("answer"), request("POST", "/v1/users/*/calls/*/audio"),
                         event("speak.done"), gather, event("gather").with_body("digits", "1"),
                         request("POST", "/v1/users/*/calls/*"), event("hangup")}));
    CHECK_THAT(menu.fake(), Received(request("POST", "/v1/users/*/calls"), never()));
    CHECK(menu.fake().journal().of_call(call.id()).size() == menu.fake().journal().size());
}

TEST_CASE("fake: sixteen side by side do not mix their calls", "[testing]") {
    constexpr std::size_t many = 16;
    std::vector<std::unique_ptr<Menu>> menus;
    std::vector<Call> calls;
    for (std::size_t n = 0; n < many; ++n) {
        FakeOptions options;
        options.seed = n;
        options.user = "u-" + std::to_string(n);
        menus.push_back(std::make_unique<Menu>(options));
    }
    for (std::size_t n = 0; n < many; ++n) {
        calls.push_back(menus[n]->call({{"tag", std::to_string(n)}}));
    }
    for (std::size_t n = 0; n < many; ++n) {
        REQUIRE(menus[n]->fake().wait_for(gather, soon));
        calls[n].press(std::to_string(n % 10));
    }
    for (std::size_t n = 0; n < many; ++n) {
        Fake& fake = menus[n]->fake();
        REQUIRE(fake.wait_for(event("hangup").answered(200), soon));
        REQUIRE(fake.calls().size() == 1);
        CHECK(fake.calls().front().id() == calls[n].id());
        CHECK_THAT(fake, Received(event("answer"), exactly(1)));
        CHECK_THAT(fake, Received(event("answer").with_body("tag", std::to_string(n))));
        CHECK_THAT(fake, Received(event("gather").with_body("digits", std::to_string(n % 10))));
        CHECK_THAT(fake,
                   Received(request("", "/v1/users/u-" + std::to_string(n) + "/**"), exactly(3)));
        CHECK_THAT(fake, Received(request("", "/**"), exactly(3)));
    }
    std::vector<std::string> ids;
    for (const Call& call : calls) {
        ids.push_back(call.id());
    }
    std::ranges::sort(ids);
    CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_CASE("fake: one seed gives one call, to the id", "[testing]") {
    FakeOptions options;
    options.seed = 7;
    Menu one{options};
    Menu other{options};

    CHECK(one.call().id() == other.call().id());
}

TEST_CASE("fake: many threads may use it at once", "[testing]") {
    Menu menu;
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int n = 0; n < 8; ++n) {
        threads.emplace_back([&] {
            const Call call = menu.call();
            const bool asked = bool{menu.fake().wait_for(gather.with_body("maxDigits", "1"), soon)};
            good += asked && !menu.fake().journal().empty() && !call.state().empty() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(good == 8);
    CHECK(menu.fake().calls().size() == 8);
}

TEST_CASE("fake: somebody calls the receiver, and hangs up", "[testing]") {
    Menu menu;
    const Call call = menu.fake().inbound_call(
        {{"callbackUrl", menu.url()}, {"from", "+19195550155"}, {"autoAnswer", true}});
    REQUIRE(menu.fake().wait_for(gather, soon));

    call.hang_up();

    REQUIRE(menu.fake().wait_for(event("hangup").answered(200), soon));
    CHECK_THAT(menu.fake(), Received(event("incomingcall").with_body("from", "+19195550155")));
    CHECK(menu.fake().call(call.id()).state() == "completed");
}

TEST_CASE("fake: the called number is busy when the test says so", "[testing]") {
    Menu menu;
    menu.fake().far_end({{"to", "+19195550188"}, {"act", "busy"}});

    menu.call({{"to", "+19195550188"}});

    REQUIRE(menu.fake().wait_until_idle(soon));
    CHECK_THAT(menu.fake(), Received(event("hangup").with_body("cause", "USER_BUSY"), exactly(1)));
    CHECK_THAT(menu.fake(), Received(event("answer"), never()));
}

TEST_CASE("fake: what the person cannot do is refused with the reason", "[testing]") {
    Menu menu;
    const Call call = menu.call();
    REQUIRE(menu.fake().wait_for(gather, soon));
    call.hang_up();
    REQUIRE(menu.fake().wait_for(event("hangup"), soon));

    CHECK_THROWS_WITH(call.press("1"), Catch::EndsWith("was refused: 409 the call is over"));
    CHECK_THROWS_WITH(call.press("x"), Catch::Contains("was refused: 400 digits: expected"));
    CHECK_THROWS_WITH(menu.fake().call("c-none"), Catch::EndsWith("404 there is no such call"));
    CHECK_THROWS_WITH(menu.fake().create_call({{"callTimeout", "soon"}}),
                      Catch::Contains("was refused: 400"));
}

TEST_CASE("fake: what does not come in time is told with the near misses", "[testing]") {
    Menu menu;
    menu.call();
    REQUIRE(menu.fake().wait_for(gather, soon));

    const auto never_came =
        menu.fake().wait_for(gather.with_body("maxDigits", numeric("==4")), 1ms);

    CHECK_FALSE(never_came);
    CHECK_THAT(never_came.text, Catch::StartsWith("within 1 ms: received POST") &&
                                    Catch::Contains("✗ expected numeric ==4, got \"1\""));
}

TEST_CASE("fake: what is still going on is told when it does not come to rest", "[testing]") {
    const ringback::test::TestReceiver silent{keep_silent};
    Fake fake;
    fake.create_call({{"callbackUrl", silent.url()}});
    REQUIRE(fake.wait_for(event("answer"), soon));

    const auto idle = fake.wait_until_idle(1ms);

    CHECK_FALSE(idle);
    CHECK(idle.text == "idle within 1 ms: 1 calls are not over, 1 events are not delivered");
}

TEST_CASE("fake: with secrets every callback is signed, those of a scenario too", "[testing]") {
    using ringback::SigningSecret;
    const std::vector<std::string> texts{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                                         "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"};
    std::atomic<int> signed_by[2]{};
    std::atomic<int> seen{0};
    const ringback::test::TestReceiver receiver{[&](ringback::test::ReceiverEnd& end) {
        for (std::string got = end.read_request(); !got.empty(); got = end.read_request()) {
            const std::string body = got.substr(got.find("\r\n\r\n") + 4);
            for (std::size_t n = 0; n < texts.size(); ++n) {
                signed_by[n] += ringback::is_signed_by({SigningSecret::from(texts[n]).value()},
                                                       field(got, "webhook-id"),
                                                       std::stoll(field(got, "webhook-timestamp")),
                                                       body, field(got, "webhook-signature"))
                                    ? 1
                                    : 0;
            }
            ++seen;
            end.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    }};
    FakeOptions options;
    options.callback_url = receiver.url("");
    options.signing_secrets = texts;
    Fake fake{options};

    fake.create_call({{"callbackUrl", receiver.url()}, {"to", "+19195559901"}});
    REQUIRE(fake.wait_until_idle(soon));
    CHECK(seen == 1);
    CHECK_THAT(fake.run_scenario("busy"), Passed());

    CHECK(seen == 2);
    CHECK(signed_by[0] == seen);
    CHECK(signed_by[1] == seen);
}

TEST_CASE("fake: a receiver that hangs is given up on, and recorded so", "[testing]") {
    const ringback::test::TestReceiver silent{keep_silent};
    Fake fake;
    fake.create_call({{"callbackUrl", silent.url()}, {"callbackTimeout", 100}});

    REQUIRE(fake.wait_until_idle(soon));

    const Journal tries = fake.journal().of_kind("attempt");
    REQUIRE(tries.size() == 1);
    CHECK(tries[0].at("end") == "timed_out");
}

TEST_CASE("fake: ends at once, whatever is under way", "[testing]") {
    const ringback::test::TestReceiver silent{keep_silent};
    auto fake = std::make_unique<Fake>();
    for (int n = 0; n < 20; ++n) {
        fake->create_call({{"callbackUrl", silent.url()}});
    }
    REQUIRE(fake->wait_for(event("answer"), soon));
    const HttpClient client = client_of(*fake);
    REQUIRE(client.get("/v1/users/" + fake->user() + "/calls"));

    fake.reset();

    CHECK_FALSE(client.get("/v1"));
}

TEST_CASE("fake: comes and goes a hundred times", "[testing]") {
    for (int n = 0; n < 100; ++n) {
        Fake fake;
        REQUIRE(fake.ask("GET", "/v1/users/" + fake.user() + "/calls").status == 200);
    }
}

TEST_CASE("fake: a real clock waits, and can be moved on", "[testing]") {
    FakeOptions options;
    options.clock = Clock::real_time;
    options.model = {{"answer-delay", "50s"}};
    Menu menu{options};
    const Call call = menu.call();
    REQUIRE(call.state() == "started");

    menu.fake().advance(50s, soon);

    CHECK_THAT(menu.fake(), Received(event("answer").answered(200)));
    CHECK(call.state() == "active");
}

TEST_CASE("fake: virtual time stands still while nobody waits, and moves on its own when asked to",
          "[testing]") {
    Menu held;
    const Call call = held.call();
    REQUIRE(held.fake().wait_for(gather, soon));
    const auto now = [&] { return held.fake().ask("GET", "/__admin/clock").body.at("now"); };
    const auto at_the_gather = now();
    Menu other;  // takes more than `settle` of real time
    other.call();
    REQUIRE(other.fake().wait_until_idle(soon));

    CHECK(now() == at_the_gather);
    held.fake().advance(1s);
    CHECK(now() != at_the_gather);

    FakeOptions options;
    options.clock = Clock::free_virtual_time;
    Menu free{options};
    const std::string id = free.call().id();
    const HttpClient client = client_of(free.fake());
    const auto ended = client.get("/__admin/wait?for=call-ended&timeout=10s&call=" + id);
    REQUIRE(ended);
    CHECK(ended.value().status == 200);
}

TEST_CASE("fake: credentials are checked when that is asked for", "[testing]") {
    FakeOptions options;
    options.check_credentials = true;
    const Fake fake{options};
    HttpClient client = client_of(fake);

    CHECK(client.get("/v1/users/" + fake.user() + "/calls").value().status == 200);
    client.authorize_basic(fake.token(), "wrong");
    CHECK(client.get("/v1/users/" + fake.user() + "/calls").value().status == 401);
}

TEST_CASE("fake: options that make no sense are refused with what was expected", "[testing]") {
    const auto refused = [](auto change) {
        FakeOptions options;
        change(options);
        return options;
    };
    CHECK_THROWS_WITH(Fake(refused([](auto& options) { options.user = "a b"; })),
                      "ringback: user: expected 1..128 characters of A-Z a-z 0-9 - . _ ~, found "
                      "\"a b\"");
    CHECK_THROWS_WITH(Fake(refused([](auto& options) { options.time_scale = 0; })),
                      Catch::Contains("time_scale: expected a number from 0.001"));
    CHECK_THROWS_WITH(Fake(refused([](auto& options) { options.settle = -1ms; })),
                      Catch::Contains("settle: expected 0..60000 ms, found -1 ms"));
    CHECK_THROWS_WITH(Fake(refused([](auto& options) { options.callback_url = "nowhere"; })),
                      Catch::Contains("callback_url: expected"));
    CHECK_THROWS_WITH(Fake(refused([](auto& options) { options.allow_targets = {"a b"}; })),
                      Catch::Contains("a b"));
    CHECK_THROWS_WITH(Fake(refused([](auto& options) {
                          options.model = {{"answer", "soon"}};
                      })),
                      Catch::Contains("model.answer: expected a delay"));
    CHECK_THROWS_WITH(
        Fake(refused([](auto& options) { options.signing_secrets = {"hush"}; })),
        Catch::StartsWith("ringback: signing_secrets: expected") && !Catch::Contains("hush"));

    const Fake first;
    const auto colon = first.url().rfind(':');
    const auto port = static_cast<std::uint16_t>(std::stoi(first.url().substr(colon + 1)));
    CHECK_THROWS_WITH(Fake(refused([&](auto& options) { options.port = port; })),
                      Catch::Contains(std::to_string(port)));
}

TEST_CASE("fake: callbacks go nowhere but to this machine unless that is allowed", "[testing]") {
    Fake fake;

    CHECK_THROWS_WITH(fake.create_call({{"callbackUrl", "http://192.0.2.1/"}}),
                      Catch::Contains("was refused: 400"));
}

TEST_CASE("fake: is printed as the ladder of its journal", "[testing]") {
    Menu menu;
    menu.call();
    REQUIRE(menu.fake().wait_for(gather, soon));
    std::ostringstream printed;
    printed << menu.fake();

    CHECK_THAT(printed.str(),
               Catch::Contains("your app") && Catch::Contains("gather") && !Catch::Contains("│"));
}
