// The part of CallHall that finds out whose a request is which names nothing: the application was
// kicked to place its call, or creates another leg, a conference or a message.
#include <algorithm>
#include <utility>

#include "harness/load/call_hall.h"
#include "harness/load/playable.h"
#include "harness/run/kick_request.h"
#include "harness/run/request_headers.h"
#include "harness/run/targets.h"
#include "harness/scenario/delay_before.h"
#include "harness/script/words.h"

namespace ringback {
namespace {

constexpr std::size_t kept_of_a_body = 4096;  // as a request is recorded

bool only_looks(const Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

bool is_creation(const Request& request) {
    return request.method == "POST" && means_path("/v1/users/*/calls", request.path);
}

/// As it will be recorded, but not answered yet.
Happening asked(const Request& request, const IdCodec& ids) {
    ApiExchange exchange;
    exchange.method = request.method;
    exchange.target = request.target;
    exchange.request_body = request.body.substr(0, kept_of_a_body);
    exchange.remote = request.remote;
    Entry entry;
    entry.what = std::move(exchange);
    Happening happening{entry, ids};
    happening.give_headers(headers_of(request));
    return happening;
}

}  // namespace

std::optional<Error> CallHall::prepare_kicks() {
    for (const Bindings& bound : bindings_) {
        for (const Mistake& refused : refused_targets(scenario_, bound, targets_)) {
            if (refused.what.starts_with("start.kick")) {
                return Error{"", to_text(refused)};
            }
        }
    }
    auto kicks = KickSender::open(
        loop_, targets_, settings_.simulator.delivery,
        [this](std::uint64_t n, const AttemptResult& answer) { kick_answered(n, answer); });
    if (!kicks) {
        return kicks.error();
    }
    kicks_ = std::move(kicks).value();
    return std::nullopt;
}

void CallHall::kick(LoadCall& call) {
    // How long the first steps take has to be known when its call is made.
    call.first_delays = first_delays(call);
    const auto wanted = kick_request(std::get<Kick>(scenario_.start.how), call.script().bindings());
    const auto problem = wanted ? kicks_->send(call.arrival().n, wanted.value(), call.placed)
                                : std::optional{wanted.error()};
    if (problem) {
        call.script().cannot_go_on(to_text(*problem));
    } else {
        kicked_.add(call);
    }
}

/// Of a call that has ended nobody asks any more.
void CallHall::kick_answered(std::uint64_t n, const AttemptResult& answer) {
    const auto found = calls_.find(n);
    if (found == calls_.end()) {
        return;
    }
    LoadCall& call = *found->second;
    Script& script = call.script();
    const std::size_t before = script.judged().size();
    script.kick_answered(reply_of_kick(answer));
    const bool fits =
        script.judged().size() == before || script.judged().back().result == Judged::Result::passed;
    const std::string cause = fits ? std::string{} : cause_of(answer);
    meter_.kicked(call.arrival(), {"start", call.due(), answer, fits, cause, "kick"});
    line_up(call);
}

bool CallHall::awaits(const Request& request) const {
    if ((kicked_.empty() && expecting_.empty()) || only_looks(request)) {
        return false;
    }
    const Happening happening = asked(request, ids_);
    return kicked_.awaiting(happening) != nullptr || expecting_.awaiting(happening) != nullptr;
}

/// What is made for that call begins with them; null: those of all.
std::shared_ptr<const Delays> CallHall::delays_of(const LoadCall& call) const {
    return call.legs.empty()
               ? call.first_delays
               : std::make_shared<const Delays>(simulator_->engine().delays_of(call.legs.front()));
}

/// Whose a request is that names nothing of ours is found out before it is answered.
void CallHall::handle(const Request& request, const std::shared_ptr<Responder>& responder) {
    const bool may_be_awaited = kicks_ != nullptr || !expecting_.empty();
    if (!may_be_awaited || only_looks(request) || made_id_in(request)) {
        simulator_->handle(request, responder);
        return;
    }
    const Happening happening = asked(request, ids_);
    taker_ = kicked_.awaiting(happening);
    if (taker_ == nullptr) {
        taker_ = expecting_.awaiting(happening);
    }
    if (taker_ == nullptr && kicks_ != nullptr && is_creation(request) && !fits_a_row(happening)) {
        taker_ = kicked_.oldest();  // whose script says what is wrong with it
    }
    if (taker_ != nullptr) {
        simulator_->engine().give_new_calls(delays_of(*taker_));
    }
    struct Handled {
        CallHall& hall;
        ~Handled() {
            hall.unnamed_ = nullptr;
            hall.taker_ = nullptr;
            hall.simulator_->engine().give_new_calls(nullptr);
        }
    };
    const Handled whatever_happens{*this};
    unnamed_ = &request;
    simulator_->handle(request, responder);
}

/// What the call of some row of the data awaits first: if none of those that wait is of that row,
/// it comes late or a second time, and is nobody else's.
bool CallHall::fits_a_row(const Happening& creation) const {
    const auto& steps = scenario_.block.steps;
    const auto* const first = steps.empty() ? nullptr : std::get_if<Await>(&steps.front().what);
    return first != nullptr && std::ranges::any_of(bindings_, [&](const Bindings& row) {
               return is_meant(first->api, creation, row);
           });
}

/// Of the request being handled, which names nothing of ours; null: it is nobody's.
LoadCall* CallHall::taken(const Entry& entry, const ApiExchange& exchange) {
    constexpr int created{201};
    if (taker_ == nullptr) {
        if (kicks_ != nullptr && is_creation(*unnamed_) && exchange.status == created) {
            meter_.unexpected();
        }
        return nullptr;
    }
    kicked_.remove(*taker_);
    expecting_.remove(*taker_);
    if (entry.call != CallId::none) {
        taker_->legs.push_back(entry.call);
        by_leg_.emplace(entry.call, taker_);
    }
    return taker_;
}

/// One whose first `await` is still to come waits (again): what it took was not it.
void CallHall::await_unnamed(LoadCall& call) {
    if (kicks_ != nullptr && !call.script().over() && call.script().reached().empty()) {
        kicked_.add(call);
    } else if (expects_ && call.script().awaits(may_name_nothing)) {
        expecting_.add(call);
    } else {
        expecting_.remove(call);
    }
}

}  // namespace ringback
