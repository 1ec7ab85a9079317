#include "harness/run/stage_door.h"

#include <algorithm>
#include <utility>

#include "harness/admin/answers.h"
#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/media_api.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/api/router.h"
#include "simulator/wire/url_text.h"

namespace ringback {

/// Whatever is under way already keeps the new clock waiting too.
void StageDoor::open_to(Stage& stage) {
    for (std::size_t n = 0; n < under_way_; ++n) {
        stage.simulator().request_begins();
    }
    stages_.push_back(&stage);
    playing_.push_back(&stage);
}

Stage* StageDoor::maker_of(const Request& request, bool is_told) const {
    const auto named = id_in(request);
    if (!named) {
        return nullptr;
    }
    // The newest first: there may be thousands that are over.
    const auto found = std::find_if(stages_.rbegin(), stages_.rend(), [&](const Stage* stage) {
        return stage->made(*named) ||
               (is_told && stage->made({named->kind, named->text, hash_of(stage->user())}));
    });
    return found == stages_.rend() ? nullptr : *found;
}

/// Of those that are not over, if there is one. What is asked for under an id that the receiver was
/// told is, where nobody who is playing has it, for whoever kicked it, or plays alone.
Stage* StageDoor::newest_of(const std::string& user, bool is_told) const {
    Stage* over{nullptr};
    Stage* kicked{nullptr};
    Stage* alone{nullptr};
    std::size_t playing{0};
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read std::views::reverse
    for (auto at = stages_.rbegin(); at != stages_.rend(); ++at) {
        Stage* const stage = *at;
        const bool is_users = stage->user() == user;
        if (stage->over()) {
            over = over == nullptr && is_users ? stage : over;
            continue;
        }
        if (is_users) {
            return stage;
        }
        ++playing;
        alone = stage;
        kicked = kicked == nullptr && stage->kicks() ? stage : kicked;
    }
    if (is_told && (kicked != nullptr || playing == 1)) {
        return kicked != nullptr ? kicked : alone;
    }
    return over;
}

/// As whoever the receiver was told to be: all that its credentials say.
Stage* StageDoor::playing_as_told() const {
    for (const std::string& user : told_) {
        if (Stage* const stage = newest_of(user, true)) {
            return stage;
        }
    }
    return nullptr;
}

Stage* StageDoor::stage_of(Request& request) const {
    const auto user = user_in(request.path);
    const bool is_told = user && told_.contains(std::string{*user});
    Stage* stage = maker_of(request, is_told);
    if (stage == nullptr && user) {
        stage = newest_of(std::string{*user}, is_told);
    } else if (stage == nullptr && is_without_user(request.path)) {
        stage = playing_as_told();
    }
    if (stage != nullptr && is_told && stage->user() != *user) {
        request.path = with_user(request.path, stage->user());
        request.target = with_user(request.target, stage->user());
    }
    return stage;
}

Stage* StageDoor::administered(const Request& request) const {
    if (const std::string_view user = request.header("X-Ringback-Run"); !user.empty()) {
        return newest_of(std::string{user}, false);
    }
    return stages_.empty() ? nullptr : stages_.back();
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

std::optional<std::size_t> StageDoor::most_body(const Request& head) const {
    return Simulator::most_body(head);
}

Response StageDoor::too_large(const Request& head) { return media_overflow(head); }

std::optional<Response> StageDoor::admit(const Request& head) {
    if (AdminApi::serves(head)) {
        Stage* const asked = administered(head);
        return asked != nullptr ? asked->admin().admit(head) : std::nullopt;
    }
    Request copy = head;
    Stage* const stage = stage_of(copy);
    return stage != nullptr ? stage->simulator().admit(copy) : std::nullopt;
}

void StageDoor::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (AdminApi::serves(request)) {
        responder->set_aside();  // it may wait for the clock, which must not wait for it
        if (Stage* const asked = administered(request)) {
            asked->admin().handle(std::move(request), std::move(responder));
        } else {
            responder->send(error_answer(503, "no scenario of that user id is being run yet"));
        }
        return;
    }
    Stage* const stage = stage_of(request);
    if (stage == nullptr) {
        responder->send(nobody(request));
    } else {
        stage->handle(request, responder);
    }
}

Response StageDoor::refuse(int status, std::string_view what, std::string_view remote_ip) {
    return refused_before_routes(status, what, remote_ip);
}

void StageDoor::request_begins() {
    ++under_way_;
    std::erase_if(playing_, [](const Stage* stage) { return stage->over(); });
    for (Stage* const stage : playing_) {
        stage->simulator().request_begins();
    }
}

void StageDoor::request_ends() {
    --under_way_;
    for (Stage* const stage : playing_) {
        stage->simulator().request_ends();
    }
}

}  // namespace ringback
