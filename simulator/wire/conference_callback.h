#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/event.h"
#include "simulator/core/route.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// The ids an event of a conference names, as text; empty where it names none.
struct ConferenceEventIds {
    std::string_view user;  // as in a path, percent-encoded where needed
    std::string_view conference;
    std::string_view member;
    std::string_view call;  // the member's
};

/// Appends what a receiver is sent of an event of a conference; append_callback comes here with
/// them.
///
/// Shape   members and their order as in fixtures/v1-events.json; what does not apply is left out.
///         hold and mute are booleans, activeMembers is a number.
/// Needs   a ConferenceDetail (conference, conference-member) or an AudioDetail; another one is our
///         bug and aborts.
/// Source  spec v1 3.1, 3.4.
void append_conference_callback(std::string& out, const Event& event, Method method,
                                std::string_view user_name, std::uint64_t user_hash,
                                const IdCodec& ids, std::string_view public_base);

/// The same with the ids given.
void append_conference_callback(std::string& out, const Event& event, Method method,
                                const ConferenceEventIds& ids, std::string_view public_base);

}  // namespace ringback
