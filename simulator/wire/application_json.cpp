#include "simulator/wire/application_json.h"

#include <chrono>

#include "simulator/wire/json_out.h"
#include "simulator/wire/url_text.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

constexpr std::chrono::milliseconds usual_timeout{10'000};  // spec v1 2.6

/// incoming{What}Url, incoming{What}UrlCallbackTimeout, incoming{What}FallbackUrl.
void append_incoming(JsonObject& object, const std::string& what, const Route& route) {
    if (route.url.empty()) {
        return;
    }
    object.text("incoming" + what + "Url", redacted_url(route.url));
    object.integer("incoming" + what + "UrlCallbackTimeout",
                   route.timeout.value_or(usual_timeout).count());
    object.text_if("incoming" + what + "FallbackUrl", redacted_url(route.fallback_url));
}

}  // namespace

void append_application(std::string& out, const Application& application,
                        const ResourceText& text) {
    JsonObject object{out};
    object.text("id", text.ids->make(IdKind::application, text.user_hash, application.id).view());
    object.text("name", application.name);
    append_incoming(object, "Call", *application.calls);
    append_incoming(object, "Message", *application.messages);
    append_incoming(object, "Sms", *application.messages);
    object.text("callbackHttpMethod", word(application.calls->method));
    object.boolean("autoAnswer", application.auto_answer);
    object.end();
}

void append_application_url(std::string& out, std::uint64_t id, const ResourceText& text) {
    append_item_url(out, "applications",
                    text.ids->make(IdKind::application, text.user_hash, id).view(), text);
}

}  // namespace ringback
