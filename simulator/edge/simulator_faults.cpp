// The part of Simulator that acts on a plan of faults: of events, from the model to the dispatcher.
#include <utility>

#include "simulator/edge/callback_faults.h"
#include "simulator/edge/simulator.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

/// What is held back keeps its place before what comes later: without a plan too, until it is gone.
void Simulator::set_faults(FaultPlan plan) {
    dice_.reset();
    if (!plan.rules.empty() || held_.held() > 0) {
        dice_ = std::make_unique<FaultDice>(std::move(plan), settings_.seed,
                                            !settings_.delivery.signing.empty());
        faults_since_ = driver_.now();
    }
}

FaultTally Simulator::fault_tally() const {
    FaultTally tally = losses_;
    if (faults() != nullptr) {
        tally.rules = dice_->totals();
    }
    return tally;
}

/// As raise() does, of an event whose payload is written. The journal is told of it as the model
/// has it: what a script or a report goes by is what happened, whatever became of its delivery.
void Simulator::raise_among_faults(const Output& output, const Callback& callback, const User& user,
                                   WallInstant wall) {
    const DeliveryId delivery = dispatcher_.next_id();
    const auto tell = [&](auto&& what) {
        history_.record(output.call, output.at, wall, user.shared_name,
                        std::forward<decltype(what)>(what));
    };
    Text said{payload_, history_.texts()};
    tell(EventRaised{delivery, callback.event.type, callback.route, said});
    FaultDice::Roll roll = dice_->on_event(callback.event, user.hash, output.at - faults_since_);
    if (!roll.missed.empty()) {
        tell(DrawsMissed{dice_->names(), std::move(roll.missed), delivery, callback.event.type});
    }
    Fate fate =
        fate_of(std::move(roll.met), callback.event, callback.route->method, payload_, delivery);
    if (fate.lost) {
        if (losses_.lost++ == 0) {
            losses_.first_lost = output.at - began_;
        }
        tell(std::move(*fate.lost));
        never_comes(callback, output.at);
        return;
    }
    for (FaultMet& met : fate.news) {
        tell(std::move(met));
    }
    if (held_for_answer_ != nullptr) {
        hold(callback.strand);
    }
    if (fate.payload) {
        said = Text{*fate.payload, history_.texts()};
    }
    Parcel parcel{delivery, callback, std::move(said), user.shared_name, std::move(fate.badly)};
    for (Fate::Echo& echo : fate.echoes) {
        fate.stay.followers.push_back({echo.after, parcel_of(std::move(echo), parcel, user)});
    }
    held_.take(std::move(parcel), std::move(fate.stay), output.at);
    held_.time_is(output.at);
    send_what_leaves(output.at);
}

/// `original`: the event that it comes after.
Parcel Simulator::parcel_of(Fate::Echo echo, const Parcel& original, const User& user) {
    Parcel parcel = original;
    parcel.id = dispatcher_.next_id();
    parcel.extra = true;
    parcel.again = original.id;
    parcel.beside = echo.beside;
    if (echo.event) {
        payload_.clear();
        append_callback(payload_, *echo.event, parcel.callback.route->method, user.name, user.hash,
                        callback_text_);
        parcel.payload = Text{payload_, history_.texts()};
        parcel.badly = {};
        parcel.again = DeliveryId::none;
        parcel.callback.event = std::move(*echo.event);
    }
    echo.met.delivery = parcel.id;
    echo.met.extra = true;
    echo.met.payload = parcel.payload.view().substr(0, kept_of_a_body);
    parcel.news.push_back(std::move(echo.met));
    return parcel;
}

void Simulator::send_what_leaves(Instant now) {
    for (Parcel& parcel : held_.take_leaving()) {
        for (FaultMet& met : parcel.news) {
            history_.record(parcel.callback.event.call, now, wall_now(), parcel.user,
                            std::move(met));
        }
        dispatcher_.owe(std::move(parcel));
    }
    const auto next = held_.next();
    if (next && *next < held_alarm_) {
        held_alarm_ = *next;
        at(*next, [this, when = *next] {
            held_alarm_ = Instant::max();
            held_.time_is(when);
            send_what_leaves(when);
        });
    }
    if (dice_ != nullptr && dice_->plan().rules.empty() && held_.held() == 0) {
        dice_.reset();
    }
}

/// A call that waits for what the receiver says to it goes on as if it had not been reached; told
/// when all is taken that came with the event.
void Simulator::never_comes(const Callback& callback, Instant now) {
    const Event& event = callback.event;
    std::optional<Input> input;
    if (event.asks_document) {
        NoDocument none;
        none.asked_by = event.type;
        none.why = NoDocument::Why::not_delivered;
        none.url = callback.route->url;
        input = std::move(none);
    } else if (event.type == EventType::incomingcall) {
        input = IncomingTold{true};
    } else {
        return;
    }
    alarms_.emplace(now, [this, call = event.call, input = std::move(*input)] {
        engine_.apply(call, input, driver_.now());
        take_outputs();
    });
}

}  // namespace ringback
