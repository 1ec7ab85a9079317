#include "simulator/edge/simulator.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "simulator/edge/wall_clock.h"
#include "simulator/wire/attempt_error.h"
#include "simulator/wire/bxml_news.h"

namespace ringback {
namespace {

constexpr std::size_t kept_of_a_body = 4096;  // bytes in the journal, reliability.md 3

std::string id_text(const IdCodec& ids, const User& user, CallId id) {
    const bool is_message = resource_of(id) == Resource::message;
    return ids.text(is_message ? IdKind::message : IdKind::call, user.hash, number_of(id));
}

}  // namespace

Simulator::Simulator(boost::asio::io_context& loop, SimulatorSettings settings,
                     Transport& transport, const TargetPolicy& targets, History& history,
                     std::function<void()> shut_down)
    : loop_{loop},
      settings_{std::move(settings)},
      targets_{targets},
      history_{history},
      shut_down_{std::move(shut_down)},
      ids_{settings_.seed},
      callback_text_{&ids_, settings_.api.public_base, settings_.api.caller_fields},
      engine_{settings_.seed, settings_.model, settings_.limits},
      dispatcher_{loop, transport, settings_.delivery, settings_.seed, *this},
      driver_{loop, engine_, settings_.clock, *this} {}

// --- the API
// ---------------------------------------------------------------------------------------

ApiContext Simulator::context(Instant now) {
    return ApiContext{engine_,
                      ids_,
                      settings_.api,
                      settings_.accounts,
                      errors_,
                      rate_limits_,
                      now,
                      cannot_accept(),
                      [this](std::string_view url) { return refuse_url(url); },
                      &familiar_};
}

bool Simulator::cannot_accept() const {
    return not_ready_.has_value() || dispatcher_.pending() >= settings_.delivery.pending_limit ||
           !history_.healthy();
}

/// Who asks is judged the same at any time.
std::optional<Response> Simulator::admit(const Request& head) {
    return admit_api(head, context(Instant{}));
}

void Simulator::handle(const Request& request, const std::shared_ptr<Responder>& responder) {
    const Instant at = driver_.catch_up();
    ApiContext asked = context(at);
    ApiReply reply = answer_api(request, asked);

    std::vector<CallId> held = std::move(reply.touched);
    held_for_answer_ = &held;
    for (const CallId strand : held) {
        dispatcher_.hold(strand);
    }
    const WallInstant answered = record_exchange(request, reply, at);
    take_outputs(answered);
    held_for_answer_ = nullptr;

    const bool only_looked = held.empty() && request.method != "POST";
    reply.response.after_sent = [this, only_looked, held = std::move(held)] {
        for (const CallId strand : held) {
            dispatcher_.release(strand);
        }
        only_looked ? driver_.nudge() : driver_.stir(wall_now());
    };
    if (only_looked) {
        responder->set_aside();  // a client that never stops looking would hold up the clock
    }
    responder->send(std::move(reply.response));
    driver_.nudge();
}

/// When it was answered. Takes the reply's location.
WallInstant Simulator::record_exchange(const Request& request, ApiReply& reply, Instant at) {
    const WallInstant answered = wall_now();
    Text user;
    if (!reply.user.empty()) {
        const User* known = engine_.find_user(reply.user);
        user = known != nullptr ? known->shared_name : Text{reply.user};
    }
    const std::string_view asked = request.body;
    const std::string_view said = reply.response.body;
    history_.record_new<ApiExchange>(
        reply.call, at, answered, std::move(user), request.method, request.target,
        asked.substr(0, kept_of_a_body), reply.response.status, std::move(reply.location),
        said.substr(0, kept_of_a_body), request.remote, answered - request.received);
    return answered;
}

/// Nothing comes due by it, so the driver need not know.
void Simulator::request_begins() { ++requests_under_way_; }

void Simulator::request_ends() {
    --requests_under_way_;
    driver_.nudge();
}

// --- what the engine puts out
// -----------------------------------------------------------------------

void Simulator::take_outputs() {
    if (!engine_.outputs().empty() || !alarms_.empty()) {
        take_outputs(wall_now());
    }
}

void Simulator::take_outputs(WallInstant wall) {
    if (taking_outputs_) {
        return;  // the loop below will see them
    }
    taking_outputs_ = true;
    while (!engine_.outputs().empty()) {
        std::swap(engine_.outputs(), spare_outputs_);
        for (Output& output : spare_outputs_) {
            // Nobody's when the user was forgotten meanwhile.
            const User* const user = engine_.find_user(user_of(output.call));
            if (user != nullptr) {
                take(output, *user, wall);
            }
        }
        spare_outputs_.clear();
    }
    taking_outputs_ = false;
    if (!alarms_.empty()) {
        ring_alarms();
    }
}

/// Each may set others, and may act on calls.
void Simulator::ring_alarms() {
    while (!alarms_.empty() && alarms_.begin()->first <= driver_.now()) {
        const auto first = alarms_.extract(alarms_.begin());
        first.mapped()();
    }
}

void Simulator::take(Output& output, const User& user, WallInstant wall) {
    const auto tell = [&](auto&& what) {
        history_.record(output.call, output.at, wall, user.shared_name,
                        std::forward<decltype(what)>(what));
    };
    // By hand, the most frequent first: this is on the way of every callback.
    if (const auto* const callback = std::get_if<Callback>(&output.what)) {
        raise(output, *callback, user, wall);
    } else if (const auto* const change = std::get_if<Became>(&output.what)) {
        tell(StateChanged{change->before, change->after, change->cause});
    } else if (auto* const news = std::get_if<OnThePhone>(&output.what)) {
        tell(std::move(*news));
    } else if (std::holds_alternative<NoCallbackUrl>(output.what)) {
        note_unreachable(output, user, wall);
    } else if (const auto* const bxml = std::get_if<BxmlNews>(&output.what)) {
        take(*bxml, output, user, wall);
    } else {
        take(std::get<MessageBecame>(output.what), output, user, wall);
    }
}

/// Of an inbound call or message.
void Simulator::note_unreachable(const Output& output, const User& user, WallInstant wall) {
    const std::string id = id_text(ids_, user, output.call);
    if (const Message* const message = engine_.find_message(output.call)) {
        note_error(user.shared_name, output.call, wall,
                   no_message_callback_error(message->application_id, message->to, id, output.at));
    } else if (const Call* const call = engine_.find(output.call)) {
        note_error(user.shared_name, output.call, wall,
                   no_callback_error(call->details ? call->details->application_id : std::string{},
                                     call->to, id, output.at));
    }
}

void Simulator::take(const MessageBecame& change, const Output& output, const User& user,
                     WallInstant wall) {
    history_.record(output.call, output.at, wall, user.shared_name, MessageChanged{change});
    const Message* const message = engine_.find_message(output.call);
    if (change.after == MessageState::error && message != nullptr) {
        note_error(
            user.shared_name, output.call, wall,
            not_sent_error(change, message->to, id_text(ids_, user, output.call), output.at));
    }
}

void Simulator::take(const BxmlNews& news, const Output& output, const User& user,
                     WallInstant wall) {
    history_.record(output.call, output.at, wall, user.shared_name, BxmlNews{news});
    if (auto error = bxml_error(news, id_text(ids_, user, output.call), output.at)) {
        note_error(user.shared_name, output.call, wall, std::move(*error));
    }
}

/// The event is owed from here on.
void Simulator::raise(const Output& output, const Callback& callback, const User& user,
                      WallInstant wall) {
    payload_.clear();
    append_callback(payload_, callback.event, callback.route->method, user.name, user.hash,
                    callback_text_);
    if (editor_ != nullptr) {
        editor_->edit(callback, payload_);
    }
    Text payload{payload_, history_.texts()};
    if (held_for_answer_ != nullptr) {
        hold(callback.strand);
    }
    const DeliveryId delivery = dispatcher_.owe(callback, payload, user.shared_name);
    history_.record(output.call, output.at, wall, user.shared_name,
                    EventRaised{delivery, callback.event.type, callback.route, std::move(payload)});
}

/// Holds a strand for the answer under way, once.
void Simulator::hold(CallId strand) {
    if (std::find(held_for_answer_->begin(), held_for_answer_->end(), strand) ==
        held_for_answer_->end()) {
        held_for_answer_->push_back(strand);
        dispatcher_.hold(strand);
    }
}

void Simulator::note_error(const Text& user, CallId call, WallInstant wall, UserError error) {
    const Instant at = error.at;
    history_.record(call, at, wall, user, errors_.add(user.view(), std::move(error)));
}

// --- what becomes of deliveries
// -----------------------------------------------------------------------

void Simulator::attempt_made(const Owed& owed, bool fallback, AttemptResult&& result) {
    const WallInstant ended = result.ended;
    const Instant at = driver_.at(ended);
    const bool failed =
        !is_success(result) && !owed.follows_redirect && result.end != AttemptEnd::abandoned;
    const AttemptFigures figures = result;
    Text document;
    if (owed.asks_document) {
        document = std::exchange(result.body, Text{result.body.view().substr(0, kept_of_a_body)});
    }
    // After a reset another call may have the same text id: what is still in flight is nobody's
    // then.
    const bool forgotten = engine_.find_user(user_of(owed.call)) == nullptr;
    history_.record_new<AttemptMade>(forgotten ? CallId::none : owed.call, at, ended,
                                     forgotten ? Text{} : owed.user, owed.delivery, owed.type,
                                     fallback, owed.route, owed.redirected_to, std::move(result));
    if (failed) {
        note_failure(owed, fallback, figures, at);
    }
    if (owed.asks_document && owed.delivery.state != DeliveryState::owed) {
        answer_came(owed,
                    owed.redirected_to ? owed.redirected_to.view()
                    : fallback         ? owed.route->fallback_url
                                       : owed.route->url,
                    document);
    }
}

/// What the call has waited for, if it has: a document, or that there will be none.
void Simulator::answer_came(const Owed& owed, std::string_view url, std::string_view body) {
    if (draining_) {
        return;
    }
    const Instant now = driver_.catch_up();  // what came due before the answer was before it
    const bool failed = owed.delivery.state == DeliveryState::failed;
    NoDocument none;
    none.asked_by = owed.type;
    none.why = NoDocument::Why::not_delivered;
    none.url = url;
    engine_.apply(owed.call, failed ? Input{std::move(none)} : read_answer(owed.type, url, body),
                  now);
    take_outputs();
}

/// For GET /errors; nothing of what is forgotten.
void Simulator::note_failure(const Owed& owed, bool fallback, const AttemptFigures& figures,
                             Instant at) {
    if (!engine_.knows(owed.call)) {
        return;
    }
    const User& user = *engine_.find_user(user_of(owed.call));
    const std::string_view url = owed.redirected_to ? owed.redirected_to.view()
                                 : fallback         ? owed.route->fallback_url
                                                    : owed.route->url;
    note_error(owed.user, owed.call, figures.ended,
               attempt_error(figures, owed.type, *owed.route, id_text(ids_, user, owed.call),
                             redact_url(url), at));
}

void Simulator::told(const Owed& owed, bool failed) {
    if (owed.type != EventType::incomingcall || draining_) {
        return;
    }
    engine_.apply(owed.call, IncomingTold{failed}, driver_.now());
    take_outputs();
}

void Simulator::activity_changed(WallInstant now) {
    driver_.stir(now);
    check_drained();
}

bool Simulator::nothing_under_way() const {
    return requests_under_way_ == 0 && clock_holds_ == 0 && !dispatcher_.busy();
}

// --- controls
// -----------------------------------------------------------------------------------------

WallInstant Simulator::wall() const { return wall_now(); }

WallInstant Simulator::due(Instant modelled) const {
    return driver_.when(modelled).value_or(wall_now());
}

void Simulator::pause(bool paused) {
    driver_.catch_up();
    const Instant at = driver_.now();
    driver_.pause(paused);
    history_.record(CallId::none, at, wall_now(), {},
                    ClockMoved{paused ? "paused" : "resumed", at});
}

void Simulator::advance(Duration by, std::function<void()> when_delivered) {
    const Instant before = driver_.now();
    driver_.advance(by, [this, before, then = std::move(when_delivered)] {
        history_.record(CallId::none, driver_.now(), wall_now(), {},
                        ClockMoved{"advanced", before});
        then();
    });
}

void Simulator::at(Instant instant, std::function<void()> then) {
    alarms_.emplace(instant, std::move(then));
    engine_.remind_at(instant);
    driver_.nudge();
}

void Simulator::hold_clock() { ++clock_holds_; }

void Simulator::release_clock() {
    --clock_holds_;
    driver_.nudge();
}

/// Why nothing can come in now.
std::optional<Error> Simulator::refuse_inbound() const {
    if (!cannot_accept()) {
        return std::nullopt;
    }
    return Error{"", not_ready_ ? "no calls are accepted: " + *not_ready_
                                : "no calls are accepted: too much is owed already"};
}

/// What comes in without a URL goes to --inbound-url.
RouteRef Simulator::inbound_route(const RouteRef& given) const {
    if (!given->url.empty() || settings_.api.inbound_url.empty()) {
        return given;
    }
    Route route = *given;
    route.url = settings_.api.inbound_url;
    return RouteRef{std::move(route)};
}

Result<CallId> Simulator::ring_in(std::string_view user, NewCall call) {
    if (auto refused = refuse_inbound()) {
        return std::move(*refused);
    }
    call.route = inbound_route(call.route);
    call.direction = Direction::in;
    driver_.catch_up();
    const Call* made = engine_.create(engine_.user(user), std::move(call), driver_.now());
    if (made == nullptr) {
        return Error{"", "no calls are accepted: too many are in flight"};
    }
    const CallId id = made->id;
    take_outputs();
    driver_.nudge();
    return id;
}

Result<CallId> Simulator::text_in(std::string_view user, NewMessage message) {
    if (auto refused = refuse_inbound()) {
        return std::move(*refused);
    }
    message.route = inbound_route(message.route);
    message.direction = Direction::in;
    driver_.catch_up();
    const Message* made = engine_.create(engine_.user(user), std::move(message), driver_.now());
    if (made == nullptr) {
        return Error{"", "no messages are accepted: too many are on their way"};
    }
    const CallId id = made->id;
    take_outputs();
    driver_.nudge();
    return id;
}

void Simulator::forget(CallId call) {
    engine_.forget(call);
    dispatcher_.forget_if([call](CallId owed) { return owed == call; });
    driver_.nudge();
}

Outcome Simulator::act(CallId call, Input input) {
    driver_.catch_up();
    const Outcome outcome = engine_.apply(call, input, driver_.now());
    take_outputs();
    driver_.nudge();
    return outcome;
}

bool Simulator::set_far_end(std::string number, std::optional<FarEnd> far_end) {
    return engine_.set_far_end(number, far_end);
}

std::optional<std::string> Simulator::refuse_url(std::string_view url) {
    const Result<Target> target = parse_target(url);
    return target ? targets_.refusal(target.value()) : std::optional{target.error().what};
}

void Simulator::reset(std::optional<std::string> user) {
    if (user) {
        engine_.reset(*user);
        errors_.reset(*user);
        rate_limits_.reset(*user);
    } else {
        engine_.reset_all();
        errors_.reset_all();
        rate_limits_.reset_all();
    }
    dispatcher_.forget_if([this](CallId owed) { return !engine_.knows(owed); });
    driver_.nudge();
}

bool Simulator::quiet() const {
    // next_due() drops stale timers on the way: same answer, tidier heap.
    return nothing_under_way() && nothing_owed() &&
           !const_cast<Engine&>(engine_).next_due();  // NOLINT(*const-cast)
}

std::optional<std::string> Simulator::not_ready() const {
    return not_ready_ || history_.healthy() ? not_ready_ : "the journal file cannot be written";
}

void Simulator::when_ready(std::function<void()> then) {
    if (!not_ready_) {
        boost::asio::post(loop_, std::move(then));
    } else {
        waiting_for_ready_.push_back(std::move(then));
    }
}

void Simulator::ready() {
    not_ready_.reset();
    std::vector<std::function<void()>> told;
    told.swap(waiting_for_ready_);
    for (auto& then : told) {
        boost::asio::post(loop_, std::move(then));
    }
}

void Simulator::after(std::chrono::milliseconds wall_time, std::function<void()> then) {
    auto timer = std::make_shared<boost::asio::steady_timer>(loop_, wall_time);
    timer->async_wait([timer, then = std::move(then)](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            then();
        }
    });
}

void Simulator::drain(std::function<void()> when_done) {
    draining_ = true;
    not_ready_ = "shutting down";
    driver_.stop();
    drained_ = std::move(when_done);
    check_drained();
}

void Simulator::check_drained() {
    if (drained_ && dispatcher_.pending() == 0) {
        boost::asio::post(loop_, std::exchange(drained_, nullptr));
    }
}

}  // namespace ringback
