#include "simulator/wire/message_json.h"

#include "simulator/core/message_numbers.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

void append_media(JsonObject& object, const Message& message, std::string_view id,
                  const ResourceText& text) {
    std::string& out = object.member("media");
    out += '[';
    std::string_view before;
    for (const std::string& medium : message.media) {
        std::string url;
        append_medium_url(url, message, medium, id, text.user, text.base);
        out += before;
        append_json_string(out, redacted_url(url));
        before = ",";
    }
    out += ']';
}

void append_receipt(JsonObject& object, const Message& message) {
    if (message.direction == Direction::out) {
        object.text("receiptRequested", word(message.receipts));
    }
    object.text_if("deliveryState", word(message.receipt));
    if (has_code(message.receipt)) {
        object.text("deliveryCode", std::to_string(message.code));
        object.text("deliveryDescription", delivery_description(message.code));
    }
}

}  // namespace

void append_message(std::string& out, const Message& message, Instant now,
                    const ResourceText& text) {
    const IdText id = text.id(message);
    JsonObject object{out};
    object.text("id", id.view());
    object.text("messageId", id.view());
    object.text("from", message.from);
    object.text("to", message.to);
    object.text("text", shown_text(message, now));
    object.text("direction", word(message.direction));
    object.text("time", time_text(message.created_at));
    object.text("state", word(message.state));
    append_media(object, message, id.view(), text);
    object.integer("segmentCount", message.segments);
    append_receipt(object, message);
    append_route(object, *message.route);
    object.text_if("tag", message.tag);
    object.end();
}

void append_message_url(std::string& out, const Message& message, const ResourceText& text) {
    append_item_url(out, "messages", text.id(message).view(), text);
}

std::string part_name(std::string_view part, std::string_view message_id) {
    const std::size_t dot = part.rfind('.');
    std::string name{part.substr(0, dot)};
    name += '-';
    name += message_id;
    if (dot != std::string_view::npos) {
        name += part.substr(dot);
    }
    return name;
}

void append_medium_url(std::string& out, const Message& message, std::string_view medium,
                       std::string_view message_id, std::string_view user, std::string_view base) {
    if (message.direction == Direction::out) {
        out += medium;
        return;
    }
    out += base;
    out += "/v1/users/";
    out += user;
    out += "/media/";
    append_percent_encoded(out, part_name(medium, message_id));
}

}  // namespace ringback
