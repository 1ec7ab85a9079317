#include "simulator/core/message_numbers.h"

#include <algorithm>
#include <array>

namespace ringback {
namespace {

using What = MessageFate::What;
using Refuse = MessageRefusal;

constexpr std::array code_table{
    DeliveryCode{0, "Message delivered to carrier"},
    DeliveryCode{187, "Statistical spam detected"},
    DeliveryCode{188, "Keyword spam detected"},
    DeliveryCode{189, "Spam detected"},
    DeliveryCode{482, "Loop detected"},
    DeliveryCode{600, "Destination carrier could not accept messages"},
    DeliveryCode{610, "Message submission failed"},
    DeliveryCode{620, "Destination application error"},
    DeliveryCode{630, "Message not acknowledge"},  // spelled as the provider does
    DeliveryCode{650, "Destination Failure"},
    DeliveryCode{700, "Invalid service type"},
    DeliveryCode{720, "Invalid destination number"},
    DeliveryCode{740, "Invalid source number"},
    DeliveryCode{750, "Destination Rejected Message"},
    DeliveryCode{751, "Destination Rejected Message too large"},
    DeliveryCode{770, "Destination Rejected due to spam"},
    DeliveryCode{775, "Rejected due to user opt out"},
    DeliveryCode{902, "Message Expired"},
    DeliveryCode{999, "Unknown error"},
};

constexpr MessageNumber not_delivered(std::string_view suffix, std::string_view about,
                                      std::uint16_t code) {
    return {suffix, about, {What::not_delivered, code}, Refuse::none};
}

// The README carries this table; tests/unit/readme_test.cpp holds the two together.
constexpr std::array numbers{
    MessageNumber{"98000", "cannot be sent: error event", {What::not_sent, 0}, Refuse::none},
    not_delivered("98187", "fails with 187: Statistical spam detected", 187),
    not_delivered("98188", "fails with 188: Keyword spam detected", 188),
    not_delivered("98189", "fails with 189: Spam detected", 189),
    MessageNumber{"98403", "403 restricted-number", {}, Refuse::restricted_number},
    MessageNumber{"98408", "400 message-delay-limit", {}, Refuse::message_delay_limit},
    MessageNumber{"98429", "403 message-rate-limit", {}, Refuse::message_rate_limit},
    not_delivered("98482", "fails with 482: Loop detected", 482),
    not_delivered("98600", "fails with 600: Destination carrier could not accept messages", 600),
    not_delivered("98610", "fails with 610: Message submission failed", 610),
    not_delivered("98620", "fails with 620: Destination application error", 620),
    not_delivered("98630", "fails with 630: Message not acknowledge", 630),
    not_delivered("98650", "fails with 650: Destination Failure", 650),
    not_delivered("98700", "fails with 700: Invalid service type", 700),
    not_delivered("98720", "fails with 720: Invalid destination number", 720),
    not_delivered("98740", "fails with 740: Invalid source number", 740),
    not_delivered("98750", "fails with 750: Destination Rejected Message", 750),
    not_delivered("98751", "fails with 751: Destination Rejected Message too large", 751),
    not_delivered("98770", "fails with 770: Destination Rejected due to spam", 770),
    not_delivered("98775", "fails with 775: Rejected due to user opt out", 775),
    MessageNumber{"98800", "403 message-from-toll-free", {}, Refuse::message_from_toll_free},
    not_delivered("98902", "fails with 902: Message Expired", 902),
    not_delivered("98999", "fails with 999: Unknown error", 999),
};

}  // namespace

std::span<const DeliveryCode> delivery_codes() { return code_table; }

std::string_view delivery_description(std::uint16_t code) {
    const auto* const found =
        std::ranges::find_if(code_table, [&](const DeliveryCode& one) { return one.code == code; });
    return found == code_table.end() ? code_table.back().description : found->description;
}

std::span<const MessageNumber> message_numbers() { return numbers; }

const MessageNumber* message_number(std::string_view number) {
    const auto* const found = std::ranges::find_if(numbers, [&](const MessageNumber& one) {
        return number.starts_with('+') && number.ends_with(one.suffix);
    });
    return found == numbers.end() ? nullptr : found;
}

MessageFate fate_of(MessageFate fate, bool mms) {
    if (mms && fate.what == What::not_delivered) {
        fate.what = What::not_sent;
    }
    return fate;
}

MessageFate message_fate_for(std::string_view number, bool mms) {
    const MessageNumber* const magic = message_number(number);
    return magic != nullptr ? fate_of(magic->fate, mms) : MessageFate{};
}

}  // namespace ringback
