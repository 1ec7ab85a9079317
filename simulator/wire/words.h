#pragma once

#include <string_view>

#include "simulator/core/bridge.h"
#include "simulator/core/call.h"
#include "simulator/core/conference.h"
#include "simulator/core/delivery.h"
#include "simulator/core/domains.h"
#include "simulator/core/event.h"
#include "simulator/core/faults.h"
#include "simulator/core/ledger.h"
#include "simulator/core/message.h"

namespace ringback {

// The API's own words for what the core knows as enumerators. Source: the tables of spec v1 2
// and 3.
[[nodiscard]] std::string_view word(CallState state);
[[nodiscard]] std::string_view word(Direction direction);
[[nodiscard]] std::string_view word(Cause cause);
[[nodiscard]] std::string_view word(EventType type);
[[nodiscard]] std::string_view word(GatherReason reason);
[[nodiscard]] std::string_view word(RecordingFormat format);
[[nodiscard]] std::string_view word(Recording::State state);
[[nodiscard]] std::string_view word(Transcription::State state);
[[nodiscard]] std::string_view word(LogEntry::Name name);
[[nodiscard]] std::string_view word(Method method);
[[nodiscard]] std::string_view word(MessageState state);
[[nodiscard]] std::string_view word(ReceiptRequested receipts);
/// deliveryState; "" for none.
[[nodiscard]] std::string_view word(ReceiptState receipt);
[[nodiscard]] std::string_view word(BridgeState state);
[[nodiscard]] std::string_view word(ConferenceState state);
[[nodiscard]] std::string_view word(KeyProfile profile);
/// The state of a member.
[[nodiscard]] constexpr std::string_view member_word(bool left) {
    return left ? "completed" : "active";
}
/// What an id of one is called: "callId", "messageId", "conferenceId".
[[nodiscard]] std::string_view id_name(Resource what);

/// productType.
[[nodiscard]] std::string_view word(Product product);

// The journal's words (harness/record/README.md).
[[nodiscard]] std::string_view word(DomainChanged::What what);
[[nodiscard]] std::string_view word(DomainChanged::How how);
[[nodiscard]] std::string_view word(Resource what);
[[nodiscard]] std::string_view word(AttemptEnd end);
[[nodiscard]] std::string_view word(DeliveryState state);
[[nodiscard]] std::string_view word(AnswerFate fate);

}  // namespace ringback
