#include "simulator/wire/bridge_request.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/core/result.h"
#include "simulator/wire/url_text.h"

namespace ringback {
namespace {

/// " {id}", or nothing where there is none that may be repeated.
std::string behind(std::string_view id) {
    const auto shown = echoable(id);
    return shown && !shown->empty() ? fmt::format(" {}", *shown) : std::string{};
}

ApiError error_of(int status, const char* code, std::string message, std::string_view bridge,
                  std::string_view call) {
    ApiError error{
        status, status == 400 ? "bad-request" : "forbidden", code, std::move(message), {}};
    for (const auto& [name, id] : {std::pair{"bridgeId", bridge}, std::pair{"callId", call}}) {
        if (const auto shown = echoable(id); shown && !shown->empty()) {
            error.details.emplace_back(name, *shown);
        }
    }
    return error;
}

}  // namespace

Intake<BridgeRequest> read_bridge_request(const RequestBody& body) {
    FirstProblem problems;
    const Members in{body, "bridge", problems};
    BridgeRequest request;
    request.audio = in.boolean("bridgeAudio");
    if (const auto ids = in.texts("callIds")) {
        request.call_ids.emplace(ids->begin(), ids->end());
    }
    return verdict(problems, std::move(request));
}

ApiError bridge_error(Refusal refusal, std::string_view bridge, std::string_view call) {
    const auto error = [&](int status, const char* code, std::string message) {
        return error_of(status, code, std::move(message), bridge, call);
    };
    switch (refusal) {
        case Refusal::too_many_calls:
            return error(403, "bridge-callIds-overflow",
                         fmt::format("Only two calls are allowed in a bridge{}", behind(bridge)));
        case Refusal::no_such_item:
            return error_of(403, "call-id-not-found",
                            fmt::format("Call Id not found. callId{}", behind(call)), "", call);
        case Refusal::in_another_bridge:
            return error(400, "bridge-bridged-callId",
                         fmt::format("The call{} is already in another bridge", behind(call)));
        case Refusal::call_not_active:
            return error(400, "bridge-invalid-operation",
                         fmt::format("The call{} is not active", behind(call)));
        case Refusal::invalid_state:
            return error_of(403, "call-invalid-state",
                            fmt::format("Unable to update call{}{}", behind(call), is_of_bxml), "",
                            call);
        case Refusal::no_active_calls:
            return error(400, "bridge-invalid-operation",
                         fmt::format("No active calls in the bridge{}", behind(bridge)));
        case Refusal::bridge_is_over:
            return error(400, "bridge-invalid-state",
                         fmt::format("Unable to update bridge{}. Invalid bridge state completed",
                                     behind(bridge)));
        case Refusal::nothing_playing:
            return error(403, "call-audio-invalid-state",
                         fmt::format("The audio for bridge{} could not be updated. The audio has "
                                     "already finished or does not exist.",
                                     behind(bridge)));
        default:
            bug("a refusal that no bridge makes");
    }
}

}  // namespace ringback
