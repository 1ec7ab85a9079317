#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "simulator/wire/query_object.h"
#include "tests/support/fake_network.h"
#include "tests/support/fault_rules.h"

namespace ringback::test {

/// Calls that are made, have keys pressed and are hung up at fixed times of a jumping clock, under
/// a plan of faults; and what the receiver saw.
class FaultBench {
public:
    explicit FaultBench(std::vector<FaultRule> rules,
                        SimulatorSettings settings = FakeNetwork::jumping())
        : network{with(std::move(settings), std::move(rules))} {
        started = network.simulator.now();
        network.transport.respond = [this](const FakeTransport::Sent& sent) {
            const auto after = network.simulator.now() - started;
            seen.emplace_back(text_of(sent),
                              std::chrono::duration_cast<std::chrono::milliseconds>(after).count());
            return answer ? answer(sent) : 200;
        };
    }

    /// One that is answered in time, has `keys` pressed from 10 s on, one each 100 ms, and is hung
    /// up at 20 s.
    void make_call(const std::string& keys = "123", const std::string& more = "") {
        const Response made = network.request("POST", "/v1/users/u-test/calls",
                                              R"({"from":"+19195550123","to":"+19195550187",)"
                                              R"("callbackUrl":"http://127.0.0.1:9000/cb")" +
                                                  more + "}");
        REQUIRE(made.status == 201);
        const CallId call = last_call();
        Duration when = std::chrono::seconds{10};
        for (const char key : keys) {
            act_at(when, call, PressKeys{std::string{key}});
            when += std::chrono::milliseconds{100};
        }
        act_at(std::chrono::seconds{20}, call, FarEndHangsUp{});
    }
    void act_at(Duration after, CallId call, Input input) {
        network.simulator.at(started + after, [this, call, input = std::move(input)] {
            network.simulator.act(call, input);
        });
    }
    [[nodiscard]] CallId last_call() {
        const User& user = network.simulator.engine().user("u-test");
        return user.calls.find(user.calls.next_number() - 1)->id;
    }
    void play() { REQUIRE(network.until_quiet()); }
    /// So far and no further.
    void advance(Duration by) {
        bool there = false;
        network.simulator.advance(by, [&] { there = true; });
        REQUIRE(run_until(network.loop, [&] { return there; }));
    }

    /// "answer", "dtmf 1", "hangup": as it came to the receiver.
    [[nodiscard]] std::vector<std::string> came() const {
        std::vector<std::string> texts;
        for (const auto& [text, after_ms] : seen) {
            texts.push_back(text);
        }
        return texts;
    }
    /// Modelled milliseconds since the start, of the first that came with that text.
    [[nodiscard]] long came_at(const std::string& text) const {
        for (const auto& [came, after_ms] : seen) {
            if (came == text) {
                return after_ms;
            }
        }
        return -1;
    }
    [[nodiscard]] std::vector<nlohmann::ordered_json> entries(const std::string& kind) const {
        std::vector<nlohmann::ordered_json> found;
        for (const auto& entry : network.history.entries) {
            if (entry["kind"] == kind) {
                found.push_back(entry);
            }
        }
        return found;
    }
    [[nodiscard]] nlohmann::json user_errors() {
        return nlohmann::json::parse(network.request("GET", "/v1/users/u-test/errors").body);
    }

    static std::string text_of(const FakeTransport::Sent& sent) {
        const nlohmann::json said = sent.method == Method::get
                                        ? query_object(sent.payload)
                                        : nlohmann::json::parse(sent.payload);
        std::string text = said.value("eventType", std::string{});
        for (const char* const member : {"dtmfDigit", "status"}) {
            if (said.contains(member) && said[member].is_string()) {
                text += " " + said[member].get<std::string>();
            }
        }
        return text;
    }

    Instant started{};
    std::vector<std::pair<std::string, long>> seen;  // what, and when of the modelled clock
    std::function<int(const FakeTransport::Sent&)> answer;
    FakeNetwork network;

private:
    static SimulatorSettings with(SimulatorSettings settings, std::vector<FaultRule> rules) {
        settings.faults.rules = std::move(rules);
        return settings;
    }
};

}  // namespace ringback::test
