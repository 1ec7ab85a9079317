#include "simulator/edge/api/gather_api.h"

#include "simulator/edge/api/answers.h"
#include "simulator/wire/call_request.h"

namespace ringback {
namespace {

/// The gather of the path, if it is one of the path's call.
FoundPart find_gather(const ApiRequest& request, const ApiContext& context) {
    FoundPart found;
    found.call = find_call(request, context, request.ids[0]);
    if (found.call == nullptr) {
        found.refused = call_not_found(request);
        return found;
    }
    const FoundItem item = find_item(request, context, IdKind::gather, request.ids[1]);
    const std::size_t count = found.call->details ? found.call->details->gathers.size() : 0;
    if (item.call != found.call || item.number == 0 || item.number > count) {
        found.refused = refuse(resource_not_found(), request, found.call->id);
    }
    found.number = item.number;
    return found;
}

}  // namespace

ApiReply create_gather(const ApiRequest& request, ApiContext& context) {
    const Call* const call = find_call(request, context, request.ids[0]);
    if (call == nullptr) {
        return call_not_found(request);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, call->id);
    }
    auto read = read_gather(std::get<RequestBody>(body));
    if (auto* const wrong = std::get_if<ApiError>(&read)) {
        return refuse(std::move(*wrong), request, call->id);
    }
    const Outcome outcome =
        context.engine.apply(call->id, std::get<StartGather>(read), context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(refusal_error(outcome.refusal, *call, request.ids[0]), request, call->id);
    }
    std::string location;
    append_gather_url(location, *call, outcome.number, location_text(request, context));
    return created(std::move(location), *call);
}

ApiReply get_gather(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_gather(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    std::string body;
    append_gather(body, *found.call, found.number, resource_text(request, context));
    return about_call(json_answer(std::move(body)), *found.call);
}

ApiReply stop_gather(const ApiRequest& request, ApiContext& context) {
    FoundPart found = find_gather(request, context);
    if (found.refused) {
        return std::move(*found.refused);
    }
    auto body = body_of(request);
    if (auto* const wrong = std::get_if<ApiError>(&body)) {
        return refuse(std::move(*wrong), request, found.call->id);
    }
    if (auto wrong = refuse_gather_update(std::get<RequestBody>(body))) {
        return refuse(std::move(*wrong), request, found.call->id);
    }
    const Outcome outcome =
        context.engine.apply(found.call->id, StopGather{found.number}, context.now);
    if (outcome.refusal != Refusal::none) {
        return refuse(refusal_error(outcome.refusal, *found.call, request.ids[0]), request,
                      found.call->id);
    }
    return changed_call(done_answer(), *found.call);
}

}  // namespace ringback
