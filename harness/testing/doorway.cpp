#include "harness/testing/doorway.h"

#include <algorithm>
#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/media_api.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/api/router.h"

namespace ringback::testing {

/// Whatever is under way keeps the new clock waiting too, and is told to it when it ends.
void Doorway::open_to(Stage& stage) {
    for (std::size_t n = 0; n < under_way_; ++n) {
        stage.simulator().request_begins();
    }
    stages_.push_back(&stage);
}

Stage* Doorway::stage_of(const Request& request) const {
    const auto named = id_in(request);
    const auto maker = std::ranges::find_if(
        stages_, [&named](const Stage* stage) { return named && stage->made(*named); });
    if (maker != stages_.end()) {
        return *maker;
    }
    if (stages_.empty() || stages_.back()->over() || (named && named->is_of(own_.ids()))) {
        return nullptr;
    }
    const auto user = user_in(request.path);
    return user && stages_.back()->user() == *user ? stages_.back() : nullptr;
}

std::optional<std::size_t> Doorway::most_body(const Request& head) const {
    return Simulator::most_body(head);
}

Response Doorway::too_large(const Request& head) { return media_overflow(head); }

std::optional<Response> Doorway::admit(const Request& head) {
    if (AdminApi::serves(head)) {
        return admin_.admit(head);
    }
    Stage* const stage = stage_of(head);
    return (stage != nullptr ? stage->simulator() : own_).admit(head);
}

void Doorway::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (AdminApi::serves(request)) {
        responder->set_aside();
        admin_.handle(std::move(request), std::move(responder));
    } else if (Stage* const stage = stage_of(request); stage != nullptr) {
        stage->handle(request, responder);
    } else {
        watch_(&request);
        own_.handle(request, responder);
        watch_(nullptr);
    }
}

Response Doorway::refuse(int status, std::string_view what, std::string_view remote_ip) {
    return refused_before_routes(status, what, remote_ip);
}

void Doorway::request_begins() {
    ++under_way_;
    own_.request_begins();
    for (Stage* const stage : stages_) {
        stage->simulator().request_begins();
    }
}

void Doorway::request_ends() {
    --under_way_;
    own_.request_ends();
    for (Stage* const stage : stages_) {
        stage->simulator().request_ends();
    }
}

}  // namespace ringback::testing
