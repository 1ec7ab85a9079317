#pragma once

#include <string>
#include <string_view>

#include "simulator/core/message.h"
#include "simulator/wire/call_json.h"

namespace ringback {

/// Appends the message object of spec v1 2.4 as it is at `now` (its text is kept three days). User
/// information in the URLs reads ***; the text is what it is.
void append_message(std::string& out, const Message& message, Instant now,
                    const ResourceText& text);

/// {base}/v1/users/{user}/messages/{id}, unquoted.
void append_message_url(std::string& out, const Message& message, const ResourceText& text);

/// The name under which a received part is kept: "photo.jpg" as "photo-{messageId}.jpg", without an
/// extension "photo-{messageId}". Source: spec v1 1.8.
[[nodiscard]] std::string part_name(std::string_view part, std::string_view message_id);

/// The URL of one of a message's media: as given, or where a received part is kept.
void append_medium_url(std::string& out, const Message& message, std::string_view medium,
                       std::string_view message_id, std::string_view user, std::string_view base);

}  // namespace ringback
