#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/locust/locust_session.h"

namespace ringback::test {

using namespace std::chrono_literals;
using nlohmann::json;

/// A session whose effects are carried out as words, by a host that confirms when told to.
class LocustRehearsal {
public:
    explicit LocustRehearsal(std::vector<std::string> classes = {"Menu", "Ringback"})
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
        LocustRehearsal& to;
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

}  // namespace ringback::test
