#include "harness/load/kick_sender.h"

#include <utility>

namespace ringback {

Result<std::unique_ptr<KickSender>> KickSender::open(boost::asio::io_context& loop,
                                                     const TargetPolicy& targets,
                                                     DeliverySettings delivery,
                                                     WhenAnswered when_answered) {
    delivery.user_agent = "ringback";
    delivery.keep_answer_headers = true;
    auto transport = HttpTransport::open(loop, std::move(delivery), targets);
    if (!transport) {
        return transport.error();
    }
    return std::unique_ptr<KickSender>{
        new KickSender{targets, std::move(transport).value(), std::move(when_answered)}};
}

KickSender::KickSender(const TargetPolicy& targets, std::unique_ptr<HttpTransport> transport,
                       WhenAnswered when_answered)
    : targets_{targets},
      transport_{std::move(transport)},
      when_answered_{std::move(when_answered)} {
    transport_->listen(*this);
}

std::optional<Error> KickSender::send(std::uint64_t n, const KickRequest& wanted, WallInstant now) {
    if (auto problem = problem_of(wanted, targets_)) {
        return problem;
    }
    std::string headers;
    for (const std::string& line : wanted.headers) {
        headers += line + "\r\n";
    }
    AttemptRequest request;
    request.id = AttemptId{n};
    request.now = now;
    request.url = wanted.url;
    request.method = wanted.method == "GET" ? Method::get : Method::post;
    request.payload = wanted.body;
    request.headers = headers;
    transport_->start(request);
    return std::nullopt;
}

void KickSender::attempt_ended(AttemptId id, AttemptResult&& result) {
    when_answered_(static_cast<std::uint64_t>(id), result);
}

}  // namespace ringback
