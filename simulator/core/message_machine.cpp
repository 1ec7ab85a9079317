// The life of a message: queued, sending, sent, its receipt; or received (spec v1 4.11).

#include "simulator/core/message_machine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "simulator/core/message_numbers.h"

namespace ringback {
namespace {

/// One message, one turn; as CallStep is for calls.
class MessageStep {
public:
    MessageStep(Message& message, const Turn& turn, Effects& effects)
        : message_{message}, turn_{turn}, effects_{effects}, rng_{turn.stream, message.draws} {}
    MessageStep(const MessageStep&) = delete;
    MessageStep& operator=(const MessageStep&) = delete;
    ~MessageStep() { message_.draws = static_cast<std::uint32_t>(rng_.drawn()); }

    Outcome operator()(const Begin& /*begins*/) {
        if (message_.direction == Direction::in) {
            become(MessageState::received, ReceiptState::none);
            reach_application();
        } else {
            become(MessageState::queued, ReceiptState::none);
            const Duration taken = delays().sent.draw(rng_);
            const Instant begins = turn_.now + message_.queued_for;
            message_.sent_at = begins + taken;
            arm(begins + taken / 2);
        }
        return {};
    }

    Outcome operator()(const TimerFired& fired) {
        if (!is_live(message_, fired.timer)) {
            return {};
        }
        switch (message_.state) {
            case MessageState::queued:
                become(MessageState::sending, ReceiptState::none);
                arm(message_.sent_at);
                break;
            case MessageState::sending:
                reach_carrier();
                break;
            case MessageState::sent:
                take_receipt();
                break;
            case MessageState::received:
            case MessageState::error:
                break;  // they set no timer
        }
        return {};
    }

    Outcome operator()(const Redact& /*asked*/) {
        message_.text.clear();
        return {};
    }

private:
    [[nodiscard]] const Delays& delays() const {
        return turn_.delays != nullptr ? *turn_.delays : turn_.settings->delays;
    }

    void reach_application() {
        if (message_.route->url.empty()) {
            effects_.put<NoCallbackUrl>(turn_.now, message_.id);
        } else {
            emit();
        }
    }

    void reach_carrier() {
        const MessageFate& fate = message_.fate;
        if (fate.what == MessageFate::What::not_sent) {
            message_.code = fate.code;
            become(MessageState::error,
                   fate.code == 0 ? ReceiptState::none : ReceiptState::not_delivered);
            emit();
            return;
        }
        const bool awaited = message_.receipts != ReceiptRequested::none;
        become(MessageState::sent, awaited ? ReceiptState::waiting : ReceiptState::none);
        emit();
        if (awaited) {
            arm(turn_.now + delays().receipt.draw(rng_));
        }
    }

    /// The state stays `sent` (spec v1 3.5).
    void take_receipt() {
        const bool delivered = message_.fate.what == MessageFate::What::delivered;
        message_.code = delivered ? std::uint16_t{0} : message_.fate.code;
        become(MessageState::sent,
               delivered ? ReceiptState::delivered : ReceiptState::not_delivered);
        if (message_.receipts == ReceiptRequested::all || !delivered) {
            emit();
        }
    }

    void arm(Instant at) {
        effects_.timers.push_back({Timer{TimerKind{}, ++message_.serial, 0}, at});
    }

    void become(MessageState state, ReceiptState receipt) {
        effects_.put<MessageBecame>(turn_.now, message_.id) = {message_.state, state, receipt,
                                                               message_.code};
        message_.state = state;
        message_.receipt = receipt;
        ++message_.serial;  // what it waited for is over
    }

    void emit() {
        const EventType type = is_mms(message_) ? EventType::mms : EventType::sms;
        Event* const event =
            effects_.owe(type, turn_.now, message_.id, message_.route, message_.id);
        if (event == nullptr) {
            return;
        }
        event->time = message_.created_at;
        event->from = message_.from;
        event->to = message_.to;
        event->tag = message_.tag;
        Message& told = event->detail.emplace<MessageDetail>().message.open();
        told = message_;
        told.text = shown_text(message_, turn_.now);
    }

    Message& message_;
    const Turn& turn_;
    Effects& effects_;
    Rng rng_;
};

}  // namespace

Outcome step(Message& message, const MessageInput& input, const Turn& turn, Effects& effects) {
    return std::visit(MessageStep{message, turn, effects}, input);
}

Message make_message(NewMessage&& wanted, CallId id, Instant now, std::uint64_t sort_key) {
    Message message;
    message.id = id;
    message.direction = wanted.direction;
    message.fate = wanted.fate.value_or(message_fate_for(wanted.to, !wanted.media.empty()));
    message.route = std::move(wanted.route);
    message.from = std::move(wanted.from);
    message.to = std::move(wanted.to);
    message.text = std::move(wanted.text);
    message.media = std::move(wanted.media);
    message.tag = std::move(wanted.tag);
    message.application_id = std::move(wanted.application_id);
    message.created_at = now;
    message.queued_for = wanted.queued_for;
    message.sort_key = sort_key;
    message.segments = wanted.segments;
    message.receipts = wanted.receipts;
    message.state =
        wanted.direction == Direction::in ? MessageState::received : MessageState::queued;
    return message;
}

bool is_live(const Message& message, const Timer& timer) {
    return !is_settled(message) && message.serial == timer.serial;
}

std::uint64_t message_sort_key(Instant created_at, std::uint64_t before) {
    constexpr std::uint64_t places = 1'000'000;  // six digits
    const auto ms =
        std::chrono::floor<std::chrono::milliseconds>(created_at.time_since_epoch()).count();
    return std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)) * places, before + 1);
}

}  // namespace ringback
