// The recorder's proxy between a client and receivers that misbehave.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

#include "harness/tape/proxy.h"
#include "tests/support/own_names.h"
#include "tests/support/raw_client.h"
#include "tests/support/test_receiver.h"

using namespace ringback;
using namespace ringback::test;

namespace tape_proxy {
namespace {

std::uint16_t port_of(const std::string& url) {
    std::uint16_t port{0};
    const char* const digits = url.data() + url.rfind(':') + 1;
    std::from_chars(digits, url.data() + url.size(), port);
    return port;
}

ProxySettings before(const std::string& receiver) {
    ProxySettings settings;
    settings.receiver = receiver;
    settings.receiver_patience = std::chrono::milliseconds{300};
    return settings;
}

std::string post_to(const std::string& path) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{{}}", path);
}

void says_ok(ReceiverEnd& end) {
    end.read_request();
    end.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    end.wait_for_close();
}

}  // namespace

TEST_CASE(
    "recorder: whatever a receiver is slow at, a 502 says so in time, and others pass meanwhile",
    "[tape]") {
    TestReceiver receiver{[](ReceiverEnd& end) {
        const std::string request = end.read_request();
        if (request.starts_with("POST /good")) {
            end.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        } else if (request.starts_with("POST /dribbles")) {
            while (end.dribble("HTTP/1.1 200 OK\r\nX-A: b\r\n") &&
                   end.dribble(std::string(100'000, 'x'))) {
            }
        } else if (request.starts_with("POST /half")) {
            end.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
        }
        end.wait_for_close();
    }};
    TapeProxy proxy{before(receiver.url(""))};
    const auto url = proxy.start();
    REQUIRE(url.ok());
    TapeProxy patient{[&receiver] {
        ProxySettings settings = before(receiver.url(""));
        settings.receiver_patience = patience;
        return settings;
    }()};
    const auto calm = patient.start();
    REQUIRE(calm.ok());
    RawClient held{port_of(calm.value())};
    held.send(post_to("/silent"));
    for (const char* slow : {"/silent", "/half"}) {
        RawClient waiting{port_of(url.value())};
        waiting.send(post_to(slow));
        RawClient good{port_of(calm.value())};
        good.send(post_to("/good"));
        CHECK(good.read_answer().body == "ok");
        const Answer late = waiting.read_answer();
        CHECK(late.status == 502);
        CHECK(nlohmann::json::parse(late.body)["message"] ==
              fmt::format("no answer from {}: it took longer than 300 ms", receiver.url("")));
    }
    RawClient dribbled{port_of(url.value())};
    dribbled.send(post_to("/dribbles"));
    CHECK(dribbled.read_answer().status == 502);
    proxy.stop();
    CHECK(proxy.passages().size() == 3);
    CHECK(patient.passages().size() == 2);  // the third is cut with it
}

TEST_CASE(
    "recorder: a receiver by its name is looked up, and one that nobody knows is told as that",
    "[tape]") {
    TestReceiver receiver{says_ok};
    const auto asked = [](const std::string& base) {
        ProxySettings settings = before(base);
        settings.receiver_patience = patience;
        TapeProxy proxy{settings};
        const auto url = proxy.start();
        REQUIRE(url.ok());
        RawClient client{port_of(url.value())};
        client.send(post_to("/named"));
        Answer answer = client.read_answer();
        proxy.stop();
        return answer;
    };

    CHECK(asked(fmt::format("http://localhost:{}", receiver.port())).body == "ok");
    const Answer unknown = asked("http://no-such-name.invalid:9");
    CHECK(unknown.status == 502);
    CHECK_THAT(nlohmann::json::parse(unknown.body)["message"].get<std::string>(),
               Catch::StartsWith("no answer from http://no-such-name.invalid:9: its name was not "
                                 "resolved: "));
}

TEST_CASE("recorder: what was given up while a name was looked up is not sent when it is known",
          "[tape]") {
    TestReceiver receiver{says_ok};
    const Hanging hanging{{"hanging.test"}};
    TapeProxy proxy{before(fmt::format("http://hanging.test:{}", receiver.port()))};
    const auto url = proxy.start();
    REQUIRE(url.ok());
    RawClient given_up{port_of(url.value())};
    given_up.send(post_to("/late"));
    CHECK(given_up.read_answer().status == 502);

    names().release();
    REQUIRE(names().are_asked(0));
    RawClient good{port_of(url.value())};
    good.send(post_to("/good"));
    CHECK(good.read_answer().body == "ok");
    CHECK(receiver.connections() == 1);
    proxy.stop();
}

TEST_CASE("recorder: one that ends while a name is looked up does not wait for it", "[tape]") {
    const Hanging hanging{{"hanging.test"}};
    {
        TapeProxy proxy{before("http://hanging.test:9")};
        const auto url = proxy.start();
        REQUIRE(url.ok());
        RawClient cut{port_of(url.value())};
        cut.send(post_to("/cut"));
        REQUIRE(names().are_asked(1));
        proxy.stop();
    }
    CHECK(names().are_asked(1));
}

TEST_CASE("recorder: a receiver that connects and never shakes hands is told as that", "[tape]") {
    TestReceiver receiver{[](ReceiverEnd& end) { end.wait_for_close(); }};
    ProxySettings settings = before(fmt::format("https://127.0.0.1:{}", receiver.port()));
    settings.receiver_patience = patience;
    TapeProxy proxy{settings};
    const auto url = proxy.start();
    REQUIRE(url.ok());
    RawClient client{port_of(url.value())};
    client.send(post_to("/"));
    CHECK(nlohmann::json::parse(client.read_answer().body)["message"] ==
          fmt::format("no answer from {}: no TLS within 2 s", settings.receiver));
}

TEST_CASE("recorder: it can be stopped at any time, and what never began to listen, too",
          "[tape]") {
    TestReceiver receiver{[](ReceiverEnd& end) {
        end.read_request();
        end.wait_for_close();
    }};
    { const TapeProxy never{before(receiver.url(""))}; }
    TapeProxy proxy{before(receiver.url(""))};
    const auto url = proxy.start();
    REQUIRE(url.ok());
    ProxySettings same = before(receiver.url(""));
    same.port = port_of(url.value());
    TapeProxy second{same};
    const auto taken = second.start();
    REQUIRE_FALSE(taken.ok());
    CHECK(to_text(taken.error()) ==
          fmt::format("127.0.0.1:{}: cannot bind: Address already in use", same.port));

    RawClient waiting{same.port};
    waiting.send(post_to("/silent"));
    CHECK(waiting.read_answer().status == 502);
    RawClient half{same.port};
    half.send("POST / HTTP/1.1\r\nHost: h\r\n");
    proxy.stop();
    proxy.stop();
    CHECK(half.ends_silently());
    REQUIRE(proxy.passages().size() == 1);
    CHECK(proxy.passages()[0].answer.ours);
}

TEST_CASE(
    "recorder: a receiver that is not there, or a name that nobody has, is a 502 that says so",
    "[tape]") {
    for (const auto& [base, why] :
         {std::pair{fmt::format("http://127.0.0.1:{}", closed_port()),
                    std::string{"Connection refused"}},
          std::pair{std::string{"http://no-such-name.invalid:80"}, std::string{}}}) {
        ProxySettings settings = before(base);
        settings.receiver_patience = std::chrono::seconds{5};
        TapeProxy proxy{settings};
        const auto url = proxy.start();
        REQUIRE(url.ok());
        RawClient client{port_of(url.value())};
        client.send(post_to("/"));
        const Answer answer = client.read_answer();
        CHECK(answer.status == 502);
        CHECK_THAT(nlohmann::json::parse(answer.body)["message"].get<std::string>(),
                   Catch::StartsWith("no answer from " + base + ": " + why));
    }
}

}  // namespace tape_proxy
