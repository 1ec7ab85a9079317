#include "harness/locust/locust_session.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/locust_rehearsal.h"

namespace ringback {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Rehearsal = test::LocustRehearsal;
using Words = Rehearsal::Words;

TEST_CASE("locust session: joins, spawns, ramps, stops, and is ready again", "[locust]") {
    Rehearsal r;
    r.join();

    r.spawn({{"Menu", 2}}, 1, 2.5);
    CHECK(r.done() == Words{"spawning w_1", R"(begin http://target {"tags":["a"]})",
                            R"(set {"Menu":2,"Ringback":0} grace 2500)"});
    CHECK(r.session().state() == LocustState::spawning);
    r.confirm_users();
    CHECK(r.done() == Words{R"(spawning_complete w_1 {"Menu":2,"Ringback":0} = 2)"});
    CHECK(r.session().state() == LocustState::running);

    r.spawn({{"Menu", 1}, {"Ringback", 4}}, 2, 2.5);
    r.confirm_users();
    CHECK(r.done() == Words{"spawning w_1", R"(set {"Menu":1,"Ringback":4} grace 2500)",
                            R"(spawning_complete w_1 {"Menu":1,"Ringback":4} = 5)"});

    r.receive("stop");
    CHECK(r.done() == Words{"stop, grace 2500"});
    CHECK(r.session().state() == LocustState::stopping);
    r.confirm_stop();
    CHECK(r.done() == Words{"stats", "client_stopped w_1", "client_ready w_1 -1"});
    r.receive("ack", {{"index", 0}});
    CHECK(r.session().state() == LocustState::ready);

    r.done();
    r.spawn({{"Menu", 1}}, 3);
    CHECK(r.done().at(1).starts_with("begin "));  // another test: what was measured is forgotten
}

TEST_CASE("locust session: beats every second, reports every three, by the master's words",
          "[locust]") {
    Rehearsal r;
    r.join();

    r.pass(9500ms);
    auto words = r.done();
    CHECK(std::ranges::count(words, "heartbeat w_1 ready") == 10);
    CHECK(std::ranges::count(words, "stats") == 3);

    r.spawn({{"Menu", 1}}, 1);
    r.pass(1s);
    CHECK(r.count_done("heartbeat w_1 spawning") == 1);
    r.confirm_users();
    r.receive("stop");
    r.pass(2s);
    CHECK(r.count_done("heartbeat w_1 running") == 2);  // "stopping" would count as lost there
}

TEST_CASE("locust session: an order that is no newer, or comes while stopping, changes nothing",
          "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});

    r.spawn({{"Menu", 7}}, 1);
    CHECK(r.done() == Words{"note: left alone: an order of the Locust master that is no newer than "
                            "the one before it"});
    r.receive("spawn", {{"timestamp", 2}});
    CHECK(r.done() == Words{"note: spawn of the Locust master: user_classes_count: expected how "
                            "many users of each class"});
    r.receive("stop");
    r.done();
    r.spawn({{"Menu", 7}}, 3);
    r.receive("stop");
    CHECK(r.done().empty());
}

TEST_CASE("locust session: a confirmation of an order that another has overtaken is not passed on",
          "[locust]") {
    Rehearsal r;
    r.join();
    r.spawn({{"Menu", 2}}, 1);
    const std::uint64_t first = r.users_turn();
    r.spawn({{"Menu", 5}}, 2);
    r.done();

    r.session().users_set(first, r.now());
    CHECK(r.done().empty());
    r.confirm_users();
    CHECK(r.done() == Words{R"(spawning_complete w_1 {"Menu":5,"Ringback":0} = 5)"});
    r.receive("stop");
    r.done();
    r.confirm_users();  // late
    CHECK(r.done().empty());
    CHECK(r.session().state() == LocustState::stopping);
}

TEST_CASE("locust session: a user class that is not here is an exception, told once a test",
          "[locust]") {
    Rehearsal r;
    r.join();
    r.done();
    r.spawn({{"Menu", 1}, {"Other", 3}, {"Unused", 0}}, 1);
    const std::string what = "no scenario here for the user class Other; there is Menu, Ringback";
    CHECK(r.done() ==
          Words{"spawning w_1", R"(begin http://target {"tags":["a"]})", "note: " + what,
                R"(exception w_1 {"msg":")" + what +
                    R"(","traceback":"the master's locustfile, or the worker's scenarios"})",
                R"(set {"Menu":1,"Ringback":0} grace 0)"});
    r.confirm_users();
    CHECK(r.done() ==
          Words{R"(spawning_complete w_1 {"Menu":1,"Other":0,"Ringback":0,"Unused":0} = 1)"});
    r.spawn({{"Menu", 1}, {"Other", 4}}, 2);
    CHECK(r.done().size() == 2);
}

TEST_CASE("locust session: quit tells what is known at once, and the rest when users have ended",
          "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});

    r.receive("quit");
    CHECK(r.done() ==
          Words{"note: the Locust master at 10.0.0.7:5557 says quit", "stats", "stop, grace 0"});
    r.receive("quit");  // Locust says it twice
    r.done();
    r.confirm_stop();
    CHECK(r.done() == Words{"stats", "finish"});  // no quit: others may still have to be heard
    CHECK(r.session().state() == LocustState::finished);
    r.pass(1h);
    r.session().disconnected("gone", r.now());
    r.session().connected("w_2", r.now());
    r.session().leave(r.now());
    CHECK(r.done().empty());
}

TEST_CASE("locust session: who leaves lets the users end, reports and says quit", "[locust]") {
    Rehearsal r;
    r.run({{"Menu", 2}});
    r.session().leave(r.now());
    CHECK(r.done() == Words{"stop, grace 0"});
    r.confirm_stop();
    CHECK(r.done() == Words{"stats", "quit w_1", "finish"});

    Rehearsal dismissed;
    dismissed.run({{"Menu", 2}});
    dismissed.session().leave(dismissed.now());
    dismissed.receive("quit");
    dismissed.done();
    dismissed.confirm_stop();
    CHECK(dismissed.done() == Words{"stats", "finish"});

    Rehearsal alone;
    alone.session().leave(alone.now());
    CHECK(alone.done() == Words{"stop, grace 0"});
    alone.confirm_stop();
    CHECK(alone.done() == Words{"finish"});
}

}  // namespace
}  // namespace ringback
