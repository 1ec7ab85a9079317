#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/probe/behaviour.h"

namespace ringback {

/// One thing that a disturbed run has and the clean one has not, or the other way round.
struct Deviation {
    enum class Kind : std::uint8_t {
        extra,         // the receiver asked for more
        missing,       // or for less
        other_answer,  // or for the same, and was refused or no longer refused
        bad_answer,    // it did not take a callback
        kick_answer,   // whoever had it place its call was told something else, or nothing
        stuck,         // a call never ends
        other_end,     // a call ends in another state
        broken_off,    // the run could not be played to its end
    };
    Kind kind{};
    std::string what;            // "POST /v1/.../audio {...}", "gather was answered 500"
    std::string than;            // "1 time in the clean run, 2 times here"
    std::uint64_t seq{0};        // in the journal of the disturbed run; 0: it has no place there
    std::uint64_t clean_seq{0};  // in that of the clean run, of what is missing
    std::string event{};         // that was not taken: "speak.done"
};

/// Everything in which they differ, what happened first first; what is missing behind what is too
/// much, then how calls ended. Requests are compared as a multiset: their order is not looked at.
[[nodiscard]] std::vector<Deviation> differences(const Behaviour& clean, const Behaviour& disturbed,
                                                 const Volatile& leave_out);

/// "extra request", "missing request", ...
[[nodiscard]] std::string_view word_of(Deviation::Kind kind);

}  // namespace ringback
