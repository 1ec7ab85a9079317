#include "simulator/wire/number_stock_json.h"

#include <fmt/format.h>

#include "simulator/wire/json_out.h"
#include "simulator/wire/number_json.h"
#include "simulator/wire/time_text.h"

namespace ringback {
namespace {

Product product_of(const AvailableNumber& number) {
    return number.place == nullptr ? Product::toll_free_number_per_month
                                   : Product::local_number_per_month;
}

/// The ten marks where nationalNumber, "(919) 555-0123", has its digits.
std::string national_marks(std::string_view marks) {
    return fmt::format(" {}  {} {}", marks.substr(0, 3), marks.substr(3, 3), marks.substr(6));
}

}  // namespace

std::string number_price(Product product) {
    constexpr std::int64_t parts = 100'000;
    const auto price = static_cast<std::int64_t>(price_of(product));
    return fmt::format("{}.{:02}", price / parts, price % parts / (parts / 100));
}

void append_available(std::string& out, const AvailableNumber& number, std::string_view pattern) {
    const std::string e164 = "+1" + number.digits;
    JsonObject object{out};
    object.text("number", e164);
    object.text("nationalNumber", national_number(e164));
    if (!pattern.empty()) {
        object.text("patternMatch",
                    national_marks(pattern_match(pattern, number.digits).value_or("          ")));
    }
    if (number.place != nullptr) {
        object.text("city", number.place->city);
        object.text("lata", number.place->lata);
        object.text("rateCenter", number.place->rate_center);
        object.text("state", number.place->state);
    }
    object.text("price", number_price(product_of(number)));
    object.end();
}

void append_ordered(std::string& out, const AvailableNumber& number, std::string_view location) {
    const std::string e164 = "+1" + number.digits;
    JsonObject object{out};
    object.text("number", e164);
    object.text("nationalNumber", national_number(e164));
    object.text("price", number_price(product_of(number)));
    object.text("location", location);
    object.end();
}

void append_number_info(std::string& out, std::string_view number, std::string_view name,
                        Instant first_asked) {
    JsonObject object{out};
    object.text("name", name);
    object.text("number", number);
    object.text("created", time_text(first_asked));
    object.text("updated", time_text(first_asked));
    object.end();
}

}  // namespace ringback
