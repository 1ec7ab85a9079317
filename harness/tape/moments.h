#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/tape/tape.h"

namespace ringback {

/// A passage, understood.
struct Moment {  // NOLINT(bugprone-exception-escape): moving ordered_json is not noexcept
    enum class Kind : std::uint8_t {
        event,    // an event and the receiver's answer to it
        command,  // a request to the API
        poke,     // something else that the receiver was asked: perhaps what made it place a call
    };
    Kind kind{};
    const Passage* passage{};
    std::string event;              // "speak.started"
    nlohmann::ordered_json body;    // the payload; discarded when it is no JSON
    std::vector<std::string> path;  // of a command: "v1", "users", "u-1", "calls", ...
    std::string call;               // the call's id; "" when it names none
    std::string made;               // the id of what the command made: a call, a gather
    [[nodiscard]] bool was_accepted() const;
    /// The command's word as a scenario's step may be called: "create", "say", "ask", "bye", ...
    [[nodiscard]] std::string command() const;
    [[nodiscard]] std::string text(const char* member) const;  // of the body; "" when it has none
};

/// What belongs to one call, transfers of it included, in order.
struct CallMoments {
    std::optional<Moment> poke{};    // the last one before the call was made
    std::optional<Moment> create{};  // its POST .../calls, if it passed
    std::vector<Moment> moments;     // all others
};

struct SortedMoments {
    std::vector<CallMoments> calls;
    std::size_t strangers{0};  // requests to the API that belong to no call
    std::size_t unpassed{0};   // and those that nobody was there for
    std::size_t unread{0};     // callbacks that are no event
};

/// Points into `passages`.
[[nodiscard]] SortedMoments sorted_by_call(const std::vector<Passage>& passages);

}  // namespace ringback
