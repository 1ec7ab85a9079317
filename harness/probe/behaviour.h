#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/script/verdict.h"
#include "simulator/core/faults.h"

namespace ringback {

/// Something that the receiver asked the API for, and was done or refused by the API itself.
/// Looking (GET) is none, nor is what a fault refused: nothing came of it, and it may be asked for
/// again.
struct Effect {
    std::string method;
    std::string path;     // ids by their names: "/v1/users/u/calls/{call}/audio"
    nlohmann::json body;  // likewise; null: none
    std::string answer;   // "2xx": the class of what it was answered
    std::uint64_t seq{0};
    bool is_free{
        true};  // no callback was waiting for its answer: what comes of it could come at once
    std::int64_t at{0};  // wall time, microseconds
};

/// A callback that the receiver did not take as it should.
struct BadAnswer {
    std::string event;   // "speak.done"
    std::string answer;  // "500", "timed_out"
    std::uint64_t seq{0};
};

/// What became of a call.
struct CallEnd {
    std::string call;   // "{call}"
    std::string state;  // "completed"
    bool is_over{false};
    std::uint64_t seq{0};  // of its last change
};

/// An event as a rule of a fault plan can name it: the n-th of its call that the filter is for.
struct ToldEvent {
    std::string name;  // "speak.done"
    std::string call;  // "{call}"
    EventFilter filter;
    std::uint32_t nth{1};
    std::uint64_t seq{0};
    std::uint64_t delivery{0};
};

/// An event from before its call's end that was first sent behind it.
struct LateEvent {
    std::string name;             // "speak.done"
    std::string call;             // "{call}"
    std::uint64_t seq_before{0};  // of what was last asked for before it was sent; 0: nothing
};

/// What a run came to, as far as two runs of one scenario can be compared. In the order of the
/// journal.
struct Behaviour {
    std::vector<Effect> effects;
    std::vector<BadAnswer> bad_answers;
    std::vector<CallEnd> calls;
    std::vector<ToldEvent> events;
    std::vector<std::string> lost;  // events that a fault has dropped, by name
    std::vector<LateEvent> late;
    std::optional<KickAnswer> kick{};
    /// Where the receiver said something that later events may come of: requests, documents.
    std::vector<std::uint64_t> said;
    /// Wall time from the last thing that could set it off to a request of the receiver's, at most.
    std::chrono::milliseconds slowest_reaction{};
};

/// `entries` as harness/record/README.md describes them. Nothing in them throws: bodies are
/// whatever the receiver has sent.
[[nodiscard]] Behaviour behaviour_of(const std::vector<nlohmann::json>& entries);
/// The same of a whole run: with what was answered to its kick, which no entry tells.
[[nodiscard]] Behaviour behaviour_in(const RunRecord& run);

/// Members that are another in every run, such as a time or a number of the receiver's own: found
/// by comparing two runs in which nothing was wrong. "POST /v1/users/u/calls#/tag".
using Volatile = std::set<std::string>;
[[nodiscard]] Volatile volatile_members(const Behaviour& one, const Behaviour& other);

/// "POST /v1/users/u/calls/{call}/audio {"sentence":"Hello"}"; volatile members are "*".
[[nodiscard]] std::string text_of(const Effect& effect, const Volatile& leave_out = {});

/// "speak.done", "2nd speak.done", ...
[[nodiscard]] std::string text_of(const ToldEvent& event);

}  // namespace ringback
