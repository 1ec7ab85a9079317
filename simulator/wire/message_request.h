#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "simulator/core/message.h"
#include "simulator/wire/call_request.h"

namespace ringback {

/// Spec v1 7.2.
inline constexpr std::size_t most_messages_at_once = 50;
inline constexpr std::size_t longest_message_text = 2048;  // characters

/// How many SMS carry the text: 1 up to 160 characters and for an MMS, else one for every 153 that
/// begin. Source: spec v1 2.4.
[[nodiscard]] std::uint16_t segment_count(std::string_view text, bool mms);

/// Whether an inbound MMS may have a part of that name: as phones name them, and fit for a URL.
[[nodiscard]] bool is_part_name(std::string_view name);
inline constexpr std::string_view part_names_are{
    "names of 1..128 characters of A-Z a-z 0-9 - . _ ~"};

/// POST messages, one of the array form included: reads one object against the parameters of spec
/// v1 2.4 and notes the first thing that is wrong, in their order, in the `problems` of `in`; what
/// is returned then is not to be used. `last`: the route of a message read before, as for calls.
[[nodiscard]] NewMessage read_message(const Members& in, const RefuseUrl& refuse_url,
                                      const RouteRef& last = {});

/// PATCH messages/{id}: none if it is {"text":""} and nothing else.
[[nodiscard]] std::optional<ApiError> refuse_redaction(const RequestBody& body);

}  // namespace ringback
