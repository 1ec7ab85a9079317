#include "simulator/wire/message_callback.h"

#include "simulator/core/message_numbers.h"
#include "simulator/core/result.h"
#include "simulator/wire/event_forms.h"
#include "simulator/wire/message_json.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

const Message& message_of(const Event& event) {
    const auto* const detail = std::get_if<MessageDetail>(&event.detail);
    if (detail == nullptr || !detail->message) {
        bug("a message's event without the message");
    }
    return *detail->message.get();
}

template <class Form>
void write(Form form, const Event& event, std::string_view user, std::string_view id,
           std::string_view base) {
    const Message& message = message_of(event);
    form.word("eventType", word(event.type));
    form.word("direction", word(message.direction));
    form.word("messageId", id);
    form.uri("messageUri", "messages", id);
    form.text("from", event.from);
    form.text("to", event.to);
    form.text("text", message.text);
    if (!message.application_id.empty()) {
        form.text("applicationId", message.application_id);
    }
    form.time("time", event.time);
    form.word("state", word(message.state));
    if (message.receipt != ReceiptState::none) {
        form.word("deliveryState", word(message.receipt));
    }
    if (has_code(message.receipt)) {
        form.word("deliveryCode", std::string_view{std::to_string(message.code)});
        form.text("deliveryDescription", delivery_description(message.code));
    }
    if (is_mms(message)) {
        form.texts("media", message.media, [&](std::string& out, const std::string& medium) {
            append_medium_url(out, message, medium, id, user, base);
        });
    }
    form.number("segmentCount", message.segments);
    if (!event.tag.empty()) {
        form.text("tag", event.tag);
    }
    form.end();
}

}  // namespace

void append_message_callback(std::string& out, const Event& event, Method method,
                             std::string_view user, std::string_view message_id,
                             std::string_view public_base) {
    if (method == Method::get) {
        write<QueryForm>({out, public_base, user}, event, user, message_id, public_base);
    } else {
        write<JsonForm>({out, public_base, user}, event, user, message_id, public_base);
    }
}

void append_message_callback(std::string& out, const Event& event, Method method,
                             std::string_view user_name, std::uint64_t user_hash,
                             const IdCodec& ids, std::string_view public_base) {
    const IdText id = ids.make(IdKind::message, user_hash, number_of(event.call));
    append_message_callback(out, event, method, percent_encoded(user_name), id.view(), public_base);
}

}  // namespace ringback
