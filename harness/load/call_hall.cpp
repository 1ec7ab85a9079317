#include "harness/load/call_hall.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "harness/load/playable.h"
#include "harness/run/edited_event.h"
#include "harness/run/model.h"
#include "harness/run/opening.h"
#include "harness/run/own_request.h"
#include "harness/run/request_headers.h"
#include "harness/run/stage_settings.h"
#include "harness/scenario/delay_before.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// Ended calls are kept for GET for a while, and no longer: a run may be hours.
constexpr std::size_t ended_calls_kept = 10'000;

/// Of the ids and draws of a hall. Far apart, as other halls of other seeds may be numbered too:
/// the second of seed 42 must not be the first of seed 43.
Seed seed_of(const CallHallSettings& settings) {
    constexpr std::uint64_t apart{0x9E3779B97F4A7C15};
    return Seed{mix(settings.seed ^ (settings.ids * apart))};
}

StageSettings stage_settings(const CallHallSettings& settings, std::size_t row) {
    StageSettings wanted;
    wanted.row = row;
    wanted.seed = settings.seed;
    wanted.user = settings.user;
    wanted.token = settings.token;
    wanted.secret = settings.secret;
    wanted.receiver = settings.receiver;
    wanted.api = settings.api;
    wanted.run_id = settings.run_id;
    return wanted;
}

}  // namespace

std::vector<LoadTimer> timers_of(const Scenario& scenario) {
    std::vector<LoadTimer> timers;
    const auto found = scenario.load.find("timers");
    if (!scenario.load.is_object() || found == scenario.load.end()) {
        return timers;
    }
    for (const auto& [name, ends] : found->items()) {
        timers.push_back({name, ends.at(0).get<std::string>(), ends.at(1).get<std::string>()});
    }
    return timers;
}

Result<std::unique_ptr<CallHall>> CallHall::build(boost::asio::io_context& loop,
                                                  const Scenario& scenario,
                                                  const TargetPolicy& targets, LoadMeter& meter,
                                                  CallHallSettings settings) {
    std::unique_ptr<CallHall> hall{
        new CallHall{loop, scenario, targets, meter, std::move(settings)}};
    if (auto problem = hall->prepare()) {
        return *problem;
    }
    return hall;
}

CallHall::CallHall(boost::asio::io_context& loop, const Scenario& scenario,
                   const TargetPolicy& targets, LoadMeter& meter, CallHallSettings settings)
    : loop_{loop},
      scenario_{with_start_await(scenario)},
      settings_{std::move(settings)},
      ids_{seed_of(settings_)},
      targets_{targets},
      meter_{meter},
      timers_{timers_of(scenario)},
      expects_{first_unnamed(scenario_.block) != nullptr},
      waker_{loop} {}

CallHall::~CallHall() = default;

std::optional<Error> CallHall::prepare() {
    SimulatorSettings& wanted = settings_.simulator;
    if (auto problem = model_of(scenario_, wanted)) {
        return problem;
    }
    delays_ = Shared{wanted.model.delays};
    wanted.clock = {};  // real: a receiver under load answers in real time
    wanted.seed = seed_of(settings_);
    wanted.api.inbound_url = settings_.receiver;
    wanted.api.sole_user = settings_.user;
    wanted.limits.ended_calls = std::min(wanted.limits.ended_calls, ended_calls_kept);
    wanted.delivery.keep_answer_headers = true;
    const std::size_t rows = scenario_.rows.size();
    for (std::size_t row = rows == 0 ? 0 : 1; row <= rows; ++row) {
        auto bound = bindings_of(scenario_, stage_settings(settings_, row));
        if (!bound) {
            return bound.error();
        }
        bindings_.push_back(std::move(bound).value());
    }
    bodies_.resize(bindings_.size());
    auto transport = HttpTransport::open(loop_, wanted.delivery, targets_);
    if (!transport) {
        return transport.error();
    }
    transport_ = std::move(transport).value();
    simulator_ = std::make_unique<Simulator>(loop_, wanted, *transport_, targets_,
                                             static_cast<History&>(*this), [] {});
    simulator_->edit_events(this);
    simulator_->ready();
    return std::holds_alternative<Kick>(scenario_.start.how) ? prepare_kicks() : std::nullopt;
}

bool CallHall::made_id_in(const Request& request) const { return names_id_of(request, ids_); }

void CallHall::cut_short(const std::string& why) {
    const WallInstant now = wall_now();
    std::vector<LoadCall*> all;
    for (const auto& [n, call] : calls_) {
        all.push_back(call.get());
    }
    std::ranges::sort(all, {}, [](const LoadCall* call) { return call->arrival().n; });
    for (LoadCall* const call : all) {
        call->tell_script();
        call->script().cannot_go_on(why);
        end(*call, now);
    }
}

// --- starting
// -------------------------------------------------------------------------------------

void CallHall::start(const Arrival& arrival, WallInstant due) {
    const Bindings& bound = bindings_[arrival.n % bindings_.size()];
    auto made = std::make_unique<LoadCall>(arrival, due, scenario_, bound,
                                           mix(settings_.seed) ^ arrival.n, delays_);
    LoadCall& call = *made;
    calls_.emplace(arrival.n, std::move(made));
    call.placed = wall_now();
    call.last_at = call.placed + settings_.call_timeout;
    meter_.started(arrival, call.placed - due);
    look_at(call.last_at, call);
    call.script().begin(simulator_->now(), call.placed);
    kicks_ != nullptr ? kick(call) : place(call);
    line_up(call);
    wake();
}

