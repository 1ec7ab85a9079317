#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "simulator/core/message.h"

namespace ringback {

/// A deliveryCode and what the API says about it. Source: spec v1 2.4.
struct DeliveryCode {
    std::uint16_t code{};
    std::string_view description;
};
/// All of them, in rising order; 0 is the one of a delivered message.
[[nodiscard]] std::span<const DeliveryCode> delivery_codes();
/// "Unknown error", what the table says of 999, for a code that is not in it.
[[nodiscard]] std::string_view delivery_description(std::uint16_t code);

/// How POST messages refuses a magic number; `none`: the message is taken.
enum class MessageRefusal : std::uint8_t {
    none,
    restricted_number,
    message_from_toll_free,
    message_rate_limit,
    message_delay_limit,
};

/// A `to` number whose last five digits choose what becomes of a message. Those of delivery codes
/// are 98 and the code.
struct MessageNumber {
    std::string_view suffix;  // "98720"
    std::string_view about;   // one line for the README and `ringback help numbers`
    MessageFate fate{};
    MessageRefusal refusal{MessageRefusal::none};
};

/// All magic suffixes in order; held against the README by a test.
[[nodiscard]] std::span<const MessageNumber> message_numbers();
/// The entry whose suffix `number` ends in, or null.
[[nodiscard]] const MessageNumber* message_number(std::string_view number);

/// What `fate` is for an SMS or MMS. There are no receipts for an MMS (spec v1 2.4), so one that
/// would not be delivered cannot be sent, which is the only way to be told.
[[nodiscard]] MessageFate fate_of(MessageFate fate, bool mms);
/// What becomes of a message to `number`: the magic table's answer, else it is delivered.
[[nodiscard]] MessageFate message_fate_for(std::string_view number, bool mms);

}  // namespace ringback
