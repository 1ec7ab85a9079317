#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/probe/behaviour.h"

namespace ringback::test {

/// The journal of a run in which one receiver has a call, or more, as probes read it. Its ids begin
/// with what tells this run from others.
class ProbedCall {
public:
    explicit ProbedCall(std::string run = "one")
        : call_{"c-" + run + "-0000001"}, run_{std::move(run)} {}

    /// It comes to be owed, and is answered.
    ProbedCall& event(const std::string& event, nlohmann::json payload = nlohmann::json::object(),
                      int status = 200) {
        return owes(event, std::move(payload)).answers(status);
    }
    ProbedCall& speak(const std::string& phase) { return event("speak", {{"status", phase}}); }
    ProbedCall& owes(const std::string& event, nlohmann::json payload = nlohmann::json::object()) {
        payload["callId"] = call_;
        event_ = event;
        return add({{"kind", "event"},
                    {"call", call_},
                    {"delivery", ++deliveries_},
                    {"event", event},
                    {"payload", std::move(payload)}});
    }
    /// A fault that the last event meets; `flag`: "lost", "altered".
    ProbedCall& meets(const std::string& flag) {
        return add({{"kind", "fault"},
                    {"fault", "any"},
                    {"call", call_},
                    {"event", event_},
                    {"delivery", deliveries_},
                    {flag, true}});
    }
    /// The fake's own: the same event once more.
    ProbedCall& again(const std::string& event, int status = 200) {
        event_ = event;
        add({{"kind", "fault"},
             {"fault", "duplicate"},
             {"call", call_},
             {"delivery", ++deliveries_},
             {"event", event},
             {"extra", true}});
        return answers(status);
    }
    /// What comes now is of another of its calls: '2' is the second.
    ProbedCall& of_call(char number) {
        call_.back() = number;
        return *this;
    }
    /// To what came last, which was sent just before, or before the last `entries` of the journal.
    /// `attempt` 0: it was sent badly on purpose.
    ProbedCall& answers(int status, int attempt = 1, std::size_t entries = 0) {
        add({{"kind", "attempt"},
             {"call", call_},
             {"delivery", deliveries_},
             {"event", event_},
             {"attempt", attempt},
             {"end", "answered"},
             {"status", status},
             {"outcome", "delivered"}});
        entries_.back()["wall"]["sent_us"] = now() - 1000 * entries - 500;
        return *this;
    }
    /// Nobody answers what came last; `end` as the journal has it: "could_not_connect".
    ProbedCall& fails(const std::string& end) {
        return add({{"kind", "attempt"},
                    {"call", call_},
                    {"delivery", deliveries_},
                    {"event", event_},
                    {"attempt", 1},
                    {"end", end},
                    {"outcome", "failed"}});
    }
    /// The receiver asks for something; `fate` where a fault has met its answer.
    ProbedCall& asks(const std::string& path, nlohmann::json body, int status = 200,
                     const std::string& method = "POST", const std::string& fate = {}) {
        nlohmann::json entry{{"kind", "api"},
                             {"method", method},
                             {"path", "/v1/users/u/calls/" + call_ + path},
                             {"status", status}};
        entry["request"] = std::move(body);
        if (path == "/gather") {
            entry["location"] =
                "http://h/v1/users/u/calls/" + call_ + "/gather/g-" + run_ + "-0000001";
        }
        if (!fate.empty()) {
            entry["fault"] = "fail";
            entry["fate"] = fate;
        }
        return add(std::move(entry));
    }
    ProbedCall& says(const std::string& sentence, int status = 200, const std::string& fate = {}) {
        return asks("/audio", {{"sentence", sentence}}, status, "POST", fate);
    }
    /// The call was placed by ringback, or by the receiver.
    ProbedCall& placed(bool by_ringback) {
        nlohmann::json entry{
            {"kind", "api"}, {"method", "POST"}, {"path", "/v1/users/u/calls"}, {"status", 201}};
        if (by_ringback) {
            entry["own"] = true;
        }
        return add(std::move(entry));
    }
    ProbedCall& becomes(const std::string& state) {
        return add({{"kind", "state"}, {"call", call_}, {"before", "x"}, {"after", state}});
    }
    /// What the receiver answered when it was told to place the call; `end` as the journal has it.
    ProbedCall& kicked(int status, const std::string& end = "answered") {
        kick_ = KickAnswer{end, status};
        return *this;
    }

    [[nodiscard]] RunRecord record() const {
        RunRecord run;
        run.scenario = "menu";
        run.kick = kick_;
        run.entries = entries_;
        return run;
    }
    [[nodiscard]] Behaviour behaviour() const { return behaviour_in(record()); }

private:
    ProbedCall& add(nlohmann::json entry) {
        entry["seq"] = entries_.size() + 1;
        entries_.push_back(std::move(entry));
        entries_.back()["wall"] = {{"at_us", now()}};
        return *this;
    }
    /// Microseconds.
    [[nodiscard]] std::size_t now() const { return 1000 * entries_.size(); }

    std::string call_;
    std::string run_;
    std::string event_;
    std::uint64_t deliveries_{0};
    std::optional<KickAnswer> kick_{};
    std::vector<nlohmann::json> entries_;
};

/// Answered, greeted, asked for a digit, hung up.
[[nodiscard]] inline ProbedCall menu_call(const std::string& run) {
    ProbedCall call{run};
    call.placed(true).becomes("active").event("answer").says("Hello");
    call.speak("started").speak("done");
    call.asks("/gather", {{"maxDigits", 1}}, 201)
        .event("dtmf")
        .event("gather", {{"gatherId", "g-" + run + "-0000001"}});
    return call.asks("", {{"state", "completed"}}).becomes("completed").event("hangup");
}

}  // namespace ringback::test