/// How long the first steps take has to be known before the call is made.
std::shared_ptr<const Delays> CallHall::first_delays(LoadCall& call) {
    std::shared_ptr<Delays> own;
    for (const Wish& wish : call.script().take_wishes()) {
        if (const auto* const delay = std::get_if<WishDelay>(&wish)) {
            if (own == nullptr) {
                own = std::make_shared<Delays>(settings_.simulator.model.delays);
            }
            set_delay_before(delay->event, delay->delay, settings_.simulator.model.delays, *own);
        }
    }
    return own;
}

void CallHall::place(LoadCall& call) {
    simulator_->engine().give_new_calls(first_delays(call));
    placing_ = &call;
    const auto* const own = std::get_if<OwnCall>(&scenario_.start.how);
    const std::string why = own != nullptr
                                ? place_own(call, *own)
                                : place_inbound(call, std::get<InboundCall>(scenario_.start.how));
    placing_ = nullptr;
    simulator_->engine().give_new_calls(nullptr);
    if (!why.empty()) {
        call.script().cannot_go_on(why);
    }
}

/// Why there is no call; "" = there is one. Before any step has seen anything all calls of a row
/// say the same.
std::string CallHall::place_own(const LoadCall& call, const OwnCall& own) {
    std::string& written = bodies_[call.arrival().n % bodies_.size()];
    if (written.empty()) {
        const auto body = own_call_body(own, call.script().bindings(), settings_.receiver);
        if (!body) {
            return to_text(body.error());
        }
        written = body.value().dump();
    }
    asking_ = true;
    const Response answer =
        ask(*simulator_, settings_.api, "POST", "/v1/users/" + settings_.user + "/calls", written);
    asking_ = false;
    return answer.status == 201
               ? std::string{}
               : fmt::format("the call was refused: {} {}", answer.status, answer.body);
}

/// The same of a call that somebody makes to the receiver.
std::string CallHall::place_inbound(const LoadCall& call, const InboundCall& inbound) {
    auto wanted = inbound_call(inbound, call.script().bindings(), settings_.receiver);
    const auto made = wanted ? simulator_->ring_in(settings_.user, std::move(wanted).value())
                             : Result<CallId>{wanted.error()};
    return made ? std::string{} : to_text(made.error());
}

// --- what happens
// ---------------------------------------------------------------------------------

Entry& CallHall::open() {
    entry_.seq = ++seq_;
    return entry_;
}

/// Whose a second leg is, which shares its strand with the first, or who is in one bridge with it,
/// or has one conference; or a bridge or conference, by who is in it.
LoadCall* CallHall::call_beside(CallId id) const {
    const auto owner_of = [this](CallId known) {
        const auto found = by_leg_.find(known);
        return found == by_leg_.end() ? nullptr : found->second;
    };
    const Engine& engine = simulator_->engine();
    if (const Bridge* const bridge = engine.find_bridge(id)) {
        for (const BridgedCall& one : bridge->calls) {
            if (LoadCall* const owner = owner_of(one.call)) {
                return owner;
            }
        }
        return nullptr;
    }
    if (const Conference* const conference = engine.find_conference(id)) {
        for (const Member& one : conference->members) {
            if (LoadCall* const owner = owner_of(one.call)) {
                return owner;
            }
        }
        return nullptr;
    }
    const Call* const leg = engine.find(id);
    if (leg == nullptr) {
        return nullptr;
    }
    LoadCall* const owner = owner_of(leg->strand);
    if (owner != nullptr || !leg->details) {
        return owner;
    }
    LoadCall* const by_bridge = owner_of(leg->details->bridge);
    return by_bridge != nullptr ? by_bridge : owner_of(leg->details->conference);
}

LoadCall* CallHall::call_of(CallId id) {
    if (id == CallId::none) {
        return nullptr;
    }
    const auto known = by_leg_.find(id);
    if (known != by_leg_.end()) {
        return known->second;
    }
    LoadCall* owner = placing_;
    if (owner == nullptr) {
        owner = call_beside(id);
    }
    if (owner != nullptr) {
        owner->legs.push_back(id);
        by_leg_.emplace(id, owner);
    }
    return owner;
}

void CallHall::close(Entry& entry) {
    const auto* const api = std::get_if<ApiExchange>(&entry.what);
    LoadCall* call = call_of(entry.call);
    const bool is_unnamed = call == nullptr && api != nullptr && unnamed_ != nullptr;
    if (is_unnamed) {
        call = taken(entry, *api);
    }
    if (call == nullptr) {
        if (api != nullptr && !asking_) {
            meter_.request(nullptr, *api);
        }
        return;
    }
    Happening happening{entry, ids_, asking_ && api != nullptr};
    if (is_unnamed) {
        happening.give_headers(headers_of(*unnamed_));  // its await may ask for them
    }
    const bool is_sent =
        happening.kind == Happening::Kind::event || happening.kind == Happening::Kind::extra;
    call->happened(std::move(happening), is_sent ? simulator_->due(entry.at) : WallInstant::min(),
                   meter_);
    line_up(*call);
}

void CallHall::edit(const Callback& callback, std::string& payload) {
    LoadCall* const call = call_of(callback.strand);
    if (call == nullptr) {
        return;
    }
    call->tell_script();  // the step that this event is for is known only then
    edit_event(call->script(), callback.route->method, payload);
}

}  // namespace ringback
