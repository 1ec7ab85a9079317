#include "harness/run/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "harness/run/acts.h"
#include "harness/run/edited_event.h"
#include "harness/run/model.h"
#include "harness/run/opening.h"
#include "harness/run/own_request.h"
#include "harness/run/request_headers.h"
#include "harness/scenario/delay_before.h"
#include "harness/script/checks.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using nlohmann::json;

json body_of(const std::string& text) {
    return json::parse(text.empty() ? "null" : text, nullptr, false);
}

}  // namespace

Result<std::unique_ptr<Stage>> Stage::build(boost::asio::io_context& loop, const Scenario& scenario,
                                            const TargetPolicy& targets, StageSettings settings) {
    std::unique_ptr<Stage> stage{new Stage{loop, scenario, targets, std::move(settings)}};
    SimulatorSettings& wanted = stage->settings_.simulator;
    if (auto problem = model_of(scenario, wanted)) {
        return *problem;
    }
    wanted.seed = stage->model_seed(stage->settings_.take);
    if (const auto take = stage->settings_.drawn_as; take && !wanted.faults.seed) {
        wanted.faults.seed = stage->model_seed(*take);
    }
    wanted.api.inbound_url = stage->settings_.receiver;
    wanted.api.sole_user = stage->settings_.user;
    wanted.delivery.keep_answer_headers = true;  // expectations may ask for them
    auto transport = HttpTransport::open(loop, wanted.delivery, targets);
    if (!transport) {
        return transport.error();
    }
    stage->transport_ = std::move(transport).value();
    stage->simulator_ = std::make_unique<Simulator>(loop, wanted, *stage->transport_, targets,
                                                    stage->journal_, [] {});
    stage->simulator_->watch_receiver(stage->settings_.receiver_is_busy);
    return stage;
}

Stage::Stage(boost::asio::io_context& loop, const Scenario& scenario, const TargetPolicy& targets,
             StageSettings settings)
    : loop_{loop},
      scenario_{with_start_await(scenario)},
      settings_{std::move(settings)},
      ids_{model_seed(settings_.take)},
      journal_{ids_},
      kicker_{loop, targets, settings_.simulator.delivery},
      deadline_{loop},
      end_{loop},
      rest_{loop} {
    record_.scenario = scenario.name;
    record_.about = scenario.about;
    record_.file = scenario.file;
    record_.row = settings_.row;
    record_.seed = settings_.seed;
    record_.user = settings_.user;
}

/// Every run has calls of its own: receivers know them by their ids, and one that is asked to play
/// several scenarios must not take the call of the next for one that it knows. Played again alone,
/// the same scenario has the same ids.
Seed Stage::model_seed(std::size_t take) const {
    std::uint64_t number = mix(settings_.seed);
    for (const char c : scenario_.name) {
        number = mix(number ^ static_cast<unsigned char>(c));
    }
    return Seed{mix(mix(number ^ settings_.row) ^ take)};
}

Stage::~Stage() { journal_.stop_listening(*this); }

Response Stage::ask(const std::string& method, const std::string& path, std::string body) {
    asking_ = true;
    Response answer = ringback::ask(*simulator_, settings_.api, method, path, std::move(body));
    asking_ = false;
    return answer;
}

void Stage::handle(const Request& request, const std::shared_ptr<Responder>& responder) {
    answering_ = &request;
    simulator_->handle(request, responder);
    answering_ = nullptr;
}

AdminApi& Stage::admin() {
    if (admin_ == nullptr) {
        admin_ = std::make_unique<AdminApi>(*simulator_, journal_, AdminSettings{});
    }
    return *admin_;
}

void Stage::recorded(const RecordedEntry& entry) {
    const bool own = asking_ && std::holds_alternative<ApiExchange>(entry.entry().what);
    Happening& happening = happenings_.emplace_back(entry.entry(), ids_, own);
    if (happening.kind == Happening::Kind::request && answering_ != nullptr) {
        happening.give_headers(headers_of(*answering_));
    }
    if (settings_.gap) {
        look_for_gap(happening);
    }
    turn_soon();
}

void Stage::edit(const Callback& callback, std::string& payload) {
    if (script_ == nullptr) {
        return;
    }
    tell_script();  // the step that this event is for is known only then
    edit_event(*script_, callback.route->method, payload);
    if (script_->over()) {
        turn_soon();
    }
}

