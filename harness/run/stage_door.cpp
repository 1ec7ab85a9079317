#include "harness/run/stage_door.h"

#include <algorithm>
#include <utility>

#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/router.h"
#include "simulator/wire/url_text.h"

namespace ringback {

/// Whatever is under way already keeps the new clock waiting too.
void StageDoor::open_to(Stage& stage) {
    for (std::size_t n = 0; n < under_way_; ++n) {
        stage.simulator().request_begins();
    }
    stages_.push_back(&stage);
}

Stage* StageDoor::stage_of(Request& request) const {
    const auto user = user_in(request.path);
    const auto maker = std::ranges::find_if(stages_, [&](const Stage* stage) {
        return stage->made_id_in(request.path) ||
               (user == told_ && stage->made_id_in(with_user(request.path, stage->user())));
    });
    if (maker != stages_.end()) {
        if (user == told_ && (*maker)->user() != told_) {
            request.path = with_user(request.path, (*maker)->user());
            request.target = with_user(request.target, (*maker)->user());
        }
        return *maker;
    }
    const auto found = std::find_if(stages_.rbegin(), stages_.rend(), [&](const Stage* stage) {
        return user && stage->user() == *user;
    });
    return found == stages_.rend() ? nullptr : *found;
}

Response StageDoor::nobody(const Request& request) {
    constexpr std::size_t most_kept = 20;
    const auto shown = echoable(request.path);
    if (strays_.size() < most_kept) {
        strays_.push_back(request.method + " " + std::string{shown.value_or("(unprintable)")});
    }
    return provider_error(ApiError{404,
                                   "not-found",
                                   "resource-not-found",
                                   "no scenario that is being run has this user id",
                                   {}},
                          request);
}

std::optional<Response> StageDoor::admit(const Request& head) {
    Request copy = head;
    Stage* const stage = stage_of(copy);
    return stage != nullptr ? stage->simulator().admit(copy) : std::nullopt;
}

void StageDoor::handle(Request&& request, std::shared_ptr<Responder> responder) {
    Stage* const stage = stage_of(request);
    if (stage == nullptr) {
        responder->send(nobody(request));
    } else {
        stage->handle(request, responder);
    }
}

Response StageDoor::refuse(int status, std::string_view what, std::string_view /*remote_ip*/) {
    if (status == 413) {
        status = 400;  // spec v1 7.2
    }
    return provider_error(status, status == 503 ? "unavailable" : "bad-request", "validation-error",
                          what);
}

void StageDoor::request_begins() {
    ++under_way_;
    for (Stage* const stage : stages_) {
        stage->simulator().request_begins();
    }
}

void StageDoor::request_ends() {
    --under_way_;
    for (Stage* const stage : stages_) {
        stage->simulator().request_ends();
    }
}

}  // namespace ringback
