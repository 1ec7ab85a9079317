#include "harness/run/kicker.h"

#include <fmt/format.h>

#include <utility>

#include "simulator/edge/target.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

std::optional<Error> Kicker::kick(const std::string& method, const std::string& url,
                                  const std::map<std::string, std::string>& headers,
                                  const std::string& body, WhenAnswered when_answered) {
    if (method != "POST" && method != "GET") {
        return Error{"start.kick.method", "expected POST or GET, found \"" + method + "\""};
    }
    const Result<Target> target = parse_target(url);
    if (!target) {
        return Error{"start.kick.url", target.error().what};
    }
    if (const auto refusal = targets_.refusal(target.value())) {
        return Error{"start.kick.url", *refusal};
    }
    settings_.user_agent = "ringback";
    settings_.keep_answer_headers = true;
    for (const auto& [name, value] : headers) {
        settings_.headers.push_back(fmt::format("{}: {}", name, value));
    }
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
    request.url = url;
    request.method = method == "GET" ? Method::get : Method::post;
    request.payload = body;
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
