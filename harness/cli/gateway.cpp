#include "harness/cli/gateway.h"

#include <utility>

#include "harness/admin/answers.h"
#include "simulator/edge/api/answers.h"

namespace ringback {
namespace {

/// Lets an answer go when everything recorded so far is written.
class AfterTheJournal : public Responder {
public:
    AfterTheJournal(std::shared_ptr<Responder> next, Journal& journal)
        : next_{std::move(next)}, journal_{journal} {}

    void send(Response response) override {
        // A disk that fails makes the journal unhealthy, and with that later calls are refused.
        static_cast<void>(journal_.flush());
        next_->send(std::move(response));
    }
    void set_aside() override { next_->set_aside(); }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        static_cast<void>(journal_.flush());
        return next_->stream(std::move(head));
    }

private:
    std::shared_ptr<Responder> next_;
    Journal& journal_;
};

/// The provider's code for a request that is none; spec v1 has only categories for these.
std::string_view code_for(int status) {
    switch (status) {
        case 408:
            return "request-timeout";
        case 414:
            return "uri-too-long";
        case 415:
            return "unsupported-media-type";
        case 431:
            return "headers-too-large";
        default:
            return "validation-error";
    }
}

}  // namespace

Gateway::Gateway(Serves serves, Simulator& simulator, AdminApi& admin, Journal& journal)
    : serves_{serves}, simulator_{simulator}, admin_{admin}, journal_{journal} {}

bool Gateway::is_for_admin(const Request& request) const {
    return serves_ != Serves::api && AdminApi::serves(request);
}

std::optional<Response> Gateway::misdirected(const Request& request) const {
    if (serves_ == Serves::admin && !AdminApi::serves(request)) {
        return error_answer(404, "this port serves /__admin only");
    }
    return std::nullopt;
}

std::optional<Response> Gateway::admit(const Request& head) {
    if (auto answer = misdirected(head)) {
        return answer;
    }
    return is_for_admin(head) ? admin_.admit(head) : simulator_.admit(head);
}

void Gateway::handle(Request request, std::shared_ptr<Responder> responder) {
    if (auto answer = misdirected(request)) {
        responder->send(std::move(*answer));
    } else if (is_for_admin(request)) {
        responder->set_aside();
        admin_.handle(std::move(request), std::move(responder));
    } else if (journal_.file() != nullptr) {
        simulator_.handle(request,
                          std::make_shared<AfterTheJournal>(std::move(responder), journal_));
    } else {
        simulator_.handle(request, responder);
    }
}

Response Gateway::refuse(int status, std::string_view what, std::string_view remote_ip) {
    if (serves_ == Serves::admin) {
        return error_answer(status, what);
    }
    if (status == 413) {
        status = 400;  // spec v1 7.2; the contract comes before reliability.md
    }
    return provider_error(status, status == 503 ? "unavailable" : "bad-request", code_for(status),
                          what, {{"remoteAddress", std::string{remote_ip}}});
}

}  // namespace ringback
