#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "simulator/core/time.h"

namespace ringback {

/// One journal entry as a script sees it.
struct Happening {
    enum class Kind : std::uint8_t {
        request,  // the receiver asked the API for something, and was answered
        event,    // an event came to be owed to the receiver
        answer,   // one try to deliver it has ended
        other,
    };
    Kind kind{Kind::other};
    std::uint64_t seq{0};
    Instant at{};               // modelled
    WallInstant wall{};         // when it was recorded; of an answer: when it came
    nlohmann::json entry;       // as harness/record/README.md describes it
    std::string event;          // "speak.started"; of events and answers
    std::uint64_t delivery{0};  // of events and answers
    nlohmann::json message;     // requests: {"body", "query"}; events and answers: the payload

    [[nodiscard]] std::string method() const;
    [[nodiscard]] std::string path() const;  // without query
    [[nodiscard]] int status() const;        // of a request or an answer; 0 = none
};

/// Reads an entry; `seq`, `at` and `wall` are the entry's own.
[[nodiscard]] Happening happening_of(nlohmann::json entry, Instant at, WallInstant wall);

/// "speak.started" of an event's name and payload; the name alone where it has no phases.
[[nodiscard]] std::string event_name(std::string_view event, const nlohmann::json& payload);

/// Does the name of a send ("speak", "speak.started") mean that event?
[[nodiscard]] bool means_event(std::string_view wanted, std::string_view event);

/// Does "/v1/users/u/calls/*" mean that path? '*' is one segment, a final "**" any rest.
[[nodiscard]] bool means_path(std::string_view pattern, std::string_view path);

}  // namespace ringback