/// Never from inside what is being recorded: the script acts on the very simulator that records.
void Stage::turn_soon() {
    if (!std::exchange(turning_, true)) {
        boost::asio::post(loop_, [this] {
            turning_ = false;
            turn();
        });
    }
}

void Stage::tell_script() {
    while (told_ < happenings_.size()) {
        script_->happened(happenings_[told_++]);
    }
}

void Stage::turn() {
    if (over_) {
        return;
    }
    tell_script();
    if (curtain_) {  // the deadline is the curtain's own now
        if (waits_for_end_ || !script_->awaits_kick()) {
            watch_quiet();
        }
        return;
    }
    script_->time_is(simulator_->now(), wall_now());
    for (const Wish& wish : script_->take_wishes()) {
        obey(wish);
    }
    watch_clock();
    if (script_->over() && (script_->is_lenient() || !script_->awaits_answers())) {
        lower_curtain();
    } else if (!script_->over()) {
        watch_quiet();
    }  // else an answer is awaited, whose coming is told
}

void Stage::obey(const Wish& wish) {
    if (const auto* const delay = std::get_if<WishDelay>(&wish)) {
        Delays delays = simulator_->engine().settings().delays;
        set_delay_before(delay->event, delay->delay, settings_.simulator.model.delays, delays);
        simulator_->engine().set_delays(std::move(delays));
        return;
    }
    obey(std::get<WishAct>(wish));
}

void Stage::obey(const WishAct& act) {
    if (act.what == CallerAct::What::text) {
        send_text(act);
        return;
    }
    const Call* const call = find_call(act.call);
    if (script_->is_lenient()) {
        if (call != nullptr) {
            simulator_->act(call->id, input_of(act));  // refused where things went another way
        }
        return;
    }
    if (call == nullptr) {
        script_->cannot_do(*act.step, "there is no call yet for the person on the phone");
        return;
    }
    if (is_a_wrong(simulator_->act(call->id, input_of(act)).refusal, act)) {
        script_->cannot_do(*act.step, cannot_act_text(call->state));
    }
}

const Call* Stage::find_call(const std::string& id) {
    const User* const user = simulator_->engine().find_user(settings_.user);
    const auto decoded = user != nullptr ? ids_.decode(IdKind::call, id, user->hash) : std::nullopt;
    return decoded ? user->calls.find(decoded->call_number) : nullptr;
}

/// What the script waits for, of either clock.
void Stage::watch_clock() {
    if (script_->holds_clock() != clock_held_) {
        clock_held_ = !clock_held_;
        clock_held_ ? simulator_->hold_clock() : simulator_->release_clock();
    }
    if (script_->alarm() && script_->alarm() != alarm_set_) {
        alarm_set_ = script_->alarm();
        // At once: a clock that jumps would be at its next stop before a later turn of the loop.
        simulator_->at(*alarm_set_, [this] { turn(); });
    }
    if (const auto deadline = script_->deadline()) {
        deadline_.expires_at(std::chrono::steady_clock::time_point{
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                deadline->time_since_epoch())});
        deadline_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                turn_soon();
            }
        });
    } else {
        deadline_.cancel();
    }
}

void Stage::watch_quiet() {
    if (std::exchange(awaiting_quiet_, true)) {
        return;
    }
    simulator_->when_quiet([this] {
        awaiting_quiet_ = false;
        if (over_) {
            return;
        }
        if (curtain_) {
            curtain_is_down();
        } else if (told_ == happenings_.size()) {
            script_->nothing_to_come(simulator_->now(), wall_now());
            turn_soon();
        } else {
            turn_soon();
        }
    });
}

/// The steps are over: what the call still does by itself may come in, for a while.
void Stage::lower_curtain() {
    if (std::exchange(curtain_, true)) {
        return;
    }
    const bool came_through =
        script_->is_lenient() || std::ranges::all_of(script_->judged(), [](const Judged& told) {
            return told.result == Judged::Result::passed;
        });
    if (!came_through) {
        finish();
        return;
    }
    // What has no steps is all still to come, and takes its time by a real clock.
    const bool long_call = !scenario_.has_steps && !scenario_.virtual_clock;
    set_linger(long_call ? settings_.timeout - settings_.timeout / 10 : settings_.linger);
    watch_quiet();
}

