#include "harness/locust/locust_session.h"

#include <catch2/catch.hpp>
#include <map>

namespace ringback {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// A session whose effects are carried out as words, by a host that confirms when told to.
class Rehearsal {
public:
    explicit Rehearsal(std::vector<std::string> classes = {"Menu", "Ringback"})
        : session_{{.master = "10.0.0.7:5557", .user_classes = std::move(classes)}, now_} {}

    /// Has come, by now, to `ready` under the id "w_1".
    void join() {
        session_.connected("w_1", now_);
        CHECK(done() == Words{"client_ready w_1 -1"});
        receive("ack", {{"index", 0}});
        CHECK(done() == Words{"note: worker 0 of the Locust master at 10.0.0.7:5557"});
        CHECK(session_.state() == LocustState::ready);
    }

    void spawn(const json& users, double timestamp, double grace = 0) {
        receive("spawn", {{"timestamp", timestamp},
                          {"user_classes_count", users},
                          {"host", "http://target"},
                          {"stop_timeout", grace},
                          {"parsed_options", {{"tags", {"a"}}}}});
    }

    /// joined and with these users, all of it looked at.
    void run(const json& users) {
        join();
        spawn(users, 1);
        confirm_users();
        done();
        REQUIRE(session_.state() == LocustState::running);
    }

    void receive(const std::string& type, const json& data = nullptr) {
        const auto bytes = json::to_msgpack(json::array({type, data, "w_1"}));
        session_.received({reinterpret_cast<const char*>(bytes.data()), bytes.size()},  // NOLINT
                          now_);
        take();
    }

    void confirm_users() {
        session_.users_set(users_turn_, now_);
        take();
    }
    void confirm_stop() {
        session_.users_stopped(stop_turn_, now_);
        take();
    }

    /// Lets time pass, waking the session exactly when it says that something is due.
    void pass(std::chrono::nanoseconds span) {
        const WallInstant end = now_ + span;
        for (auto due = session_.next_due(); due && *due <= end; due = session_.next_due()) {
            now_ = std::max(now_, *due);
            session_.advance(now_);
            take();
        }
        now_ = end;
    }

    using Words = std::vector<std::string>;
    /// What was done since the last time it was asked.
    Words done() {
        take();
        return std::exchange(words_, {});
    }

    std::size_t count_done(const std::string& word) {
        const Words words = done();
        return static_cast<std::size_t>(std::ranges::count(words, word));
    }

    LocustSession& session() { return session_; }
    [[nodiscard]] WallInstant now() const { return now_; }
    std::uint64_t users_turn() const { return users_turn_; }

private:
    struct Doing {
        Rehearsal& to;
        void operator()(const LocustSend& effect) const { to.sent(effect.frame); }
        void operator()(const LocustBeat&) const { to.sent(to.session_.heartbeat({1.5, 7})); }
        void operator()(const LocustReport&) const {
            for (const std::string& frame : to.session_.report(LocustStats{LocustTime{}})) {
                to.sent(frame);
            }
        }
        void operator()(const LocustForget&) const { to.words_.emplace_back("forget"); }
        void operator()(const LocustBegin& effect) const {
            to.words_.push_back("begin " + effect.test.host + " " + effect.test.options.dump());
        }
        void operator()(const LocustSetUsers& effect) const {
            to.users_turn_ = effect.turn;
            to.words_.push_back("set " + json(effect.users).dump() + " grace " +
                                std::to_string(effect.grace.count()));
        }
        void operator()(const LocustStopUsers& effect) const {
            to.stop_turn_ = effect.turn;
            to.words_.push_back("stop, grace " + std::to_string(effect.grace.count()));
        }
        void operator()(const LocustReconnect&) const { to.words_.emplace_back("reconnect"); }
        void operator()(const LocustNote& effect) const {
            to.words_.push_back("note: " + effect.text);
        }
        void operator()(const LocustFinish& effect) const {
            to.words_.push_back(effect.error ? "finish: " + to_text(*effect.error) : "finish");
        }
    };

    void take() {
        for (const LocustEffect& effect : session_.take_effects()) {
            std::visit(Doing{*this}, effect);
        }
    }

    /// "type id", and of some messages what they say.
    void sent(const std::string& frame) {
        // The keys of a report's tables are numbers; what is looked at here stands behind them.
        if (frame.starts_with("\x93\xa5stats")) {
            words_.push_back("stats");
            return;
        }
        const json message = json::from_msgpack(frame);
        REQUIRE(message.size() == 3);
        std::string word = message[0].get<std::string>() + " " + message[2].get<std::string>();
        if (const json& data = message[1];
            data.is_object() && data.contains("user_classes_count")) {
            word += " " + data["user_classes_count"].dump() + " = " + data["user_count"].dump();
        } else if (data.is_object() && data.contains("state")) {
            word += " " + data["state"].get<std::string>();
        } else if (!data.is_null()) {
            word += " " + data.dump();
        }
        words_.push_back(word);
    }

    WallInstant now_{1h};
    LocustSession session_;
    Words words_;
    std::uint64_t users_turn_{0};
    std::uint64_t stop_turn_{0};
};

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
    r.confirm_stop();
    CHECK(r.done().back() == "finish");
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

    Rehearsal alone;
    alone.session().leave(alone.now());
    CHECK(alone.done() == Words{"stop, grace 0"});
    alone.confirm_stop();
    CHECK(alone.done() == Words{"finish"});
}

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
