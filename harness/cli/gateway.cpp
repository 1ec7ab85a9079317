#include "harness/cli/gateway.h"

#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/routes.h"
#include "harness/cli/take_back.h"
#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/kept_body.h"
#include "simulator/edge/api/media_api.h"
#include "simulator/edge/api/router.h"

namespace ringback {
namespace {

/// The answer to what the file cannot take, recorded as far as it can be: in memory, and in the
/// file once that can be written again.
Response refuse_unrecorded(const Request& request, Simulator& simulator, Journal& journal) {
    Response response =
        no_room_now("journal-unavailable",
                    "the journal file cannot be written: " + journal.file()->trouble(), request);
    Request shown = request;
    shown.body = kept_body(kept_of_unclaimed(request), request.body);
    journal.record(exchange_entry(simulator, shown, response, user_in(request.path).value_or("")));
    return response;
}

/// Lets an answer go when everything recorded so far is written, and "it is there now" only then:
/// where the disk failed without warning, what has come into being is taken back and the client
/// told that it is not there.
class AfterTheJournal final : public Responder {
public:
    AfterTheJournal(Request request, std::shared_ptr<Responder> next, Simulator& simulator,
                    Journal& journal)
        : request_{std::move(request)},
          next_{std::move(next)},
          simulator_{simulator},
          journal_{journal},
          take_back_{request_, simulator_} {}

    [[nodiscard]] const Request& request() const { return request_; }

    void send(Response response) override {
        if (!journal_.flush() && take_back_.is_owed(response)) {
            take_back_.undo(response);
            Response refusal = refuse_unrecorded(request_, simulator_, journal_);
            refusal.after_sent = std::move(response.after_sent);
            response = std::move(refusal);
        }
        next_->send(std::move(response));
    }
    void send_file(Response response, std::shared_ptr<const std::string> file) override {
        static_cast<void>(journal_.flush());  // nothing comes into being by it
        next_->send_file(std::move(response), std::move(file));
    }
    void set_aside() override { next_->set_aside(); }
    std::shared_ptr<ResponseStream> stream(Response head) override {
        static_cast<void>(journal_.flush());  // a failure makes it unhealthy, which is asked later
        return next_->stream(std::move(head));
    }

private:
    Request request_;
    std::shared_ptr<Responder> next_;
    Simulator& simulator_;
    Journal& journal_;
    TakeBack take_back_;
};

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

std::optional<std::size_t> Gateway::most_body(const Request& head) const {
    return serves_ == Serves::admin ? std::nullopt : Simulator::most_body(head);
}

Response Gateway::too_large(const Request& head) { return media_overflow(head); }

Response Gateway::out_of_memory(const Request& head) {
    constexpr const char* what = "ringback has no memory for this request now; try again later";
    return is_for_admin(head) ? error_answer(503, what)
                              : no_room_now(memory_unavailable, what, head);
}

void Gateway::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (auto answer = misdirected(request)) {
        responder->send(std::move(*answer));
    } else if (is_for_admin(request)) {
        responder->set_aside();
        admin_.handle(std::move(request), std::move(responder));
    } else if (journal_.file() == nullptr) {
        simulator_.handle(request, responder);
    } else {
        handle_recorded(std::move(request), std::move(responder));
    }
}

/// Nothing is accepted that could not be recorded.
void Gateway::handle_recorded(Request request, std::shared_ptr<Responder> responder) {
    const bool looks_only = request.method == "GET" || request.method == "HEAD";
    // Only a flush tells whether a disk that failed can be written again.
    if (!looks_only && !journal_.healthy() && (!journal_.flush() || !journal_.healthy())) {
        responder->send(refuse_unrecorded(request, simulator_, journal_));
        return;
    }
    const auto waiting = std::make_shared<AfterTheJournal>(std::move(request), std::move(responder),
                                                           simulator_, journal_);
    simulator_.handle(waiting->request(), waiting);
}

Response Gateway::refuse(int status, std::string_view what, std::string_view remote_ip) {
    if (serves_ == Serves::admin) {
        return error_answer(status, what);
    }
    return refused_before_routes(status, what, remote_ip);
}

}  // namespace ringback
