// The part of CallHall that lets scripts act, and ends calls; call_hall.cpp starts them.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "harness/load/call_hall.h"
#include "harness/report/run_json.h"
#include "harness/report/story.h"
#include "harness/run/acts.h"
#include "harness/run/own_request.h"
#include "harness/scenario/delay_before.h"
#include "harness/script/checks.h"
#include "simulator/edge/wall_clock.h"
#include "simulator/wire/words.h"

namespace ringback {
namespace {

using nlohmann::json;

/// What many calls may fail for: without the ids that differ.
std::string cause_of(const Verdict& verdict, const std::vector<Happening>& happenings) {
    const auto broken = std::ranges::find_if(
        verdict.judged, [](const Judged& told) { return told.result != Judged::Result::passed; });
    if (broken == verdict.judged.end()) {
        return {};
    }
    const std::string call_id = happenings.empty() ? std::string{} : happenings.front().call();
    std::string text = broken->name + ": " + broken->got;
    for (std::size_t at = call_id.empty() ? std::string::npos : text.find(call_id);
         at != std::string::npos; at = text.find(call_id, at + 1)) {
        text.replace(at, call_id.size(), "*");
    }
    constexpr std::size_t longest = 160;
    return text.size() > longest ? text.substr(0, longest) + "..." : text;
}

}  // namespace

/// Never from inside what is being recorded: scripts act on the very simulator that records.
void CallHall::line_up(LoadCall& call) {
    if (!std::exchange(call.in_line, true)) {
        line_.push_back(&call);
    }
    if (!std::exchange(turn_posted_, true)) {
        boost::asio::post(loop_, [this] { turn(); });
    }
}

void CallHall::turn() {
    turn_posted_ = false;
    std::swap(line_, turning_);
    for (LoadCall* const call : turning_) {
        call->in_line = false;
    }
    for (LoadCall* const call : turning_) {
        turn_of(*call);  // may end it; nobody stands in a line twice
    }
    turning_.clear();
    wake();
}

void CallHall::turn_of(LoadCall& call) {
    const WallInstant now = wall_now();
    Script& script = call.script();
    call.tell_script();
    if (call.hung_up) {
        if (kicks_ != nullptr) {
            hang_up_legs(call);  // the application may have placed it only now
        }
        if ((is_all_told(call) && !kicked_.has(call)) || now >= *call.linger_until) {
            let_go(call, true);
        }
        return;
    }
    script.time_is(simulator_->now(), now);
    await_unnamed(call);
    for (const Wish& wish : script.take_wishes()) {
        obey(call, wish);
    }
    watch(call);
    end_if_through(call, now);
}

void CallHall::obey(LoadCall& call, const Wish& wish) {
    const CallId strand = call.legs.empty() ? CallId::none : call.legs.front();
    if (const auto* const delay = std::get_if<WishDelay>(&wish); delay && call.legs.empty()) {
        auto delays = std::make_shared<Delays>(
            call.first_delays ? *call.first_delays : settings_.simulator.model.delays);
        set_delay_before(delay->event, delay->delay, settings_.simulator.model.delays, *delays);
        call.first_delays = std::move(delays);
        return;
    }
    if (const auto* const delay = std::get_if<WishDelay>(&wish)) {
        Engine& engine = simulator_->engine();
        auto delays = std::make_shared<Delays>(engine.delays_of(strand));
        set_delay_before(delay->event, delay->delay, settings_.simulator.model.delays, *delays);
        for (const CallId leg : call.legs) {
            if (engine.find(leg) != nullptr) {
                engine.set_delays_of(leg, delays);
            }
        }
        return;
    }
    const auto& act = std::get<WishAct>(wish);
    const Call* const placed = simulator_->engine().find(strand);
    if (placed == nullptr) {
        call.script().cannot_do(*act.step, "there is no call yet for the person on the phone");
        return;
    }
    const CallState before = placed->state;
    const Refusal why = simulator_->act(strand, input_of(act)).refusal;
    if (is_a_wrong(why, act)) {
        call.script().cannot_do(*act.step, cannot_act_text(before));
    }
}

void CallHall::watch(LoadCall& call) {
    Script& script = call.script();
    if (script.over()) {
        return;
    }
    if (script.alarm() && script.alarm() != call.alarm_set) {
        call.alarm_set = script.alarm();
        simulator_->at(*call.alarm_set, [this, n = call.arrival().n] {
            if (const auto found = calls_.find(n); found != calls_.end()) {
                line_up(*found->second);
            }
        });
    }
    if (script.deadline() && script.deadline() != call.deadline_set) {
        call.deadline_set = script.deadline();
        look_at(*call.deadline_set, call);
    }
}

void CallHall::look_at(WallInstant at, const LoadCall& call) {
    looks_.push({at, call.arrival().n});
}

/// One timer for whoever is to be looked at next.
void CallHall::wake() {
    if (looks_.empty() || (wakes_at_ && *wakes_at_ <= looks_.top().at)) {
        return;
    }
    wakes_at_ = looks_.top().at;
    waker_.expires_at(std::chrono::steady_clock::time_point{
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            wakes_at_->time_since_epoch())});
    waker_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            wakes_at_.reset();
            looks_due(wall_now());
            wake();
        }
    });
}

void CallHall::looks_due(WallInstant now) {
    while (!looks_.empty() && looks_.top().at <= now) {
        const Look look = looks_.top();
        looks_.pop();
        const auto found = calls_.find(look.call);
        if (found == calls_.end()) {
            continue;
        }
        LoadCall& call = *found->second;
        if (now >= call.last_at && !call.hung_up) {
            call.tell_script();
            call.script().out_of_time(now);
            end(call, now);
        } else {
            line_up(call);
        }
    }
}

