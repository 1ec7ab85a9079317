#include "simulator/wire/number_json.h"

#include <fmt/format.h>

#include "simulator/wire/application_json.h"
#include "simulator/wire/json_out.h"
#include "simulator/wire/time_text.h"

namespace ringback {

std::string national_number(std::string_view number) {
    constexpr std::size_t north_american = 12;  // +1 and ten digits
    if (number.size() != north_american || !number.starts_with("+1")) {
        return std::string{number.substr(number.starts_with('+') ? 1 : 0)};
    }
    return fmt::format("({}) {}-{}", number.substr(2, 3), number.substr(5, 3), number.substr(8));
}

void append_number(std::string& out, const PhoneNumber& number, const ResourceText& text) {
    JsonObject object{out};
    object.text("id", text.ids->make(IdKind::phone_number, text.user_hash, number.id).view());
    object.text("number", number.number);
    object.text("nationalNumber", national_number(number.number));
    object.text_if("name", number.name);
    object.text_if("city", number.city);
    object.text_if("state", number.state);
    object.text_if("fallbackNumber", number.fallback_number);
    if (number.application != 0) {
        std::string& url = object.member("application");
        url += '"';
        append_application_url(url, number.application, text);
        url += '"';
        object.text("applicationId",
                    text.ids->make(IdKind::application, text.user_hash, number.application).view());
    }
    object.text("price", number.price);
    object.text("numberState", "enabled");
    object.text("createdTime", time_text(number.created_at));
    object.end();
}

void append_number_url(std::string& out, std::uint64_t id, const ResourceText& text) {
    append_item_url(out, "phoneNumbers",
                    text.ids->make(IdKind::phone_number, text.user_hash, id).view(), text);
}

}  // namespace ringback
