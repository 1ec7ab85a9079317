#include "simulator/core/call_machine.h"

#include <algorithm>

#include "simulator/core/call_step.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds default_call_timeout{60};  // spec v1 2.1.3

std::size_t index_of(TimerKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

Outcome step(Call& call, const Input& input, const Turn& turn, Effects& effects) {
    return std::visit(CallStep{call, turn, effects}, input);
}

Call make_call(const NewCall& wanted, CallId id, CallId strand, Instant now,
               const ModelSettings& settings) {
    Call call;
    call.id = id;
    call.strand = strand;
    call.route = wanted.route;
    call.from = wanted.from;
    call.to = wanted.to;
    call.tag = wanted.tag;
    call.started_at = now;
    call.direction = wanted.direction;
    if (wanted.far_end) {
        call.far_end = *wanted.far_end;
    } else if (const auto set = settings.far_ends.find(wanted.to); set != settings.far_ends.end()) {
        call.far_end = set->second;
    } else {
        call.far_end = far_end_for(wanted.to);
    }
    call.call_timeout_s = wanted.call_timeout_s;
    call.recording_enabled = wanted.recording_enabled;
    call.transcription_enabled = wanted.transcription_enabled;
    call.recording_format = wanted.recording_format;
    call.recording_max_s = wanted.recording_max_s;
    call.auto_answer = wanted.auto_answer;
    if (!wanted.sip_headers.empty()) {
        call.details.open().sip_headers = wanted.sip_headers;
    }
    if (wanted.direction == Direction::in) {
        CallDetails& details = call.details.open();
        details.application_id = wanted.application_id;
        details.display_name = wanted.display_name;
        details.fallback_number = wanted.fallback_number;
    }
    return call;
}

bool is_live(const Call& call, const Timer& timer) {
    // Several recordings, transcriptions and stopped gathers may be on their way: their own state
    // tells.
    if (timer.kind == TimerKind::recording_saved) {
        return call.details && timer.arg <= call.details->recordings.size() &&
               call.details->recordings[timer.arg - 1U].state == Recording::State::saving;
    }
    if (timer.kind == TimerKind::transcribed) {
        return call.details && timer.arg <= call.details->transcriptions.size() &&
               call.details->transcriptions[timer.arg - 1U].state ==
                   Transcription::State::transcribing;
    }
    if (timer.kind == TimerKind::gather_stopped) {
        return call.details && timer.arg <= call.details->gathers.size() &&
               call.details->gathers[timer.arg - 1U].event_owed;
    }
    return call.serials[index_of(timer.kind)] == timer.serial;
}

bool has_unfinished_business(const Call& call) {
    if (!is_over(call.state) || call.hangup_owed) {
        return true;
    }
    if (!call.details) {
        return false;
    }
    return std::ranges::any_of(call.details->recordings,
                               [](const Recording& recording) {
                                   return recording.state == Recording::State::saving;
                               }) ||
           std::ranges::any_of(call.details->transcriptions, [](const Transcription& one) {
               return one.state == Transcription::State::transcribing;
           });
}

// --- life
// -----------------------------------------------------------------------------------------

Outcome CallStep::operator()(const Begin&) {
    log(LogEntry::Name::create);
    become(CallState::started);
    if (call_.direction == Direction::in) {
        if (call_.route->url.empty()) {
            effects_.push_back(NoCallbackUrl{});
            end(Cause::originator_cancel, CallState::completed);
            return {};
        }
        const CallDetails& inbound = details();
        emit(EventType::incomingcall,
             IncomingDetail{inbound.application_id, inbound.display_name,
                            !inbound.fallback_number.empty()},
             {});
        arm(TimerKind::ring_over, turn_.now + delays().inbound_ring);
        return {};
    }

    const Duration timeout = call_.call_timeout_s == 0
                                 ? Duration{default_call_timeout}
                                 : Duration{std::chrono::seconds{call_.call_timeout_s}};
    const auto wait = [&]() -> std::optional<Duration> {
        if (call_.far_end.act == FarEndAct::never_answers) {
            return std::nullopt;
        }
        if (call_.far_end.after) {
            return call_.far_end.after;
        }
        if (call_.far_end.act == FarEndAct::answers) {
            return draw(call_.far_end.slow ? delays().slow_answer : delays().answer);
        }
        return draw(call_.far_end.act == FarEndAct::declines ? delays().decline : delays().fail);
    }();
    // Only the earlier of the two can ever matter: one timer fewer for every call in flight.
    if (wait && *wait < timeout) {
        arm(TimerKind::far_end, turn_.now + *wait);
    } else {
        arm(TimerKind::ring_over, turn_.now + timeout);
    }
    return {};
}

Outcome CallStep::operator()(const TimerFired& fired) {
    if (!is_live(call_, fired.timer)) {
        return {};
    }
    switch (fired.timer.kind) {
        case TimerKind::far_end:
            far_end_acts();
            break;
        case TimerKind::ring_over:
            ring_is_over();
            break;
        case TimerKind::answer_event:
            raise_answer();
            break;
        case TimerKind::ending:
            call_.hangup_owed = false;
            emit(EventType::hangup, HangupDetail{call_.cause}, call_.tag);
            break;
        case TimerKind::far_hangup:
            (*this)(FarEndHangsUp{});
            break;
        case TimerKind::audio:
            next_audio_phase();
            break;
        case TimerKind::gather:
            end_gather(GatherReason::inter_digit_timeout);
            break;
        case TimerKind::gather_stopped:
            raise_gather(fired.timer.arg);
            break;
        case TimerKind::key:
            press_next_key();
            break;
        case TimerKind::tone:
            next_tone();
            break;
        case TimerKind::recording_max:
            call_.recording_enabled = false;
            stop_recording(never);
            break;
        case TimerKind::recording_saved:
            recording_saved(fired.timer.arg);
            break;
        case TimerKind::transcribed:
            transcribed(fired.timer.arg);
            break;
    }
    return {};
}

void CallStep::far_end_acts() {
    switch (call_.far_end.act) {
        case FarEndAct::answers:
            answer(false);
            break;
        case FarEndAct::busy:
            end(Cause::user_busy, CallState::completed);
            break;
        case FarEndAct::declines:
            end(Cause::call_rejected, CallState::rejected);
            break;
        case FarEndAct::unallocated:
            end(Cause::unallocated_number, CallState::completed);
            break;
        case FarEndAct::network_failure:
            end(Cause::normal_temporary_failure, CallState::completed);
            break;
        case FarEndAct::platform_error:
            fail();
            break;
        case FarEndAct::never_answers:
            break;
    }
}

void CallStep::ring_is_over() {
    if (call_.direction == Direction::in) {
        on_the_phone(OnThePhone::What::hung_up);
        end(Cause::originator_cancel, CallState::completed);
        return;
    }
    emit(EventType::timeout, NoDetail{}, call_.tag);
    end(Cause::no_answer, CallState::completed);
    if (!switches().hangup_after_timeout) {
        disarm(TimerKind::ending);
        call_.hangup_owed = false;
    }
}

void CallStep::answer(bool by_request) {
    leave_ringing();
    call_.active_at = turn_.now;
    become(CallState::active);
    log(LogEntry::Name::answer);
    call_.answer_owed = true;
    if (by_request) {
        arm(TimerKind::answer_event, turn_.now + draw(delays().small));
    } else {
        raise_answer();
    }
    if (call_.recording_enabled) {
        start_recording();
    }
    if (const FarEndScript* plan = script(); plan != nullptr) {
        if (plan->hangs_up_after) {
            arm(TimerKind::far_hangup, turn_.now + *plan->hangs_up_after);
        } else if (plan->hangs_up_after_talk) {
            arm(TimerKind::far_hangup, turn_.now + draw(delays().talk));
        }
        plan_keys(plan->keys_after_answer);
    }
    if (call_.details && call_.details->peer.role == Peer::Role::leg_b) {
        if (const std::optional<Audio> whisper = call_.details->whisper) {
            play(*whisper, Playing::Purpose::whisper);
        } else {
            call_.details->peer.joined = true;
            effects_.push_back(TellPeer{call_.details->peer.id, LegNews::ready_to_join, never});
        }
    }
}

void CallStep::raise_answer() {
    call_.answer_owed = false;
    disarm(TimerKind::answer_event);
    AnswerDetail detail;
    if (call_.details) {
        detail.transfer_leg = call_.details->peer.role == Peer::Role::leg_b;
        detail.display_name = call_.details->display_name;
    }
    emit(EventType::answer, std::move(detail), call_.tag);
}

/// Spec v1 4.1 rule 3: done, gather hung-up, hangup, recording, transcription.
void CallStep::end(Cause cause, CallState state, Instant not_before) {
    leave_ringing();
    if (call_.answer_owed) {
        raise_answer();
    }
    cut_audio();
    raise_owed_gathers();
    if (running_gather() != nullptr) {
        end_gather(GatherReason::hung_up);
    }
    call_.cause = cause;
    call_.ended_at = turn_.now;
    become(state);
    log(LogEntry::Name::hangup, static_cast<std::uint8_t>(cause));
    for (const TimerKind kind :
         {TimerKind::far_hangup, TimerKind::key, TimerKind::tone, TimerKind::recording_max}) {
        disarm(kind);
    }
    const Instant hangup_at = std::max(turn_.now + draw(delays().hangup), not_before);
    call_.hangup_owed = true;
    arm(TimerKind::ending, hangup_at);
    stop_recording(hangup_at);
    if (call_.details && call_.details->peer.role != Peer::Role::none) {
        effects_.push_back(TellPeer{call_.details->peer.id, LegNews::ended, hangup_at});
    }
}

/// The platform itself breaks: an error event and no hangup (spec v1 4.1 rule 5, 3.3 error).
void CallStep::fail() {
    leave_ringing();
    call_.cause = Cause::normal_temporary_failure;
    call_.ended_at = turn_.now;
    become(CallState::error);
    log(LogEntry::Name::error, static_cast<std::uint8_t>(call_.cause));
    emit(EventType::error, NoDetail{}, call_.tag);
    if (call_.details && call_.details->peer.role != Peer::Role::none) {
        effects_.push_back(TellPeer{call_.details->peer.id, LegNews::ended, turn_.now});
    }
}

void CallStep::leave_ringing() {
    disarm(TimerKind::far_end);
    disarm(TimerKind::ring_over);
}

Outcome CallStep::operator()(const Update& update) {
    if (const Refusal refusal = refusal_of(update); refusal != Refusal::none) {
        return {refusal, 0, CallId::none};
    }
    apply_settings(update);
    return apply_state(update);
}

/// Spec v1 2.1.5, the table. Everything is judged before anything is changed.
Refusal CallStep::refusal_of(const Update& update) const {
    const bool changes = update.state || update.recording_enabled || update.recording_format ||
                         update.recording_max_s || update.transcription_enabled || update.route ||
                         update.tag;
    if (is_over(call_.state)) {
        return changes ? Refusal::already_ended : Refusal::none;
    }
    if (update.state) {
        const bool inbound_ringing =
            call_.state == CallState::started && call_.direction == Direction::in;
        const bool allowed = [&] {
            switch (*update.state) {
                case WantedState::active:
                    return inbound_ringing || (call_.state == CallState::active &&
                                               !switches().active_again_is_refused);
                case WantedState::rejected:
                    return inbound_ringing;
                case WantedState::completed:
                    return true;
                case WantedState::transferring:
                    return call_.state == CallState::active;
            }
            return false;
        }();
        if (!allowed) {
            return Refusal::invalid_state;
        }
    }
    const bool stays_recording =
        call_.details && !call_.details->recordings.empty() &&
        call_.details->recordings.back().state == Recording::State::recording &&
        update.recording_enabled.value_or(true);
    const bool changes_recording =
        (update.recording_format && *update.recording_format != call_.recording_format) ||
        (update.recording_max_s && *update.recording_max_s != call_.recording_max_s);
    return stays_recording && changes_recording ? Refusal::recording_in_progress : Refusal::none;
}

void CallStep::apply_settings(const Update& update) {
    if (update.tag) {
        call_.tag = *update.tag;
    }
    if (update.route && update.state != WantedState::transferring) {
        call_.route = *update.route;
    }
    call_.transcription_enabled =
        update.transcription_enabled.value_or(call_.transcription_enabled);
    call_.recording_format = update.recording_format.value_or(call_.recording_format);
    call_.recording_max_s = update.recording_max_s.value_or(call_.recording_max_s);
    if (!update.recording_enabled) {
        return;
    }
    call_.recording_enabled = *update.recording_enabled;
    if (!is_up(call_.state)) {
        return;  // takes effect at the answer
    }
    if (call_.recording_enabled && running_recording() == nullptr) {
        start_recording();
    } else if (!call_.recording_enabled) {
        stop_recording(never);
    }
}

Outcome CallStep::apply_state(const Update& update) {
    if (!update.state) {
        return {};
    }
    switch (*update.state) {
        case WantedState::active:
            if (call_.state == CallState::started) {
                answer(true);
            }
            break;
        case WantedState::rejected:
            end(Cause::call_rejected, CallState::rejected);
            break;
        case WantedState::completed: {
            const bool cancels =
                call_.state == CallState::started && call_.direction == Direction::out;
            end(cancels ? Cause::originator_cancel : Cause::normal_clearing, CallState::completed);
            break;
        }
        case WantedState::transferring:
            transfer(update.transfer_to,
                     update.transfer_caller_id.empty() ? call_.from : update.transfer_caller_id,
                     update.route ? *update.route : call_.route, update.whisper);
            break;
    }
    return {};
}

void CallStep::transfer(const std::string& to, const std::string& from, const RouteRef& route,
                        const std::optional<Audio>& whisper) {
    CallDetails& mine = details();
    if (mine.playing && mine.playing->purpose == Playing::Purpose::whisper) {
        cut_audio();
    }
    if (mine.peer.role != Peer::Role::none) {
        // A second transfer, or one of leg B: the other party of the first one is let go.
        effects_.push_back(TellPeer{mine.peer.id, LegNews::ended, never});
        mine.peer = {};
    }
    mine.transfer_to = to;
    mine.transfer_caller_id = from;
    become(CallState::transferring);
    MakeLeg wanted;
    wanted.leg.from = from;
    wanted.leg.to = to;
    wanted.leg.route = route;
    wanted.whisper = whisper;
    effects_.push_back(std::move(wanted));
}

Outcome CallStep::operator()(const FarEndHangsUp&) {
    if (is_over(call_.state)) {
        return {Refusal::already_ended, 0, CallId::none};
    }
    if (call_.state == CallState::started && call_.direction == Direction::out) {
        return {Refusal::invalid_state, 0, CallId::none};  // a ringing phone can only be declined
    }
    on_the_phone(OnThePhone::What::hung_up);
    end(is_up(call_.state) ? Cause::normal_clearing : Cause::originator_cancel,
        CallState::completed);
    return {};
}

Outcome CallStep::operator()(const FarEndAnswers&) {
    if (call_.state != CallState::started || call_.direction != Direction::out) {
        return {is_over(call_.state) ? Refusal::already_ended : Refusal::invalid_state, 0,
                CallId::none};
    }
    on_the_phone(OnThePhone::What::answered);
    answer(false);
    return {};
}

Outcome CallStep::operator()(const FarEndDeclines&) {
    if (call_.state != CallState::started || call_.direction != Direction::out) {
        return {is_over(call_.state) ? Refusal::already_ended : Refusal::invalid_state, 0,
                CallId::none};
    }
    on_the_phone(OnThePhone::What::declined);
    end(Cause::call_rejected, CallState::rejected);
    return {};
}

Outcome CallStep::operator()(const IncomingTold& told) {
    if (call_.direction != Direction::in || call_.state != CallState::started) {
        return {};  // the handler was quicker than its own answer
    }
    const std::string fallback_number = details().fallback_number;
    if (told.failed && !fallback_number.empty()) {
        answer(false);
        transfer(fallback_number, call_.from, call_.route, std::nullopt);
    } else if (call_.auto_answer) {
        answer(false);
    }
    return {};
}

Outcome CallStep::operator()(const PeerNews& told) {
    if (!call_.details || call_.details->peer.id != told.peer || is_over(call_.state)) {
        return {};
    }
    Peer& peer = call_.details->peer;
    if (told.news == LegNews::ready_to_join) {
        peer.joined = true;
        if (call_.state == CallState::transferring) {
            become(CallState::active);
        }
        return {};
    }
    if (peer.role == Peer::Role::leg_a && !peer.joined) {
        peer = {};  // leg B never came: A goes on as if nothing had been asked
        become(CallState::active);
        return {};
    }
    peer.role = Peer::Role::none;  // whoever reported need not be told back
    end(call_.state == CallState::started ? Cause::originator_cancel : Cause::normal_clearing,
        CallState::completed, told.hangup_at);
    return {};
}

// --- leaves
// ---------------------------------------------------------------------------------------

void CallStep::arm(TimerKind kind, Instant at, std::uint32_t arg) {
    disarm(kind);
    effects_.push_back(
        SetTimer{Timer{kind, call_.serials[index_of(kind)], static_cast<std::uint16_t>(arg)}, at});
}

void CallStep::become(CallState state) {
    effects_.push_back(Became{call_.state, state, call_.cause});
    call_.state = state;
}

void CallStep::emit(EventType type, EventDetail detail, const std::string& tag) {
    if (call_.answer_owed && type != EventType::answer) {
        raise_answer();  // nothing of a call is told before that it was answered
    }
    if (call_.route->url.empty()) {
        return;  // no URL: no request, nothing is queued (spec v1 3.2)
    }
    Emit effect;
    effect.event.type = type;
    effect.event.call = call_.id;
    effect.event.time = turn_.now;
    const bool names_parties = type == EventType::answer || type == EventType::incomingcall ||
                               type == EventType::hangup || type == EventType::timeout ||
                               type == EventType::error;
    if (names_parties) {
        effect.event.from = call_.from;
        effect.event.to = call_.to;
    }
    effect.event.tag = tag;
    effect.event.detail = std::move(detail);
    effects_.push_back(std::move(effect));
}

void CallStep::on_the_phone(OnThePhone::What what, std::string text) {
    effects_.push_back(OnThePhone{what, std::move(text)});
}

}  // namespace ringback
