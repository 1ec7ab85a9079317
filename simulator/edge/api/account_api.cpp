#include "simulator/edge/api/account_api.h"

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/listing.h"

namespace ringback {
namespace {

ApiReply plain(Response response) {
    ApiReply reply;
    reply.response = std::move(response);
    return reply;
}

}  // namespace

ApiReply get_account(const ApiRequest& /*request*/, ApiContext& /*context*/) {
    std::string body;
    append_account(body);
    return plain(json_answer(std::move(body)));
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
