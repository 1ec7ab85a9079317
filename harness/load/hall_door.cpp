#include "harness/load/hall_door.h"

#include <algorithm>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/media_api.h"

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

bool HallDoor::has_made(const NamedId& named) const {
    return std::ranges::any_of(halls_,
                               [&named](const CallHall* hall) { return named.is_of(hall->ids()); });
}

std::optional<Response> HallDoor::admit(const Request& head) {
    CallHall* const hall = hall_of(head);
    return hall == nullptr ? std::nullopt : hall->simulator().admit(head);
}

std::optional<std::size_t> HallDoor::most_body(const Request& head) const {
    return Simulator::most_body(head);
}

Response HallDoor::too_large(const Request& head) { return media_overflow(head); }

void HallDoor::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (CallHall* const hall = hall_of(request)) {
        hall->handle(request, responder);
    } else {
        responder->send(provider_error(503, "unavailable", "call-unavailable", "starting"));
    }
}

Response HallDoor::refuse(int status, std::string_view what, std::string_view remote_ip) {
    return refused_before_routes(status, what, remote_ip);
}

}  // namespace ringback
