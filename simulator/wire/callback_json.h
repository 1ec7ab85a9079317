#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/event.h"
#include "simulator/core/route.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// When answer and incomingcall carry displayName and withhold* (spec v1 section 9, row 14).
///
/// documented  GET form only, and not in the answer of a transfer's leg B
/// always      in the POST form too (displayName and withholdCallerNumber), and for leg B
/// none        in neither form
enum class CallerFields : std::uint8_t { documented, always, none };

/// What the text of an event depends on besides the event.
struct CallbackText {
    const IdCodec* ids{nullptr};  // never null
    std::string public_base;      // {public}: "https://api.catapult.inetwork.com", without "/v1"
    CallerFields caller_fields{CallerFields::documented};
};

/// The ids an event names, as text; empty where it names none.
struct EventIds {
    std::string_view user;  // as in a path, percent-encoded where needed
    std::string_view call;
    std::string_view gather;
    std::string_view recording;
    std::string_view transcription;
};

/// Appends what a receiver is sent of an event: the JSON body (post) or the query without '?'
/// (get).
///
/// Shape   members and their order as in fixtures/v1-events.json; what does not apply is left out.
/// Units   times are UTC, ISO 8601, whole seconds. text is cropped at 1,026 characters.
/// Needs   the detail that belongs to the event's type; another one is our bug and aborts.
/// Source  spec v1 3.1-3.3; conferences, 3.4, and messages, 3.5, are written by
///         conference_callback.h and message_callback.h.
void append_callback(std::string& out, const Event& event, Method method,
                     std::string_view user_name, std::uint64_t user_hash, const CallbackText& text);

/// The same with the ids given; for events of calls.
void append_callback(std::string& out, const Event& event, Method method, const EventIds& ids,
                     std::string_view public_base, CallerFields caller_fields);

}  // namespace ringback
