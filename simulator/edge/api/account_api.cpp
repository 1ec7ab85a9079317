#include "simulator/edge/api/account_api.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"
#include "simulator/wire/account_json.h"
#include "simulator/wire/call_request.h"
#include "simulator/wire/json_in.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

ApiReply plain(Response response) {
    ApiReply reply;
    reply.response = std::move(response);
    return reply;
}

/// What GET account/transactions may be narrowed to.
struct TransactionFilter {
    std::optional<Instant> not_before;
    std::optional<Instant> not_after;
    std::optional<std::string> number;
    std::uint64_t most{UINT64_MAX};
    bool charges{true};  // the only type that is made here

    [[nodiscard]] bool matches(const Transaction& one) const {
        // Times are compared as they are shown, so that a shown one finds its transaction.
        const Instant at = std::chrono::floor<std::chrono::seconds>(one.at);
        return charges && (!not_before || at >= *not_before) && (!not_after || at <= *not_after) &&
               (!number || *number == one.phone);
    }
};

Intake<TransactionFilter> read_transaction_filter(const Query& query) {
    FirstProblem problems;
    TransactionFilter filter;
    filter.not_before = query_time(query, "fromDate", problems);
    filter.not_after = query_time(query, "toDate", problems);
    filter.number = query.number("number");
    if (const auto given = query.value("type")) {
        constexpr std::array<std::string_view, 4> types{"charge", "payment", "credit",
                                                        "auto-recharge"};
        const auto* const type =
            std::find_if(types.begin(), types.end(),
                         [&](std::string_view one) { return same_word(*given, one); });
        if (type == types.end()) {
            problems.note(
                validation_error("The query parameter 'type' must be one of the following values: "
                                 "charge, payment, credit, auto-recharge"));
        }
        filter.charges = type == types.begin();
    }
    if (const auto given = query.value("maxItems")) {
        const auto most = whole_number(*given);
        if (!most || *most < 1) {
            problems.note(
                validation_error("The query parameter 'maxItems' must be a whole number from 1"));
        }
        filter.most = static_cast<std::uint64_t>(most.value_or(1));
    }
    if (problems.get()) {
        return *problems.get();
    }
    return filter;
}

}  // namespace

ApiReply get_account(const ApiRequest& request, ApiContext& context) {
    const User* const user = context.engine.find_user(request.user);
    std::string body;
    append_account(body, opening_balance - (user != nullptr ? spent_by(*user) : Money{}));
    return plain(json_answer(std::move(body)));
}

ApiReply list_transactions(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    auto read = read_transaction_filter(query);
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& filter = std::get<TransactionFilter>(read);
    Listing listing{page};
    if (const User* const user = context.engine.find_user(request.user)) {
        const auto matches = [&](const Transaction& one) { return filter.matches(one); };
        for (const Transaction& one :
             transactions_of(*user, matches, std::min(filter.most, listing.needed()))) {
            if (std::string* const place = listing.place()) {
                append_transaction(*place, one, resource_text(request, context));
            }
        }
    }
    return listing.reply(request, "account/transactions", query);
}

ApiReply list_errors(const ApiRequest& request, ApiContext& context) {
    auto asked = list_request(request);
    if (auto* const wrong = std::get_if<ApiError>(&asked)) {
        return refuse(std::move(*wrong), request);
    }
    const auto& [query, page] = std::get<ListRequest>(asked);
    Listing listing{page};
    for (const UserError& error : context.errors.of(request.user)) {
        if (std::string* const place = listing.place()) {
            append_user_error(*place, error, resource_text(request, context));
        }
    }
    return listing.reply(request, "errors", query);
}

ApiReply get_error(const ApiRequest& request, ApiContext& context) {
    const auto id = context.ids.decode(IdKind::user_error, request.ids[0], request.user_hash);
    const UserError* const error =
        id ? context.errors.find(request.user, id->call_number) : nullptr;
    if (error == nullptr) {
        return refuse(not_found("user-error", "userErrorId", request.ids[0]), request);
    }
    std::string body;
    append_user_error(body, *error, resource_text(request, context));
    return plain(json_answer(std::move(body)));
}

}  // namespace ringback
