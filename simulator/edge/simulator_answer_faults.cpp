// The part of Simulator that answers while something is to go wrong with answers.
#include <algorithm>
#include <utility>

#include "simulator/core/wire_fault.h"
#include "simulator/edge/api/answers.h"
#include "simulator/edge/api/kept_body.h"
#include "simulator/edge/api/named_id.h"
#include "simulator/edge/simulator.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {
namespace {

using When = fault::Early::When;

/// The first event that a request causes is due at once; what follows it takes as long as ever, and
/// so do people.
Delays at_once(Delays delays) {
    for (DelayRange Delays::*const delay :
         {&Delays::answer, &Delays::slow_answer, &Delays::fail, &Delays::decline,
          &Delays::audio_start, &Delays::stop, &Delays::hangup, &Delays::save, &Delays::transcribe,
          &Delays::small, &Delays::sent}) {
        delays.*delay = {};
    }
    return delays;
}

/// In the provider's shape.
Response failure(const fault::Fail& fail, const Request& request, Instant now) {
    ApiError error{fail.status, fail.category, fail.code, fail.message, {}};
    constexpr int too_many_requests = 429;
    Response response = fail.status == too_many_requests
                            ? too_fast(std::move(error), request,
                                       now + std::chrono::seconds{fail.retry_after_s.value_or(1)})
                            : provider_error(std::move(error), request);
    if (fail.retry_after_s) {
        say_when_to_come_again(response, *fail.retry_after_s);
    }
    return response;
}

std::string text_of(const fault::Fail& fail) {
    return std::to_string(fail.status) + " " + fail.code +
           (fail.acted ? " for what was done" : " for what was not done");
}

std::string_view text_of(When when) {
    switch (when) {
        case When::before:
            return "the first event comes before the answer";
        case When::during:
            return "the first event comes together with the answer";
        case When::after:
            return "the first event comes right behind the answer";
    }
    return {};
}

std::string user_of_path(const Request& request, const ApiContext& asked) {
    return is_without_user(request.path) ? account_of(request, asked)
                                         : user_in(request.path).value_or(std::string{});
}

}  // namespace

/// What one request meets.
struct Simulator::AnswerFaults {
    std::vector<FaultMet> met;
    DrawsMissed missed;
    const fault::Fail* fail{nullptr};
    const fault::Early* early{nullptr};
    std::optional<WireFault> wire;
    AnswerFate fate{AnswerFate::meant};
    std::string by;  // the rule that has decided it

    void meet(const FaultDice::Met& one) {
        std::string text;
        const auto& what = std::get<FaultRule::OfAnswers>(one.rule->what).what;
        if (const auto* const failing = std::get_if<fault::Fail>(&what)) {
            text = text_of(*failing);
            fail = failing;
            fate = AnswerFate::refused;
            by = one.rule->name;
        } else if (const auto* const coming = std::get_if<fault::Early>(&what)) {
            text = text_of(coming->when);
            early = coming;
        } else {
            Rng rng = one.rng;
            const WireFault bad = settled(std::get<fault::BadAnswer>(what).wire, rng);
            text = to_text(bad);
            wire = wire ? both(*wire, bad) : bad;
            if (fate == AnswerFate::meant) {
                fate = AnswerFate::spoilt;
                by = one.rule->name;
            }
        }
        FaultMet& told = met.emplace_back();
        told.name = one.rule->name;
        told.text = std::move(text);
        told.rule = one.number;
        told.draw = one.draw;
    }
};

Simulator::AnswerFaults Simulator::faults_of(const Request& request, const std::string& user,
                                             Instant at) {
    AnswerFaults faults;
    if (request.remote_ip.empty()) {
        return faults;  // ringback's own: nobody is tested by it
    }
    FaultDice::Roll roll =
        dice_->on_request(request.method, request.path, hash_of(user), at - faults_since_);
    for (const FaultDice::Met& one : roll.met) {
        faults.meet(one);
    }
    faults.missed = {dice_->names(), std::move(roll.missed), {}, {}};
    return faults;
}

void Simulator::handle_faulty(const Request& request, const std::shared_ptr<Responder>& responder,
                              ApiContext& asked, Instant at) {
    const std::string user = user_of_path(request, asked);
    AnswerFaults faults = faults_of(request, user, at);
    ApiReply reply = act_or_fail(request, asked, faults, user);
    if (faults.wire) {
        reply.response.fault = std::make_shared<const WireFault>(*faults.wire);
    }
    const DeliveryId since = dispatcher_.last_owed();
    std::vector<CallId> held = take_reply(request, reply, at, &faults);
    if (faults.early != nullptr && !held.empty()) {
        answer_early(faults.early->when, responder, std::move(reply), std::move(held), since);
    } else {
        const bool only_looked = held.empty() && request.method != "POST";
        give_reply(std::move(reply), responder, only_looked, std::move(held));
    }
}

