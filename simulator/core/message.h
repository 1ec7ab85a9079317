#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/core/direction.h"
#include "simulator/core/ids.h"
#include "simulator/core/route.h"
#include "simulator/core/time.h"

namespace ringback {

enum class MessageState : std::uint8_t { received, queued, sending, sent, error };

/// Which delivery receipts are told (receiptRequested).
enum class ReceiptRequested : std::uint8_t { none, all, error };

/// The API's deliveryState. A "delivery" without "receipt" is always a callback's: delivery.h.
enum class ReceiptState : std::uint8_t { none, waiting, delivered, not_delivered };

/// What the telephone network makes of a message, fixed when it is created.
struct MessageFate {
    enum class What : std::uint8_t { delivered, not_delivered, not_sent };
    What what{What::delivered};
    std::uint16_t code{0};  // why not, as deliveryCode; 0: nothing is said about it

    friend bool operator==(const MessageFate&, const MessageFate&) = default;
};

/// One text or picture message. A value: copy it, compare it, print it.
struct Message {
    CallId id{};  // also its strand
    RouteRef route{};
    std::string from;
    std::string to;
    std::string text;                // "" after a redaction; see shown_text
    std::vector<std::string> media;  // out: URLs; in: names of the parts, "photo.jpg"; none: an SMS
    std::string tag;
    std::string application_id;  // inbound
    Instant created_at{};
    Duration queued_for{};     // before it is its turn
    Instant sent_at{never};    // outbound: when it is handed to the carrier, or cannot be
    std::uint64_t sort_key{};  // rises with every message of the user: spec v1 2.4, sortKeyLT
    std::uint32_t draws{0};    // how often its random stream was used
    std::uint16_t segments{1};
    std::uint16_t code{0};  // deliveryCode; has_code says whether there is one
    std::uint16_t serial{0};
    MessageFate fate{};
    Direction direction{Direction::out};
    MessageState state{MessageState::queued};
    ReceiptRequested receipts{ReceiptRequested::none};
    ReceiptState receipt{ReceiptState::none};

    friend bool operator==(const Message&, const Message&) = default;
};

/// What a message starts with: POST messages, or one from the telephone network.
struct NewMessage {
    Direction direction{Direction::out};
    std::string from;
    std::string to;
    std::string text;
    std::vector<std::string> media;
    std::string tag;
    std::string application_id;  // inbound
    RouteRef route{};
    ReceiptRequested receipts{ReceiptRequested::none};
    std::uint16_t segments{1};
    std::optional<MessageFate> fate{};  // default: message_fate_for(to)
    Duration queued_for{};              // with rate limits: behind those before it

    friend bool operator==(const NewMessage&, const NewMessage&) = default;
};

[[nodiscard]] inline bool is_mms(const Message& message) { return !message.media.empty(); }

/// Whether deliveryCode and deliveryDescription are there: with a final deliveryState.
[[nodiscard]] constexpr bool has_code(ReceiptState receipt) {
    return receipt == ReceiptState::delivered || receipt == ReceiptState::not_delivered;
}

/// Nothing more happens to it by itself.
[[nodiscard]] constexpr bool is_settled(const Message& message) {
    return message.state == MessageState::received || message.state == MessageState::error ||
           (message.state == MessageState::sent && message.receipt != ReceiptState::waiting);
}

/// How long the text of a message is kept. Source: spec v1 2.4, 7.2.
inline constexpr std::chrono::hours message_text_kept{72};

/// The text as anybody may see it at `now`: "" after a redaction or once it is not kept any more.
/// Asked for, not timed: a clock that jumps must not be led three days on by every message.
[[nodiscard]] inline std::string_view shown_text(const Message& message, Instant now) {
    return now >= message.created_at + message_text_kept ? std::string_view{}
                                                         : std::string_view{message.text};
}

/// Where a message stands in lists: creation in epoch milliseconds and, in the six digits behind
/// them, its place within that millisecond. `before`: the key of the user's message before; 0 for
/// the first.
[[nodiscard]] std::uint64_t message_sort_key(Instant created_at, std::uint64_t before);

}  // namespace ringback
