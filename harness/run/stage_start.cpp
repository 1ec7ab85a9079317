// How a stage begins: by a call of its own, by one from outside, or by a kick.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/run/kick_request.h"
#include "harness/run/opening.h"
#include "harness/run/stage.h"
#include "harness/scenario/limits.h"
#include "simulator/edge/wall_clock.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

/// Why a route's URLs may not be called; "" = they may.
std::string refused(const Route& route, Simulator& simulator) {
    for (const std::string& url : {route.url, route.fallback_url}) {
        if (auto refusal = url.empty() ? std::nullopt : simulator.refuse_url(url)) {
            return *std::move(refusal);
        }
    }
    return {};
}

}  // namespace

void Stage::begin(WhenOver when_over) {
    when_over_ = std::move(when_over);
    began_ = wall_now();
    auto bound = bindings_of(scenario_, settings_);
    script_ =
        std::make_unique<Script>(scenario_, bound ? bound.value() : Bindings{}, settings_.seed,
                                 Shared{settings_.simulator.model.delays}, settings_.lenient);
    script_->may_wait(std::max<Duration>(longest_waits, settings_.timeout));
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
    } else if (const auto* const message = std::get_if<InboundMessage>(&scenario_.start.how)) {
        if (const std::string why = send_in(*message); !why.empty()) {
            script_->cannot_go_on(why);
        }
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
    if (const std::string why = refused(*wanted.value().route, *simulator_); !why.empty()) {
        script_->cannot_go_on(why);
        return;
    }
    const auto made = simulator_->ring_in(settings_.user, std::move(wanted).value());
    if (!made) {
        script_->cannot_go_on(to_text(made.error()));
    }
}

/// Why there is no message; "" = there is one.
std::string Stage::send_in(const InboundMessage& message) {
    auto wanted = inbound_message(message, script_->bindings(), settings_.receiver);
    if (!wanted) {
        return to_text(wanted.error());
    }
    if (std::string why = refused(*wanted.value().route, *simulator_); !why.empty()) {
        return why;
    }
    const auto made = simulator_->text_in(settings_.user, std::move(wanted).value());
    return made ? std::string{} : to_text(made.error());
}

/// From whoever sent the first one, to the same number; or else from the number called.
void Stage::send_text(const WishAct& act) {
    const auto* const first = std::get_if<InboundMessage>(&scenario_.start.how);
    InboundMessage next = first != nullptr ? *first : InboundMessage{};
    next.members.erase("media");
    next.members["text"] = act.text;
    if (const std::string why = send_in(next); !why.empty()) {
        script_->cannot_do(*act.step, why);
    }
}

void Stage::kick(const Kick& kick) {
    const auto request = kick_request(kick, script_->bindings());
    if (!request) {
        script_->cannot_go_on(to_text(request.error()));
        return;
    }
    record_.kick = KickAnswer{};
    const auto problem = kicker_.kick(request.value(), [this](const AttemptResult& answer) {
        if (!over_) {
            record_.kick = KickAnswer{std::string{word(answer.end)}, answer.status};
            script_->kick_answered(reply_of_kick(answer));
            turn_soon();
        }
    });
    if (problem) {
        script_->cannot_go_on(to_text(*problem));
    }
}

}  // namespace ringback
