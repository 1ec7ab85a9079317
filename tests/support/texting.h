#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/story.h"

namespace ringback::test {

/// Messages told as actions and what they cause, in modelled time from `dawn`.
struct Texting : Story {
    using Story::Story;

    static NewMessage outbound(ReceiptRequested receipts = ReceiptRequested::none,
                               std::string to = "+19195550187") {
        NewMessage message;
        message.from = "+19195550123";
        message.to = std::move(to);
        message.text = "Good morning";
        message.receipts = receipts;
        Route route;
        route.url = "http://127.0.0.1:9000/cb";
        message.route = RouteRef{route};
        return message;
    }
    static NewMessage picture(std::string to = "+19195550187") {
        NewMessage message = outbound(ReceiptRequested::none, std::move(to));
        message.media = {"http://127.0.0.1:9000/logo.png"};
        return message;
    }
    static NewMessage inbound() {
        NewMessage message = outbound();
        message.direction = Direction::in;
        return message;
    }

    CallId send(const NewMessage& message) {
        return engine.create(engine.user("u-1"), message, now)->id;
    }
    Outcome redact(CallId id) { return engine.apply(id, MessageInput{Redact{}}, now); }
    const Message& message(CallId id) const { return *engine.find_message(id); }

    /// What the outputs say became of messages since the last look: "0.500 sent waiting".
    Lines became() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            if (const auto* change = std::get_if<MessageBecame>(&output.what)) {
                Message shown;
                shown.state = change->after;
                shown.receipt = change->receipt;
                shown.code = change->code;
                lines.push_back(seconds_text(output.at - dawn) + " " + message_text(shown));
            }
        }
        engine.outputs().clear();
        return lines;
    }
    /// The events since the last look: "0.500 sms sent waiting".
    Lines events() {
        Lines lines;
        for (const Output& output : engine.outputs()) {
            if (const auto* callback = std::get_if<Callback>(&output.what)) {
                lines.push_back(seconds_text(output.at - dawn) + " " + event_text(callback->event));
            }
        }
        engine.outputs().clear();
        return lines;
    }
};

}  // namespace ringback::test
