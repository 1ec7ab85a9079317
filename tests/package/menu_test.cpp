#define CATCH_CONFIG_MAIN
#include <httplib.h>
#include <ringback/catch.h>
#include <ringback/fake.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

using namespace ringback::testing;
using namespace std::chrono_literals;

namespace {

/// The application under test: says something, asks for digits, hangs up.
class Menu {
public:
    Menu(const Fake& fake, std::string max_digits)
        : api_{fake.url()},
          calls_{"/v1/users/" + fake.user() + "/calls/"},
          max_digits_{std::move(max_digits)} {
        api_.set_basic_auth(fake.token(), fake.secret());
        server_.Post("/callback", [this](const httplib::Request& request, httplib::Response&) {
            handle(nlohmann::json::parse(request.body));
        });
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread{[this] { server_.listen_after_bind(); }};
        while (!server_.is_running()) {
            std::this_thread::yield();  // stop() before it runs would be lost
        }
    }
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;
    ~Menu() {
        server_.stop();
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/callback"; }

private:
    void handle(const nlohmann::json& event) {
        const std::string call = calls_ + event.value("callId", "");
        const std::string type = event.value("eventType", "");
        if (type == "answer") {
            post(call + "/audio", {{"sentence", "Press one."}});
        } else if (type == "speak" && event.value("status", "") == "done") {
            post(call + "/gather", {{"maxDigits", max_digits_}, {"suppressDtmf", true}});
        } else if (type == "gather") {
            post(call, {{"state", "completed"}});
        }
    }
    void post(const std::string& path, const nlohmann::json& body) {
        api_.Post(path, body.dump(), "application/json");
    }

    httplib::Client api_;
    std::string calls_;
    std::string max_digits_;
    httplib::Server server_;
    int port_{0};
    std::thread thread_;
};

const Pattern one_digit =
    request("POST", "/v1/users/*/calls/*/gather").with_body("maxDigits", numeric("==1"));

}  // namespace

TEST_CASE("the menu takes a digit and hangs up") {
    Fake fake;
    Menu menu{fake, "1"};
    const Call call = fake.create_call({{"callbackUrl", menu.url()}});
    REQUIRE(fake.wait_for(one_digit, 10s));

    call.press("1");

    REQUIRE(fake.wait_for(event("hangup").answered(200), 10s));
    CHECK_THAT(fake, ReceivedInOrder({event("answer"), request("POST", "/v1/users/*/calls/*/audio"),
                                      one_digit, event("gather").with_body("digits", "1")}));
    CHECK_THAT(fake.journal(), Received(one_digit, exactly(1)) && !Received(event("timeout")));
}

TEST_CASE("the menu passes a scenario that ringback has built in") {
    Fake fake;
    Menu menu{fake, "1"};

    CHECK_THAT(fake.run_scenario("answer-speak-gather-hangup", {menu.url(), {}, {}, 60s}),
               Passed());
}

TEST_CASE("a menu that asks for two digits is told apart, field by field") {
    Fake fake;
    Menu menu{fake, "2"};
    fake.create_call({{"callbackUrl", menu.url()}});
    REQUIRE(fake.wait_for(request("POST", "/v1/users/*/calls/*/gather"), 10s));

    const Received matcher{one_digit};

    REQUIRE_FALSE(matcher.match(fake));
    CHECK_THAT(matcher.toString(),
               Catch::StartsWith("received POST /v1/users/*/calls/*/gather with body.maxDigits "
                                 "numeric ==1\n"
                                 "  expected  at least once\n"
                                 "  got       nothing\n"
                                 "  closest 2:\n"
                                 "    POST /v1/users/u-ringback/calls/") &&
                   Catch::Contains("      body.maxDigits  ✗ expected numeric ==1, got \"2\"\n"));
    CHECK(fake.run_scenario("answer-speak-gather-hangup", {menu.url(), {}, {}, 60s}).result ==
          ScenarioOutcome::Result::failed);
}
