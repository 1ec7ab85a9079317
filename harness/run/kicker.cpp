#include "harness/run/kicker.h"

#include <utility>

#include "simulator/edge/wall_clock.h"

namespace ringback {

std::optional<Error> Kicker::kick(const KickRequest& wanted, WhenAnswered when_answered) {
    if (auto problem = problem_of(wanted, targets_)) {
        return problem;
    }
    settings_.user_agent = "ringback";
    settings_.keep_answer_headers = true;
    settings_.headers.insert(settings_.headers.end(), wanted.headers.begin(), wanted.headers.end());
    auto opened = HttpTransport::open(loop_, settings_, targets_);
    if (!opened) {
        return opened.error();
    }
    transport_ = std::move(opened).value();
    transport_->listen(*this);
    when_answered_ = std::move(when_answered);
    AttemptRequest request;
    request.id = AttemptId{1};
    request.now = wall_now();
    request.url = wanted.url;
    request.method = wanted.method == "GET" ? Method::get : Method::post;
    request.payload = wanted.body;
    transport_->start(request);
    return std::nullopt;
}

void Kicker::give_up() {
    when_answered_ = nullptr;
    if (transport_) {
        transport_->abandon_all();
    }
}

void Kicker::attempt_ended(AttemptId /*id*/, AttemptResult&& result) {
    if (const auto told = std::exchange(when_answered_, nullptr)) {
        told(result);
    }
}

}  // namespace ringback