ApiReply Simulator::act_or_fail(const Request& request, ApiContext& asked, AnswerFaults& faults,
                                const std::string& user) {
    ApiReply reply;
    if (faults.fail == nullptr || faults.fail->acted) {
        const Delays usual = engine_.settings().delays;
        if (faults.early != nullptr) {
            engine_.set_delays(at_once(usual));
        }
        reply = answer_api(request, asked);
        if (faults.early != nullptr) {
            engine_.set_delays(usual);
        }
    } else {
        reply.user = user;
        reply.call = concern_of(request, user);
        reply.keeps = kept_of_unclaimed(request);
    }
    if (faults.fail != nullptr) {
        constexpr int first_refusal = 400;
        if (faults.fail->acted && reply.response.status < first_refusal) {
            faults.fate = AnswerFate::acted;
        }
        reply.response = failure(*faults.fail, request, asked.now);
        reply.file.reset();
    }
    return reply;
}

/// The strands are held. Where the event goes first, the answer is nobody's to wait for, the
/// clock's least of all; its end at the latest is that of EarlyAnswers.
void Simulator::answer_early(When when, const std::shared_ptr<Responder>& responder,
                             ApiReply&& reply, std::vector<CallId> strands, DeliveryId since) {
    if (when == When::after) {
        reply.response.after_sent = [this, strands = std::move(strands)] {
            release(strands);
            happen_now();
            driver_.stir(wall_now());
        };
        send_reply(std::move(reply), responder);
        return;
    }
    reply.response.after_sent = [this] { driver_.stir(wall_now()); };
    const auto kept = std::make_shared<ApiReply>(std::move(reply));
    early_.add(
        {strands, since,
         when == When::before ? EarlyAnswers::Until::answered : EarlyAnswers::Until::on_the_wire,
         [this, kept, responder] {
             dispatcher_.tell_of_sending(!early_.empty());
             send_reply(std::move(*kept), responder);
         }});
    dispatcher_.tell_of_sending(true);
    release(strands);
    if (!std::exchange(early_await_quiet_, true)) {
        driver_.when_quiet([this] {
            early_await_quiet_ = false;
            early_.let_all_go();  // nothing is coming
        });
    }
    responder->set_aside();
}

void Simulator::on_the_wire(const Owed& owed) { early_.on_the_wire(owed.strand, owed.delivery.id); }

/// What is due at the modelled time that it is, without the settling before it.
void Simulator::happen_now() {
    constexpr std::size_t turn_budget = 2048;
    if (!draining_ && !driver_.paused()) {
        engine_.advance_to(driver_.now(), turn_budget);
        take_outputs();
    }
}

std::pair<AnswerFate, std::string> Simulator::fate_under(const AnswerFaults* faults) {
    return faults == nullptr ? std::pair{AnswerFate::meant, std::string{}}
                             : std::pair{faults->fate, faults->by};
}

void Simulator::note_faults(const AnswerFaults& faults, const ApiReply& reply, Instant at,
                            WallInstant wall) {
    if (!faults.missed.all.empty()) {
        history_.record(reply.call, at, wall, text_of_user(reply.user), DrawsMissed{faults.missed});
    }
    for (const FaultMet& met : faults.met) {
        history_.record(reply.call, at, wall, text_of_user(reply.user), FaultMet{met});
    }
}

/// What a request that no route has seen would have been about.
CallId Simulator::concern_of(const Request& request, const std::string& user) {
    const auto named = id_in(request);
    const User* const known = engine_.find_user(user);
    const auto which =
        named ? ids_.decode(named->kind, named->text, named->user_hash) : std::nullopt;
    if (!which || known == nullptr) {
        return CallId::none;
    }
    const Resource what = named->kind == IdKind::message      ? Resource::message
                          : named->kind == IdKind::bridge     ? Resource::bridge
                          : named->kind == IdKind::conference ? Resource::conference
                                                              : Resource::call;
    const CallId id = resource_id(known->slot, what, which->call_number);
    return engine_.knows(id) ? id : CallId::none;
}

}  // namespace ringback