void Stage::set_linger(std::chrono::milliseconds time) {
    deadline_.expires_after(time);
    deadline_.async_wait([this](const boost::system::error_code& cancelled) {
        if (cancelled) {
            return;
        }
        // Whoever kicks gives up by himself: in the clean run it is waited for just as long.
        constexpr std::chrono::seconds kick_gives_up{10};
        if (script_->awaits_kick() && !std::exchange(waits_for_kick_, true)) {
            set_linger(kick_gives_up);
        } else {
            finish();
        }
    });
}

/// Nothing moves any more.
void Stage::curtain_is_down() {
    if (callers_hang_up()) {
        set_linger(settings_.linger);
        watch_quiet();
    } else if (settings_.lenient && settings_.lenient->calls_end && is_anybody_on_the_phone()) {
        // The receiver may have a timer of its own for a call of which it hears nothing.
        constexpr std::chrono::seconds last_chance{5};
        if (!std::exchange(waits_for_end_, true)) {
            set_linger(last_chance);
        }
    } else if (!script_->awaits_kick()) {  // else its answer, or the end of the linger, is told
        finish();
    }
}

bool Stage::is_anybody_on_the_phone() const {
    const User* const user = simulator_->engine().find_user(settings_.user);
    for (std::uint64_t number = 1; user != nullptr && number < user->calls.next_number();
         ++number) {
        const Call* const call = user->calls.find(number);
        if (call != nullptr && !is_over(call->state)) {
            return true;
        }
    }
    return false;
}

/// A call that is played without steps comes to an end as well: whoever is still on the phone hangs
/// up, once. False: nobody is.
bool Stage::callers_hang_up() {
    const User* const user = simulator_->engine().find_user(settings_.user);
    if (scenario_.has_steps || user == nullptr || std::exchange(hung_up_, true)) {
        return false;
    }
    bool any{false};
    for (std::uint64_t number = 1; number < user->calls.next_number(); ++number) {
        const Call* const call = user->calls.find(number);
        any = (call != nullptr &&
               simulator_->act(call->id, FarEndHangsUp{}).refusal == Refusal::none) ||
              any;
    }
    return any;
}

void Stage::cut_short(const std::string& why) {
    if (!over_ && script_ != nullptr) {
        script_->cannot_go_on(why);
        finish();
    }
}

void Stage::receiver_is_gone(const std::string& why) {
    if (!over_ && script_ != nullptr) {
        script_->start_failed(receiver_stays, why);
        finish();
    }
}

void Stage::finish() {
    if (std::exchange(over_, true)) {
        return;
    }
    std::map<std::string, json> resources;
    for (const std::string& path : resources_wanted(scenario_, script_->bindings())) {
        const Response answer = ask("GET", path, {});
        constexpr int ok = 200;
        resources[path] = answer.status == ok ? body_of(answer.body) : json();
    }
    if (!script_->is_lenient()) {
        record_.verdict = verdict_of({scenario_, *script_, happenings_, resources});
    } else {
        // What kept it from being played; steps that did not hold are not among them.
        for (Judged& told : script_->give_judged()) {
            if (told.result != Judged::Result::passed) {
                record_.verdict.result = told.result;
                record_.verdict.judged.push_back(std::move(told));
            }
        }
    }
    for (const Happening& happening : happenings_) {
        if (!(happening.own && happening.method() == "GET")) {
            record_.entries.push_back(happening.entry());
        }
    }
    record_.faults =
        faults_played(simulator_->faults(), simulator_->fault_tally(), scenario_.faults.size());
    record_.wall = wall_now() - began_;
    record_.modelled = simulator_->now() - began_at_;
    journal_.stop_listening(*this);
    deadline_.cancel();
    end_.cancel();
    rest_.cancel();
    simulator_->edit_events(nullptr);
    simulator_->pause(true);
    transport_->abandon_all();
    kicker_.give_up();
    forget_play();
    when_over_(*this);
}

/// The stage stays for requests that are late, and there may be thousands of stages.
void Stage::forget_play() {
    happenings_ = {};
    told_ = 0;
    boost::asio::post(loop_, [this] { journal_.release(); });  // nobody is telling it anything then
    script_.reset();
    scenario_ = {};
}

}  // namespace ringback
