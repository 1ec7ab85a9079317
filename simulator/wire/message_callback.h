#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/core/event.h"
#include "simulator/core/route.h"
#include "simulator/wire/ids.h"

namespace ringback {

/// Appends what a receiver is sent of an sms or mms event; append_callback comes here with them.
///
/// Shape   members and their order as in fixtures/v1-events.json; what does not apply is left out.
///         text is always there and may be empty. media is a list (post) or "[url, url]" (get).
/// Units   deliveryCode is a string of digits, segmentCount a number, time the message's creation.
/// Needs   an event with a MessageDetail; another one is our bug and aborts.
/// Source  spec v1 3.1, 3.5.
void append_message_callback(std::string& out, const Event& event, Method method,
                             std::string_view user_name, std::uint64_t user_hash,
                             const IdCodec& ids, std::string_view public_base);

/// The same with the id given; `user` as in a path.
void append_message_callback(std::string& out, const Event& event, Method method,
                             std::string_view user, std::string_view message_id,
                             std::string_view public_base);

}  // namespace ringback
