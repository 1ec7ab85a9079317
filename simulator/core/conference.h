#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/core/call.h"
#include "simulator/core/event.h"
#include "simulator/core/ids.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"

namespace ringback {

enum class ConferenceState : std::uint8_t { created, active, completed };

/// Whose the keys are that members press (profile).
///
/// interpret_digits  the conference's: it changes volumes by them, and nobody is told
/// passthru_digits   the call's, as without a conference: dtmf events, gathers
enum class KeyProfile : std::uint8_t { interpret_digits, passthru_digits };

/// Source: spec v1 2.3, 7.2.
inline constexpr std::uint32_t most_active_members = 20;

/// A call's time in a conference; kept when it is over.
struct Member {
    CallId call{};
    Instant added_at{};
    Instant removed_at{never};  // set: it has left
    bool join_tone{false};
    bool leaving_tone{false};
    bool mute{false};  // its own; the conference's holds for all
    bool hold{false};
    bool cut_off{false};  // by its key *: hears nothing until it presses that again

    friend bool operator==(const Member&, const Member&) = default;
};

[[nodiscard]] constexpr bool is_active(const Member& member) { return member.removed_at == never; }

/// A change of a conference whose event is still to be raised.
struct OwedNotice {
    Instant due{};
    ConferenceNotice notice{};

    friend bool operator==(const OwedNotice&, const OwedNotice&) = default;
};

/// What can come due on a conference: the `arg` of its timers.
enum class ConferenceTimer : std::uint8_t { notice, audio };
inline constexpr std::size_t conference_timers = 2;

/// One conference with all that were ever in it. A value: copy it, compare it, print it.
struct Conference {
    CallId id{};  // also its strand
    RouteRef route{};
    std::string from;
    std::string tag;
    Instant created_at{};
    Instant completed_at{never};
    std::vector<Member> members;   // as they came; a member's number is its place, from 1
    std::vector<OwedNotice> owed;  // in the order of what happened, which is that of `due`
    std::optional<Playing> playing{};
    std::uint32_t active_members{0};
    std::uint32_t draws{0};  // how often its random stream was used
    std::array<std::uint16_t, conference_timers> serials{};
    ConferenceState state{ConferenceState::created};
    KeyProfile profile{KeyProfile::interpret_digits};
    bool hold{false};
    bool mute{false};

    friend bool operator==(const Conference&, const Conference&) = default;
};

/// What a conference starts with: POST conferences.
struct NewConference {
    std::string from;
    std::string tag;
    RouteRef route{};
    KeyProfile profile{KeyProfile::interpret_digits};

    friend bool operator==(const NewConference&, const NewConference&) = default;
};

}  // namespace ringback
