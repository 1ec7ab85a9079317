#include "harness/load/hall_door.h"

#include <algorithm>

#include "simulator/edge/api/answers.h"

namespace ringback {

CallHall* HallDoor::hall_of(const Request& request) const {
    if (halls_.size() < 2) {
        return halls_.empty() ? nullptr : halls_.front();
    }
    const auto maker = std::ranges::find_if(
        halls_, [&](const CallHall* hall) { return hall->made_id_in(request); });
    if (maker != halls_.end()) {
        return *maker;
    }
    const auto exact =
        std::ranges::find_if(halls_, [&](const CallHall* hall) { return hall->awaits(request); });
    const auto any =
        exact == halls_.end() ? std::ranges::find_if(halls_, &CallHall::awaits_placing) : exact;
    return any == halls_.end() ? halls_.front() : *any;
}

std::optional<Response> HallDoor::admit(const Request& head) {
    CallHall* const hall = hall_of(head);
    return hall == nullptr ? std::nullopt : hall->simulator().admit(head);
}

void HallDoor::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (CallHall* const hall = hall_of(request)) {
        hall->handle(request, responder);
    } else {
        responder->send(provider_error(503, "unavailable", "call-unavailable", "starting"));
    }
}

Response HallDoor::refuse(int status, std::string_view what, std::string_view /*remote_ip*/) {
    if (status == 413) {
        status = 400;  // spec v1 7.2
    }
    return provider_error(status, status == 503 ? "unavailable" : "bad-request", "validation-error",
                          what);
}

}  // namespace ringback
