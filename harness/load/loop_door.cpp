#include "harness/load/loop_door.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <utility>

#include "simulator/core/result.h"
#include "simulator/edge/api/named_id.h"

namespace ringback {
namespace {

/// Nothing above catches what escapes on a loop that is not the connection's.
template <class Do>
void without_escape(Do act) {
    try {
        act();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ringback: a request was not handled: %s\n", e.what());
    }
}

}  // namespace

/// The right to answer a request that another loop has passed on; dropped unused, that loop answers
/// it.
class LoopDoor::Away final : public Responder {
public:
    Away(LoopDoor& home, boost::asio::io_context& here, std::uint64_t ticket)
        : home_{home}, here_{here}, ticket_{ticket} {}
    Away(const Away&) = delete;
    Away& operator=(const Away&) = delete;
    ~Away() override {
        if (!used_) {
            bring_back(std::nullopt);
        }
    }

    void send(Response response) override {
        used_ = true;
        if (response.after_sent) {
            response.after_sent = [&here = here_, then = std::move(response.after_sent)] {
                boost::asio::post(here, [then] { without_escape(then); });
            };
        }
        bring_back(std::move(response));
    }
    std::shared_ptr<ResponseStream> stream(Response /*head*/) override {
        bug("an answer of the API that goes on");
    }

private:
    void bring_back(std::optional<Response> response) {
        boost::asio::post(home_.loop_, [&home = home_, ticket = ticket_,
                                        response = std::move(response)]() mutable {
            home.came_back(ticket, std::move(response));
        });
    }

    LoopDoor& home_;
    boost::asio::io_context& here_;
    std::uint64_t ticket_;
    bool used_{false};
};

void LoopDoor::add_neighbour(CallHall& hall, boost::asio::io_context& loop) {
    neighbours_.push_back({&hall, &loop});
}

void LoopDoor::keep_account_at(CallHall& hall, boost::asio::io_context& loop) {
    account_ = Neighbour{&hall, &loop};
}

/// Who has what the request names, or the account's own things; null: no neighbour.
const LoopDoor::Neighbour* LoopDoor::neighbour_with(const Request& request) const {
    if (neighbours_.empty()) {
        return nullptr;
    }
    if (const auto named = id_in(request)) {
        const auto maker = std::ranges::find_if(neighbours_, [&named](const Neighbour& neighbour) {
            return named->is_of(neighbour.hall->ids());
        });
        if (maker != neighbours_.end()) {
            return &*maker;
        }
        if (own_.has_made(*named)) {
            return nullptr;  // a file of a call's, in the account's folder
        }
    }
    return account_ && is_of_account(request.path) ? &*account_ : nullptr;
}

void LoopDoor::show(LiveMetrics& metrics, boost::asio::io_context& loop) {
    metrics_ = &metrics;
    home_of_metrics_ = &loop;
}

std::optional<Response> LoopDoor::admit(const Request& head) {
    return metrics_ != nullptr && LiveMetrics::serves(head) ? LiveMetrics::admit(head)
                                                            : own_.admit(head);
}

void LoopDoor::handle(Request&& request, std::shared_ptr<Responder> responder) {
    if (metrics_ != nullptr && LiveMetrics::serves(request)) {
        if (home_of_metrics_ == &loop_) {
            metrics_->handle(request, std::move(responder));
        } else {
            pass_on(*home_of_metrics_, std::move(request), std::move(responder),
                    [metrics = metrics_](const Request& asked, std::shared_ptr<Responder> away) {
                        metrics->handle(asked, std::move(away));
                    });
        }
    } else if (const Neighbour* const maker = neighbour_with(request)) {
        pass_on(*maker->loop, std::move(request), std::move(responder),
                [hall = maker->hall](const Request& asked, const std::shared_ptr<Responder>& away) {
                    hall->handle(asked, away);
                });
    } else {
        own_.handle(std::move(request), std::move(responder));
    }
}

/// `answer(request, responder)` is called on the other loop.
template <class Answer>
void LoopDoor::pass_on(boost::asio::io_context& to, Request&& request,
                       std::shared_ptr<Responder> responder, Answer answer) {
    const std::uint64_t ticket = ++tickets_;
    waiting_.emplace(ticket, std::move(responder));
    boost::asio::post(to, [this, &to, ticket, answer, request = std::move(request)] {
        without_escape([&] { answer(request, std::make_shared<Away>(*this, to, ticket)); });
    });
}

void LoopDoor::came_back(std::uint64_t ticket, std::optional<Response> response) {
    const auto responder = std::move(waiting_.extract(ticket).mapped());
    if (response) {
        responder->send(*std::move(response));
    }  // else it answers for itself when it is dropped
}

}  // namespace ringback
