#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/load.h"
#include "harness/script/checks.h"

namespace ringback::test {

using nlohmann::json;

inline Instant at(Duration time) { return Instant{} + time; }
inline WallInstant wall(Duration time) { return WallInstant{} + time; }

/// A scenario of these steps, and what happens to it, told entry by entry.
class Rehearsal {
public:
    explicit Rehearsal(const std::string& members, std::optional<Leniency> lenient = {})
        : Rehearsal{
              read_scenario(
                  "test.json",
                  R"({"version":1,"name":"test","vars":{"userId":"u-1"},)" + members + "}", {}),
              lenient} {}
    /// Of a whole file.
    static Rehearsal of(const std::string& text) {
        return Rehearsal{read_scenario("test.json", text, {})};
    }
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;

    /// From now on requests are about that call.
    void requests_are_about(std::string call) { asked_about_ = std::move(call); }
    /// The receiver asks the API for something.
    void request(const std::string& method, const std::string& path, const json& body,
                 int status = 200, const std::string& location = {}) {
        json entry{{"kind", "api"}, {"method", method}, {"path", path}, {"status", status}};
        entry["request"] = body;
        if (!asked_about_.empty()) {
            entry["call"] = asked_about_;
        }
        if (!location.empty()) {
            entry["location"] = location;
        }
        tell(entry);
    }
    /// The same, where a fault has decided the answer; `fate` as the journal has it.
    void request_met(const std::string& fault, const std::string& fate, const std::string& path,
                     const json& body, int status, const std::string& location = {}) {
        json entry{{"kind", "api"},    {"method", "POST"}, {"path", path},
                   {"status", status}, {"fault", fault},   {"fate", fate}};
        entry["request"] = body;
        if (!asked_about_.empty()) {
            entry["call"] = asked_about_;
        }
        if (!location.empty()) {
            entry["location"] = location;
        }
        tell(entry);
    }
    void audio(const std::string& sentence) {
        request("POST", "/v1/users/u-1/calls/c-1/audio", {{"sentence", sentence}});
    }
    /// An event comes to be owed, and is answered.
    std::uint64_t event(const std::string& type, json payload = json::object()) {
        payload["eventType"] = type;
        tell({{"kind", "event"},
              {"event", type},
              {"delivery", ++delivery_},
              {"payload", payload},
              {"call", "c-1"}});
        return delivery_;
    }
    void answer(std::uint64_t delivery, const std::string& type, int status,
                const std::string& outcome = "delivered", int attempt = 1,
                const json& body = json()) {
        tell({{"kind", "attempt"},
              {"event", type},
              {"delivery", delivery},
              {"attempt", attempt},
              {"unheard", unheard_[delivery]},
              {"status", status},
              {"end", "answered"},
              {"outcome", outcome},
              {"call", "c-1"},
              {"reply", body},
              {"wall", {{"sent_us", 0}, {"last_byte_us", 3000}}}});
    }
    /// A try of it finds its kept connection ended, and is made again; the answer is to come.
    void sending_is_lost(std::uint64_t delivery, const std::string& type) {
        const int attempt = ++unheard_[delivery];
        tell({{"kind", "attempt"},
              {"event", type},
              {"delivery", delivery},
              {"attempt", attempt},
              {"unheard", attempt},
              {"end", "broken"},
              {"error", "the kept connection had ended"},
              {"sent_again", true},
              {"outcome", "owed"},
              {"call", "c-1"},
              {"wall", {{"ended_us", 3000}}}});
    }
    /// One that the event of that delivery meets; `flag`: "lost", "altered", "extra" or "".
    void fault(std::uint64_t delivery, const std::string& type, const std::string& flag) {
        json entry{{"kind", "fault"},
                   {"fault", "any"},
                   {"delivery", delivery},
                   {"event", type},
                   {"call", "c-1"}};
        if (!flag.empty()) {
            entry[flag] = true;
        }
        tell(entry);
    }
    void later(Duration modelled, Duration real) {
        now_ += modelled;
        wall_ += real;
        script_->time_is(at(now_), wall(wall_));
    }
    void until(Instant modelled) {
        now_ = std::max(now_, modelled - at({}));
        script_->time_is(at(now_), wall(wall_));
    }
    void nothing_to_come() { script_->nothing_to_come(at(now_), wall(wall_)); }

    Script& script() { return *script_; }
    /// What it came to; and that the short way to know it, without words, says the same.
    Verdict verdict() {
        const std::map<std::string, json> resources;
        for (const bool of_load : {true, false}) {  // there the fake itself is not looked at
            const Snapshot all{*loaded_.scenario, *script_, all_, resources, !of_load};
            const Verdict told = verdict_of(all);
            const auto names = names_if_held(all, script_->judged());
            CHECK(names.has_value() == (told.result == Judged::Result::passed));
            for (std::size_t at = 0; names && at < std::max(names->size(), told.judged.size());
                 ++at) {
                CHECK(names->at(at) == told.judged.at(at).name);
            }
        }
        return verdict_of({*loaded_.scenario, *script_, all_, resources});
    }
    /// The first thing that did not hold.
    Judged problem() {
        const Verdict told = verdict();
        const auto found = std::ranges::find_if(
            told.judged, [](const Judged& one) { return one.result != Judged::Result::passed; });
        REQUIRE(found != told.judged.end());
        return *found;
    }

private:
    explicit Rehearsal(LoadedScenario loaded, std::optional<Leniency> lenient = {})
        : loaded_{std::move(loaded)} {
        for (const Mistake& mistake : loaded_.mistakes) {
            UNSCOPED_INFO(to_text(mistake));
        }
        REQUIRE(loaded_.scenario.has_value());
        Bindings bindings;
        bindings.vars =
            Shared{nlohmann::json{{"userId", "u-1"}, {"receiver", "http://127.0.0.1:1"}}};
        script_.emplace(*loaded_.scenario, bindings, 42, Shared<Delays>{}, lenient);
        script_->begin(at({}), wall({}));
    }
    void tell(json entry) {
        entry["seq"] = all_.size() + 1;
        wall_ += std::chrono::milliseconds{1};
        all_.emplace_back(std::move(entry), at(now_), wall(wall_));
        script_->happened(all_.back());
    }

    LoadedScenario loaded_;
    std::optional<Script> script_;
    std::vector<Happening> all_;
    Duration now_{};
    Duration wall_{};
    std::uint64_t delivery_{0};
    std::string asked_about_;
    std::map<std::uint64_t, int> unheard_;  // by delivery
};

}  // namespace ringback::test
