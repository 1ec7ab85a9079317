// The session of a worker whose master is lost, silent or strange.
#include <catch2/catch.hpp>
#include <map>

#include "harness/locust/locust_session.h"
#include "tests/support/locust_rehearsal.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Rehearsal = test::LocustRehearsal;
using Words = Rehearsal::Words;

TEST_CASE(
    "locust session: a lost master's users stop, its results are forgotten, the next is joined",
    "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});

    r.session().disconnected("the connection was closed", r.now());
    CHECK(r.done() ==
          Words{"note: lost the Locust master at 10.0.0.7:5557: the connection was closed",
                "stop, grace 0"});
    r.session().disconnected("nobody accepts a connection there", r.now());
    r.pass(10s);
    CHECK(r.done().empty());  // nothing is said that the next master would hear

    SECTION("the users have ended first") {
        r.confirm_stop();
        CHECK(r.done() == Words{"forget"});
        r.session().connected("w_2", r.now());
    }
    SECTION("the connection is there first") {
        r.session().connected("w_2", r.now());
        r.pass(10s);
        CHECK(r.done().empty());
        r.confirm_stop();
        CHECK(r.done().front() == "forget");
        return;
    }
    // A master that was there all the time hears of the new worker before the old one is gone.
    CHECK(r.done() == Words{"client_ready w_2 -1", "client_stopped w_1"});
    r.receive("ack", {{"index", 0}});
    r.done();
    r.spawn({{"Menu", 1}}, 0.5);  // its clock is behind the other's
    CHECK(r.done().at(1).starts_with("begin "));
}

TEST_CASE("locust session: a connection lost while stopping is joined anew as well", "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});
    r.receive("stop");
    r.session().disconnected("the connection was closed", r.now());
    r.session().connected("w_2", r.now());
    r.session().disconnected("the connection was closed", r.now());
    r.session().connected("w_3", r.now());
    r.done();
    r.confirm_stop();
    CHECK(r.done() == Words{"forget", "client_ready w_3 -1", "client_stopped w_1"});
}

TEST_CASE("locust session: a master that sends heartbeats and then none for a minute is lost",
          "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});
    r.pass(2min);
    CHECK(r.session().state() == LocustState::running);  // 2.12 sends none at all
    for (int i = 0; i < 100; ++i) {
        r.receive("heartbeat");
        r.pass(1s);
    }
    r.pass(58900ms);
    CHECK(r.session().state() == LocustState::running);
    r.done();
    r.pass(200ms);
    const auto words = r.done();
    REQUIRE(words.size() == 3);
    CHECK(words[0] == "note: lost the Locust master at 10.0.0.7:5557: no heartbeat for 60 s");
    CHECK(words[1] == "stop, grace 0");
    CHECK(words[2] == "reconnect");
}

TEST_CASE("locust session: reconnect means a new connection, and joining anew", "[locust]") {
    Rehearsal r;
    r.join();
    r.receive("reconnect");
    CHECK(r.done() == Words{"note: lost the Locust master at 10.0.0.7:5557: it asked for a new "
                            "connection",
                            "reconnect"});
    r.session().connected("w_2", r.now());
    CHECK(r.done() == Words{"client_ready w_2 -1", "client_stopped w_1"});
}

TEST_CASE("locust session: without an ack it says that it is ready again, and in the end gives up",
          "[locust]") {
    Rehearsal silent;
    silent.session().connected("w_1", silent.now());
    silent.pass(299s);
    CHECK(silent.count_done("client_ready w_1 -1") == 60);
    silent.pass(1s);
    CHECK(silent.done().back() == "finish: 10.0.0.7:5557: no Locust master has answered for 300 s");

    Rehearsal nobody;
    nobody.session().disconnected("nobody accepts a connection there", nobody.now());
    nobody.pass(300s);
    CHECK(nobody.done() ==
          Words{"finish: 10.0.0.7:5557: no Locust master has answered for 300 s: nobody accepts a "
                "connection there"});
}

TEST_CASE("locust session: messages of others are left alone, noted once each", "[locust]") {
    Rehearsal r;
    r.join();
    r.receive("acknowledge_users", {{"a", 1}});
    r.receive("acknowledge_users", {{"a", 2}});
    r.receive("update_user_class", json::array());
    r.receive("spawning_complete", {{"user_count", 3}});
    CHECK(r.done() ==
          Words{"note: left alone: messages \"acknowledge_users\" of the Locust master"});
    r.session().received("\xc1 no message", r.now());
    CHECK(r.done() == Words{"note: message from the Locust master: is not MessagePack that can be "
                            "read"});
    for (int i = 0; i < 100; ++i) {
        r.receive("kind" + std::to_string(i));
    }
    CHECK(r.done().size() == 15);
    CHECK(r.session().state() == LocustState::ready);
}

}  // namespace
}  // namespace ringback
