#include "simulator/edge/api/number_stock_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/core/number_stock.h"
#include "simulator/edge/api/applications_api.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/ascii.h"
#include "simulator/wire/call_request.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/number_json.h"
#include "simulator/wire/number_stock_json.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// local or tollFree; none for another word.
std::optional<bool> wants_toll_free(const ApiRequest& request) {
    if (request.ids[0] == "tollFree") {
        return true;
    }
    return request.ids[0] == "local" ? std::optional{false} : std::nullopt;
}

/// One search being read: keeps the first thing that is wrong.
class SearchQuery {
public:
    SearchQuery(const Query& query, bool toll_free, bool ordering)
        : query_{query}, ordering_{ordering} {
        search_.toll_free = toll_free;
        if (!toll_free) {
            read_where();
        }
        read_quantity();
        read_pattern();
    }

    [[nodiscard]] Intake<NumberSearch> result() && {
        if (wrong_) {
            return std::move(*wrong_);
        }
        return std::move(search_);
    }

private:
    void wrong(std::string message) {
        note(
            ordering_ ? "invalid-available-number-search-order" : "invalid-available-number-search",
            std::move(message));
    }
    void note(std::string_view code, std::string message) {
        if (!wrong_) {
            wrong_ = ApiError{400, "bad-request", std::string{code}, std::move(message), {}};
        }
    }

    /// In capitals, as the places have it; "" if it is not there. A plus stands for a space.
    [[nodiscard]] std::string text(const char* name) const {
        std::string value{query_.value(name).value_or("")};
        for (char& c : value) {
            c = c == '+' ? ' ' : c;
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        return value;
    }
    [[nodiscard]] static bool is_digits(std::string_view text, std::size_t least,
                                        std::size_t most) {
        return text.size() >= least && text.size() <= most &&
               std::all_of(text.begin(), text.end(), is_digit);
    }

    void read_where() {
        search_.state = text("state");
        search_.city = text("city");
        search_.zip = text("zip");
        search_.area_code = text("areaCode");
        search_.local_number = text("localNumber");
        const int places = (search_.state.empty() ? 0 : 1) + (search_.zip.empty() ? 0 : 1) +
                           (search_.area_code.empty() ? 0 : 1);
        if (places != 1) {
            wrong("Exactly one of the parameters 'state', 'zip' and 'areaCode' is required");
        }
        const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
        if (!search_.state.empty() &&
            (search_.state.size() != 2 ||
             !std::all_of(search_.state.begin(), search_.state.end(), is_letter))) {
            wrong("The parameter 'state' must be two letters");
        }
        if (!search_.zip.empty() && !is_digits(search_.zip, 5, 5)) {
            note("invalid-zip-code", "The parameter 'zip' must be a ZIP code of five digits");
        }
        if (!search_.area_code.empty() && !is_digits(search_.area_code, 3, 3)) {
            wrong("The parameter 'areaCode' must be three digits");
        }
        if (!search_.city.empty() && search_.state.empty()) {
            wrong("The parameter 'city' needs 'state'");
        }
        read_local_number();
    }

    void read_local_number() {
        const auto local_area = query_.value("inLocalCallingArea");
        search_.in_local_calling_area = local_area && equal_ignoring_case(*local_area, "true");
        if (local_area && !search_.in_local_calling_area &&
            !equal_ignoring_case(*local_area, "false")) {
            wrong("The parameter 'inLocalCallingArea' must be true or false");
        }
        if (!search_.local_number.empty() && !is_digits(search_.local_number, 3, 4)) {
            wrong("The parameter 'localNumber' must be three or four digits");
        }
        if ((!search_.local_number.empty() || local_area) && search_.area_code.empty()) {
            wrong("The parameters 'localNumber' and 'inLocalCallingArea' need 'areaCode'");
        }
    }

    void read_quantity() {
        constexpr std::int64_t most_ordered = 10;
        constexpr std::int64_t most_found = 5000;
        const std::int64_t most = ordering_ ? most_ordered : most_found;
        search_.quantity = ordering_ && search_.toll_free ? 1 : 10;
        if (const auto given = query_.value("quantity")) {
            const auto number = whole_number(*given);
            if (!number || *number < 1 || *number > most) {
                wrong(
                    fmt::format("The parameter 'quantity' must be a whole number of 1..{}", most));
                return;
            }
            search_.quantity = static_cast<std::size_t>(*number);
        }
    }

    void read_pattern() {
        constexpr std::size_t longest = 32;
        const auto given = query_.value("pattern");
        if (!given) {
            return;
        }
        if (ordering_) {
            wrong("Numbers cannot be ordered by 'pattern'; it is for searching only");
        } else if (given->size() > longest || !is_number_pattern(*given)) {
            wrong(
                fmt::format("The parameter 'pattern' must be at most {} digits, letters, '?' "
                            "and '*'",
                            longest));
        }
        search_.pattern = *given;
    }

    const Query& query_;
    bool ordering_;
    NumberSearch search_;
    std::optional<ApiError> wrong_;
};

Intake<NumberSearch> read_search(const ApiRequest& request, bool toll_free, bool ordering) {
    const auto query = Query::parse(request.http.query);
    if (!query) {
        return bad_parameters("the query must be percent-encoded UTF-8 without control characters");
    }
    return SearchQuery{*query, toll_free, ordering}.result();
}

/// Nobody is offered what any account has.
std::vector<AvailableNumber> find_free(const NumberSearch& search, const ApiContext& context) {
    return find_numbers(context.engine.seed(), search, [&](const std::string& digits) {
        return context.engine.holders_of("+1" + digits) != 0;
    });
}

PhoneNumber as_phone_number(const AvailableNumber& found, Product product) {
    PhoneNumber wanted;
    wanted.number = "+1" + found.digits;
    wanted.price = number_price(product);
    if (found.place != nullptr) {
        wanted.city = found.place->city;
        wanted.state = found.place->state;
    }
    return wanted;
}

}  // namespace

