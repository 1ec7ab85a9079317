// How a stage begins: by a call of its own, by one from outside, or by a kick.
#include <fmt/format.h>

#include <utility>

#include "harness/run/kick_request.h"
#include "harness/run/opening.h"
#include "harness/run/stage.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

void Stage::begin(WhenOver when_over) {
    when_over_ = std::move(when_over);
    began_ = wall_now();
    auto bound = bindings_of(scenario_, settings_);
    script_ = std::make_unique<Script>(scenario_, bound ? bound.value() : Bindings{},
                                       settings_.seed, Shared{settings_.simulator.model.delays});
    journal_.listen(*this);
    simulator_->edit_events(this);
    simulator_->ready();
    began_at_ = simulator_->now();
    end_.expires_after(settings_.timeout);
    end_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled && !over_) {
            record_.out_of_time = true;
            script_->out_of_time(wall_now());
            finish();
        }
    });
    if (!bound) {
        script_->cannot_go_on(to_text(bound.error()));
        turn_soon();
        return;
    }
    script_->begin(began_at_, began_);
    for (const Wish& wish : script_->take_wishes()) {
        obey(wish);  // how long the first steps take has to be known before the call is made
    }
    if (const auto* const own = std::get_if<OwnCall>(&scenario_.start.how)) {
        begin_call(*own);
    } else if (const auto* const inbound = std::get_if<InboundCall>(&scenario_.start.how)) {
        begin_inbound(*inbound);
    } else {
        kick(std::get<Kick>(scenario_.start.how));
    }
    turn_soon();
}

void Stage::begin_call(const OwnCall& call) {
    const auto body = own_call_body(call, script_->bindings(), settings_.receiver);
    if (!body) {
        script_->cannot_go_on(to_text(body.error()));
        return;
    }
    const Response answer =
        ask("POST", "/v1/users/" + settings_.user + "/calls", body.value().dump());
    if (answer.status != 201) {
        script_->cannot_go_on(
            fmt::format("the call was refused: {} {}", answer.status, answer.body));
    }
}

void Stage::begin_inbound(const InboundCall& call) {
    auto wanted = inbound_call(call, script_->bindings(), settings_.receiver);
    if (!wanted) {
        script_->cannot_go_on(to_text(wanted.error()));
        return;
    }
    const Route& route = *wanted.value().route;
    for (const std::string& url : {route.url, route.fallback_url}) {
        const auto refusal = url.empty() ? std::nullopt : simulator_->refuse_url(url);
        if (refusal) {
            script_->cannot_go_on(*refusal);
            return;
        }
    }
    const auto made = simulator_->ring_in(settings_.user, std::move(wanted).value());
    if (!made) {
        script_->cannot_go_on(to_text(made.error()));
    }
}

void Stage::kick(const Kick& kick) {
    const auto request = kick_request(kick, script_->bindings());
    if (!request) {
        script_->cannot_go_on(to_text(request.error()));
        return;
    }
    const auto problem = kicker_.kick(request.value(), [this](const AttemptResult& answer) {
        if (!over_) {
            script_->kick_answered(reply_of_kick(answer));
            turn_soon();
        }
    });
    if (problem) {
        script_->cannot_go_on(to_text(*problem));
    }
}

}  // namespace ringback
