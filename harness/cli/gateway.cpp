#include "harness/cli/gateway.h"

#include <utility>

#include "harness/admin/answers.h"
#include "harness/admin/routes.h"
#include "simulator/edge/api/answers.h"
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
    journal.record(
        exchange_entry(simulator, request, response, user_in(request.path).value_or("")));
    return response;
}

/// What an id of a conference or of a member names, of whichever user.
struct InConference {
    CallId conference{};
    std::uint32_t member{0};  // 0: the conference itself
};
std::optional<InConference> find_in_conferences(Simulator& simulator, std::string_view text_id) {
    for (const User* const user : simulator.engine().users()) {
        for (const IdKind kind : {IdKind::conference, IdKind::conference_member}) {
            if (const auto named = simulator.ids().decode(kind, text_id, user->hash)) {
                return InConference{conference_id(user->slot, named->call_number), named->sub};
            }
        }
    }
    return std::nullopt;
}

/// Lets an answer go when everything recorded so far is written, and "201" only then: where the
/// disk failed without warning, what has come into being is taken back and the client told that it
/// is not there.
class AfterTheJournal final : public Responder {
public:
    AfterTheJournal(Request request, std::shared_ptr<Responder> next, Simulator& simulator,
                    Journal& journal)
        : request_{std::move(request)},
          next_{std::move(next)},
          simulator_{simulator},
          journal_{journal} {}

    [[nodiscard]] const Request& request() const { return request_; }

    void send(Response response) override {
        const bool creates = response.status == 201 || response.status == 202;  // 202: messages
        if (!journal_.flush() && creates) {
            take_back(response);
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
    void take_back(const Response& created) {
        for (const auto& [name, value] : created.headers) {
            if (name == "Location") {
                take_back(std::string_view{value});
            }
        }
        if (created.status == 202) {
            for (const auto& result : nlohmann::json::parse(created.body)) {
                take_back(std::string_view{result.value("location", "")});
            }
        }
    }
    /// A call, message, bridge or conference is forgotten before anybody hears of it; the second
    /// leg of a transfer, which the first already waits for, is cancelled, and a member leaves
    /// again.
    void take_back(std::string_view location) {
        const std::string_view id = location.substr(location.rfind('/') + 1);
        if (const Message* const message = find_message(simulator_, id)) {
            simulator_.forget(message->id);
            return;
        }
        if (const Bridge* const bridge = find_bridge(simulator_, id)) {
            simulator_.forget(bridge->id);
            return;
        }
        const Call* const call = find_call(simulator_, id);
        if (call == nullptr) {
            take_back_conference(id);
            take_back_item(id);
            return;
        }
        if (call->details && call->details->peer.role != Peer::Role::none) {
            Update cancelled;
            cancelled.state = WantedState::completed;
            simulator_.act(call->id, cancelled);
        } else {
            simulator_.forget(call->id);
        }
    }

    void take_back_conference(std::string_view id) {
        const auto named = find_in_conferences(simulator_, id);
        if (named && named->member == 0) {
            simulator_.forget(named->conference);
        } else if (named) {
            UpdateMember leaves;
            leaves.member = named->member;
            leaves.leaves = true;
            simulator_.confer(named->conference, leaves);
        }
    }

    /// Of an application or a phone number.
    void take_back_item(std::string_view id) {
        for (const User* const user : simulator_.engine().users()) {
            const auto number = [&](IdKind kind) {
                return simulator_.ids().decode(kind, id, user->hash);
            };
            if (const auto application = number(IdKind::application)) {
                simulator_.change(user->name, RemoveApplication{application->call_number});
            } else if (const auto phone = number(IdKind::phone_number)) {
                simulator_.change(user->name, RemoveNumber{phone->call_number});
            }
        }
    }

    Request request_;
    std::shared_ptr<Responder> next_;
    Simulator& simulator_;
    Journal& journal_;
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
    // Only a flush tells whether a disk that failed can be written again.
    if (request.method == "POST" && !journal_.healthy() &&
        (!journal_.flush() || !journal_.healthy())) {
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
