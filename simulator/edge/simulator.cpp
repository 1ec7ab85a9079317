#include "simulator/edge/simulator.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <new>

#include "simulator/edge/api/kept_body.h"
#include "simulator/edge/api/media_api.h"
#include "simulator/edge/wall_clock.h"
#include "simulator/wire/attempt_error.h"
#include "simulator/wire/bxml_news.h"
#include "simulator/wire/entry_json.h"

namespace ringback {
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
      media_{settings_.api.most_media},
      dispatcher_{loop, transport, settings_.delivery, settings_.seed, *this},
      driver_{loop, engine_, settings_.clock, *this},
      began_{driver_.now()},
      early_{loop} {
    set_faults(settings_.faults);
}

// --- the API
// ---------------------------------------------------------------------------------------

ApiContext Simulator::context(Instant now) {
    return ApiContext{engine_,         ids_,
                      settings_.api,   settings_.accounts,
                      errors_,         rate_limits_,
                      media_,          now,
                      cannot_accept(), [this](std::string_view url) { return refuse_url(url); },
                      &familiar_,      &token_users_,
                      memory_};
}

bool Simulator::cannot_accept() const {
    return not_ready_.has_value() || deliveries_pending() >= settings_.delivery.pending_limit ||
           dispatcher_.pending_bytes() >= settings_.delivery.pending_bytes || !history_.healthy();
}

/// Who asks is judged the same at any time.
std::optional<Response> Simulator::admit(const Request& head) {
    return admit_api(head, context(Instant{}));
}

void Simulator::handle(const Request& request, const std::shared_ptr<Responder>& responder) {
    if (memory_ != nullptr && request.method != "GET" && memory_->asked(request.body.size())) {
        save_memory();
    }
    const Instant at = driver_.catch_up();
    ApiContext asked = context(at);
    if (dice_ != nullptr) {
        handle_faulty(request, responder, asked, at);
        return;
    }
    ApiReply reply = answer_api(request, asked);
    std::vector<CallId> held = take_reply(request, reply, at, nullptr);
    const bool only_looked = held.empty() && request.method != "POST";
    give_reply(std::move(reply), responder, only_looked, std::move(held));
}

/// Keeps what there is to be kept of it, and takes what it has caused: the strands that are held
/// until the answer is on the wire.
std::vector<CallId> Simulator::take_reply(const Request& request, ApiReply& reply, Instant at,
                                          const AnswerFaults* faults) {
    std::vector<CallId> held = std::move(reply.touched);
    for (const CallId strand : held) {
        dispatcher_.hold(strand);
    }
    held_for_answer_ = &held;
    try {
        const WallInstant answered = record_exchange(request, reply, at, faults);
        if (faults != nullptr) {
            note_faults(*faults, reply, at, answered);
        }
        take_outputs(answered);
    } catch (const std::bad_alloc&) {
        // There will be no answer that lets go of them.
        held_for_answer_ = nullptr;
        release(held);
        throw;
    }
    held_for_answer_ = nullptr;
    return held;
}

void Simulator::give_reply(ApiReply&& reply, const std::shared_ptr<Responder>& responder,
                           bool only_looked, std::vector<CallId> held) {
    reply.response.after_sent = [this, only_looked, held = std::move(held)] {
        release(held);
        only_looked ? driver_.nudge() : driver_.stir(wall_now());
    };
    if (only_looked) {
        responder->set_aside();  // a client that never stops looking would hold up the clock
    }
    send_reply(std::move(reply), responder);
}

void Simulator::release(const std::vector<CallId>& strands) {
    for (const CallId strand : strands) {
        dispatcher_.release(strand);
    }
}

void Simulator::send_reply(ApiReply&& reply, const std::shared_ptr<Responder>& responder) {
    if (reply.file != nullptr) {
        responder->send_file(std::move(reply.response), std::move(reply.file));
    } else {
        responder->send(std::move(reply.response));
    }
    driver_.nudge();
}

Text Simulator::text_of_user(const std::string& user) {
    if (user.empty()) {
        return {};
    }
    const User* const known = engine_.find_user(user);
    return known != nullptr ? known->shared_name : Text{user};
}

/// When it was answered. Takes the reply's location.
WallInstant Simulator::record_exchange(const Request& request, ApiReply& reply, Instant at,
                                       const AnswerFaults* faults) {
    const WallInstant answered = wall_now();
    Text user = text_of_user(reply.user);
    std::array<std::string, 2> instead{};
    std::string_view asked = request.body;
    std::string_view said = reply.response.body;
    if (reply.keeps != KeepBody::whole) {
        asked = instead[0] = kept_body(reply.keeps, asked);
    }
    if (reply.keeps == KeepBody::without_passwords) {
        said = instead[1] = kept_body(reply.keeps, said);
    }
    auto [fate, by] = fate_under(faults);
    history_.record_new<ApiExchange>(reply.call, at, answered, std::move(user), request.method,
                                     request.target, asked.substr(0, kept_of_a_body),
                                     reply.response.status, std::move(reply.location),
                                     said.substr(0, kept_of_a_body), request.remote,
                                     answered - request.received, fate, std::move(by));
    return answered;
}

std::optional<std::size_t> Simulator::most_body(const Request& head) {
    return may_be_large(head) ? std::optional{MediaStore::largest} : std::nullopt;
}

/// Nothing comes due by it, so the driver need not know.
void Simulator::request_begins() { ++requests_under_way_; }

void Simulator::request_ends() {
    --requests_under_way_;
    driver_.nudge();
}

// --- controls
// -----------------------------------------------------------------------------------------

WallInstant Simulator::wall() const { return wall_now(); }

WallInstant Simulator::due(Instant modelled) const {
    return driver_.when(modelled).value_or(wall_now());
}

void Simulator::pause(bool paused) {
    stands_for_memory_ = false;  // from now on as whoever asks has it
    stand_still(paused);
}

void Simulator::stand_still(bool paused) {
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

void Simulator::release_events() {
    dispatcher_.resume();
    driver_.nudge();
}

void Simulator::release_clock() {
    --clock_holds_;
    driver_.nudge();
}

void Simulator::forget(CallId call) {
    engine_.forget(call);
    const auto is_it = [call](CallId owed) { return owed == call; };
    held_.forget_if(is_it);
    dispatcher_.forget_if(is_it);
    driver_.nudge();
}

Outcome Simulator::act(CallId call, Input input) {
    driver_.catch_up();
    const Outcome outcome = engine_.apply(call, input, driver_.now());
    take_outputs();
    driver_.nudge();
    return outcome;
}

Outcome Simulator::confer(CallId conference, const ConferenceInput& input) {
    driver_.catch_up();
    const Outcome outcome = engine_.apply(conference, input, driver_.now());
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
        media_.reset(*user);
        for (const Seeded& seeded : settings_.seeded) {
            if (seeded.user == *user) {
                seed(seeded);
            }
        }
    } else {
        engine_.reset_all();
        errors_.reset_all();
        rate_limits_.reset_all();
        token_users_.reset();
        familiar_ = {};
        media_.reset_all();
        set_faults(settings_.faults);
        losses_ = {};
        for (const Seeded& seeded : settings_.seeded) {
            seed(seeded);
        }
    }
    // Not by whether the call is known: of others' calls that ended long ago, which the engine
    // keeps only so many of, events may still be owed.
    const auto is_gone = [this](CallId owed) {
        return engine_.find_user(user_of(owed)) == nullptr;
    };
    held_.forget_if(is_gone);
    held_alarm_ = Instant::max();  // the engine may have forgotten it
    send_what_leaves(driver_.now());
    dispatcher_.forget_if(is_gone);
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

DirectoryOutcome Simulator::change(std::string_view user, const DirectoryCommand& command) {
    const DirectoryOutcome outcome = engine_.apply(engine_.user(user), command, driver_.now());
    take_outputs();
    return outcome;
}

DomainOutcome Simulator::change(std::string_view user, const DomainCommand& command) {
    const DomainOutcome outcome = engine_.apply(engine_.user(user), command, driver_.now());
    take_outputs();
    return outcome;
}

/// What does not fit is not there: whoever read the seeds has counted them.
void Simulator::seed(const Seeded& wanted) {
    for (const Application& application : wanted.applications) {
        static_cast<void>(change(wanted.user, CreateApplication{application}));
    }
    for (const PhoneNumber& number : wanted.numbers) {
        static_cast<void>(change(wanted.user, AddNumber{number}));
    }
    for (const SeededMedium& medium : wanted.media) {
        static_cast<void>(media_.put(wanted.user, medium.name, medium.bytes,
                                     medium.type.empty() ? "application/octet-stream" : medium.type,
                                     medium.cache_control, driver_.now()));
    }
}

void Simulator::ready() {
    for (const Seeded& seeded : settings_.seeded) {
        seed(seeded);
    }
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
    held_.let_all_go();
    send_what_leaves(driver_.now());
    drained_ = std::move(when_done);
    early_.let_all_go();
    check_drained();
}

void Simulator::check_drained() {
    if (drained_ && dispatcher_.pending() == 0) {
        boost::asio::post(loop_, std::exchange(drained_, nullptr));
    }
}

}  // namespace ringback
