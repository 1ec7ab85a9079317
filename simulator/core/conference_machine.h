#pragma once

#include <optional>
#include <string>
#include <variant>

#include "simulator/core/call_machine.h"
#include "simulator/core/conference.h"
#include "simulator/core/effects.h"
#include "simulator/core/input.h"

namespace ringback {

/// POST conferences/{id}; absent members are not to be changed.
struct UpdateConference {
    bool completes{false};
    std::optional<bool> hold{};
    std::optional<bool> mute{};
    std::optional<RouteRef> route{};
    std::optional<std::string> tag{};
};

/// POST conferences/{id}/members.
struct AddMember {
    CallId call{};
    bool join_tone{false};
    bool leaving_tone{false};
    bool mute{false};
    bool hold{false};
    // What the call is, which the engine adds.
    CallState call_state{};
    bool under_document{false};
    CallId tied_to{};        // the conference the call is tied to
    bool conferring{false};  // as an active member
};

/// POST conferences/{id}/members/{id}; absent members are not to be changed.
struct UpdateMember {
    std::uint32_t member{};  // from 1
    bool leaves{false};
    std::optional<bool> join_tone{};
    std::optional<bool> leaving_tone{};
    std::optional<bool> mute{};
    std::optional<bool> hold{};
};

/// What a call reports that belongs to the conference.
struct GroupTold {
    CallId call{};
    GroupNews news{};
};

/// What can happen to a conference. It begins and is woken as a call is, and plays what calls play.
using ConferenceInput = std::variant<Begin, TimerFired, UpdateConference, AddMember, UpdateMember,
                                     Play, StopPlaying, GroupTold>;

/// What it was, what happened and when -> what it becomes and what must be done; the rules are
/// those of a call's step(). Of a Timer the serial and the arg count (ConferenceTimer).
Outcome step(Conference& conference, const ConferenceInput& input, const Turn& turn,
             Effects& effects);

/// Builds the conference a NewConference describes, still before Begin.
[[nodiscard]] Conference make_conference(NewConference&& wanted, CallId id, Instant now);

/// False once the conference has moved on from what the timer was for.
[[nodiscard]] bool is_live(const Conference& conference, const Timer& timer);

/// True while something of this conference is still to come: it may not be forgotten yet.
[[nodiscard]] bool has_unfinished_business(const Conference& conference);

}  // namespace ringback