bool CallHall::is_all_told(const LoadCall& call) {
    const Engine& engine = simulator_->engine();
    return call.owed() == 0 && std::ranges::all_of(call.legs, [&](CallId leg) {
               if (const Call* const found = engine.find(leg)) {
                   return !has_unfinished_business(*found);
               }
               if (const Conference* const conference = engine.find_conference(leg)) {
                   return conference->owed.empty() && conference->active_members == 0;
               }
               const Message* const message = engine.find_message(leg);
               return message == nullptr || is_settled(*message);
           });
}

/// What failed ends at once. What came through may still be told the rest, for a while: a command
/// behind the hangup is a mistake too.
void CallHall::end_if_through(LoadCall& call, WallInstant now) {
    if (!call.is_through()) {
        return;
    }
    const bool came_through = std::ranges::all_of(call.script().judged(), [](const Judged& told) {
        return told.result == Judged::Result::passed;
    });
    if (!came_through || is_all_told(call) || (call.linger_until && now >= *call.linger_until)) {
        end(call, now);
    } else if (!call.linger_until) {
        call.linger_until = std::min(now + settings_.linger, call.last_at);
        look_at(*call.linger_until, call);
    }
}

void CallHall::end(LoadCall& call, WallInstant now) {
    std::map<std::string, json> resources;
    for (const std::string& path : resources_wanted(scenario_, call.script().bindings())) {
        asking_ = true;
        const Response answer = ask(*simulator_, settings_.api, "GET", path, {});
        asking_ = false;
        constexpr int ok = 200;
        resources[path] = answer.status == ok ? json::parse(answer.body, nullptr, false) : json();
    }
    call.tell_script();
    const Snapshot all{scenario_, call.script(), call.happenings(), resources, false};
    const std::string cause = tell_outcome(call, all, now);
    call.measure(timers_, meter_);
    meter_.ended(call.arrival(), cause, now - call.placed);
    let_go(call, !cause.empty());
}

/// To the meter, and a failing call to those that are kept. Why it failed; "" = it did not.
std::string CallHall::tell_outcome(LoadCall& call, const Snapshot& all, WallInstant now) {
    std::vector<Judged> judged = call.script().give_judged();
    if (const auto names = names_if_held(all, judged)) {
        for (const std::string& name : *names) {
            meter_.judged(name, true);
        }
        return {};
    }
    const Verdict verdict = verdict_of(all, std::move(judged));
    for (const Judged& told : verdict.judged) {
        meter_.judged(told.name, told.result == Judged::Result::passed);
    }
    std::string cause = cause_of(verdict, call.happenings());
    if (kept_.size() < settings_.kept_failures) {
        keep(call, verdict, cause, now);
    }
    return cause;
}

/// `forget`: whatever it may still owe.
void CallHall::let_go(LoadCall& call, bool forget) {
    for (const CallId leg : call.legs) {
        by_leg_.erase(leg);
        simulator_->engine().set_delays_of(leg, nullptr);
        // Of a bridge or conference nobody asks any more, and one that never had a call would never
        // end.
        const Resource what = resource_of(leg);
        if (forget || what == Resource::bridge || what == Resource::conference) {
            simulator_->forget(leg);
        }
    }
    if (call.in_line) {
        std::erase(line_, &call);
    }
    kicked_.remove(call);
    expecting_.remove(call);
    const Arrival arrival = call.arrival();
    const bool placed = !call.legs.empty();
    calls_.erase(arrival.n);
    if (when_ended_) {
        when_ended_(arrival, placed);
    }
}

void CallHall::hang_up_legs(const LoadCall& call) {
    const std::vector<CallId> legs = call.legs;  // what is done to one may show another
    for (const CallId leg : legs) {
        const Refusal why = simulator_->act(leg, FarEndHangsUp{}).refusal;
        if (why != Refusal::none && why != Refusal::already_ended) {
            // It still rings, where nobody can hang up: the call is given up instead.
            Update given_up;
            given_up.state = WantedState::completed;
            simulator_->act(leg, std::move(given_up));
        }
    }
}

void CallHall::hang_up(std::uint64_t n) {
    const auto found = calls_.find(n);
    if (found == calls_.end() || std::exchange(found->second->hung_up, true)) {
        return;
    }
    LoadCall& call = *found->second;
    hang_up_legs(call);
    call.linger_until = std::min(wall_now() + settings_.linger, call.last_at);
    look_at(*call.linger_until, call);
    line_up(call);
}

void CallHall::keep(const LoadCall& call, const Verdict& verdict, const std::string& cause,
                    WallInstant now) {
    RunRecord run;
    run.scenario = scenario_.name;
    run.about = scenario_.about;
    run.file = scenario_.file;
    run.row = scenario_.rows.empty() ? 0 : call.arrival().n % bindings_.size() + 1;
    run.seed = settings_.seed;
    run.user = settings_.user;
    run.verdict = verdict;
    run.wall = now - call.placed;
    run.modelled = run.wall;
    for (const Happening& happening : call.happenings()) {
        run.entries.push_back(happening.entry());
    }
    KeptFailure kept;
    kept.call = call.arrival().n + 1;
    kept.cause = cause;
    kept.story = failure_story(run, settings_.behind, {});
    kept.run = json(run_json(run));
    kept_.push_back(std::move(kept));
}

}  // namespace ringback