ApiReply search_numbers(const ApiRequest& request, ApiContext& context) {
    const auto toll_free = wants_toll_free(request);
    if (!toll_free) {
        return refuse(resource_not_found(), request);
    }
    auto read = read_search(request, *toll_free, false);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& search = std::get<NumberSearch>(read);
    std::string body{"["};
    for (const AvailableNumber& number : find_free(search, context)) {
        body += body.size() > 1 ? "," : "";
        append_available(body, number, search.pattern);
    }
    return shown_item(body + "]");
}

ApiReply order_numbers(const ApiRequest& request, ApiContext& context) {
    const auto toll_free = wants_toll_free(request);
    if (!toll_free) {
        return refuse(resource_not_found(), request);
    }
    auto read = read_search(request, *toll_free, true);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const Product product =
        *toll_free ? Product::toll_free_number_per_month : Product::local_number_per_month;
    User& user = context.engine.user(request.user);
    std::string body{"["};
    for (const AvailableNumber& number : find_free(std::get<NumberSearch>(read), context)) {
        const PhoneNumber wanted = as_phone_number(number, product);
        const DirectoryOutcome outcome = context.engine.apply(user, AddNumber{wanted}, context.now);
        if (outcome.refusal != DirectoryRefusal::none) {
            break;  // there are as many as ringback may hold; what was ordered before stays so
        }
        context.engine.charge(user, product, wanted.number, outcome.id, context.now);
        body += body.size() > 1 ? "," : "";
        std::string location;
        append_number_url(location, outcome.id, location_text(request, context));
        append_ordered(body, number, location);
    }
    return shown_item(body + "]");
}

/// The first time is the account's own: nothing is known of others' searches.
ApiReply get_number_info(const ApiRequest& request, ApiContext& context) {
    std::string number = request.ids[0];
    if (number.starts_with(' ')) {
        number.front() = '+';  // spec v1 1.3
    }
    if (!number.starts_with('+') || !is_number_or_sip(number)) {
        return refuse(forbidden("forbidden", "invalid-cnam-search",
                                "The number to search for must be a phone number in E.164 form"),
                      request);
    }
    const auto name = caller_name(context.engine.seed(), number);
    if (!name) {
        return refuse(not_found("cnam", "number", number), request);
    }
    User& user = context.engine.user(request.user);
    context.engine.charge(user, Product::cnam_search, number, 0, context.now);
    const auto& charges = user.ledger->charges;
    const auto first = std::find_if(charges.begin(), charges.end(), [&](const Charge& charge) {
        return charge.product == Product::cnam_search && charge.phone == number;
    });
    std::string body;
    append_number_info(body, number, *name, first->at);
    return shown_item(std::move(body));
}

}  // namespace ringback
