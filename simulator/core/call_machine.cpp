// The life of a call: created, ringing, answered, over (spec v1 4.1-4.3).

#include "simulator/core/call_machine.h"

#include <algorithm>

#include "simulator/core/call_step.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds default_call_timeout{60};  // spec v1 2.1.3
constexpr std::size_t usual_log = 4;                      // answer, two events, hangup

std::size_t index_of(TimerKind kind) { return static_cast<std::size_t>(kind); }

/// Whether there is a part with that number, which counts from 1.
template <class Part>
bool names_one_of(const std::vector<Part>& parts, const Timer& timer) {
    return timer.arg != 0 && timer.arg <= parts.size();
}

FarEnd far_end_of(NewCall& wanted, const ModelSettings& settings) {
    if (wanted.far_end) {
        return std::move(*wanted.far_end);
    }
    const auto set = settings.far_ends.find(wanted.to);
    return set != settings.far_ends.end() ? set->second : far_end_for(wanted.to);
}

}  // namespace

Outcome step(Call& call, const Input& input, const Turn& turn, Effects& effects) {
    return std::visit(CallStep{call, turn, effects}, input);
}

Call make_call(NewCall&& wanted, CallId id, CallId strand, Instant now,
               const ModelSettings& settings) {
    Call call;
    call.id = id;
    call.strand = strand;
    call.far_end = far_end_of(wanted, settings);
    call.route = std::move(wanted.route);
    call.from = std::move(wanted.from);
    call.to = std::move(wanted.to);
    call.tag = std::move(wanted.tag);
    call.started_at = now;
    call.direction = wanted.direction;
    call.call_timeout_s = wanted.call_timeout_s;
    call.recording_enabled = wanted.recording_enabled;
    call.transcription_enabled = wanted.transcription_enabled;
    call.recording_format = wanted.recording_format;
    call.recording_max_s = wanted.recording_max_s;
    call.auto_answer = wanted.auto_answer.value_or(true);
    if (!wanted.sip_headers.empty()) {
        call.details.open().sip_headers = std::move(wanted.sip_headers);
    }
    if (wanted.conference != CallId::none) {
        call.details.open().conference = wanted.conference;
    }
    if (wanted.direction == Direction::in) {
        CallDetails& details = call.details.open();
        details.application_id = std::move(wanted.application_id);
        details.caller = std::move(wanted.caller);
        details.fallback_number = std::move(wanted.fallback_number);
    }
    return call;
}

bool is_live(const Call& call, const Timer& timer) {
    // Several recordings, transcriptions and stopped gathers may be on their way: their own state
    // tells.
    if (timer.kind == TimerKind::recording_saved) {
        return call.details && names_one_of(call.details->recordings, timer) &&
               call.details->recordings[timer.arg - 1U].state == Recording::State::saving;
    }
    if (timer.kind == TimerKind::transcribed) {
        return call.details && names_one_of(call.details->transcriptions, timer) &&
               call.details->transcriptions[timer.arg - 1U].state ==
                   Transcription::State::transcribing;
    }
    if (timer.kind == TimerKind::gather_stopped) {
        return call.details && names_one_of(call.details->gathers, timer) &&
               call.details->gathers[timer.arg - 1U].event_owed;
    }
    if (timer.kind == TimerKind::document) {
        return is_under_document(call) && call.details->document->timer == timer.serial;
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

Outcome CallStep::operator()(const Begin&) {
    become(CallState::started);
    if (call_.direction == Direction::in) {
        reach_application();
    } else {
        ring();
    }
    return {};
}

void CallStep::reach_application() {
    if (call_.route->url.empty()) {
        effects_.put<NoCallbackUrl>(turn_.now, call_.id);
        end(Cause::originator_cancel, CallState::completed);
        return;
    }
    const CallDetails& inbound = details();
    emit(EventType::incomingcall,
         IncomingDetail{inbound.application_id, inbound.caller, !inbound.fallback_number.empty()});
    arm(TimerKind::ring_over, turn_.now + delays().inbound_ring);
}

void CallStep::ring() {
    const Duration timeout = call_.call_timeout_s == 0
                                 ? Duration{default_call_timeout}
                                 : Duration{std::chrono::seconds{call_.call_timeout_s}};
    const std::optional<Duration> wait = time_to_act();
    // Only the earlier of the two can ever matter: one timer fewer for every call in flight.
    if (wait && *wait < timeout) {
        arm(TimerKind::far_end, turn_.now + *wait);
    } else {
        arm(TimerKind::ring_over, turn_.now + timeout);
    }
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
            verb_is_over(bxml::Waits::record);
            break;
        case TimerKind::recording_saved:
            recording_saved(fired.timer.arg);
            break;
        case TimerKind::transcribed:
            transcribed(fired.timer.arg);
            break;
        case TimerKind::document:
            document_timer();
            break;
    }
    return {};
}

void CallStep::answer(bool by_request) {
    leave_ringing();
    call_.active_at = turn_.now;
    become(CallState::active);
    log(LogEntry::Name::answer);
    tell_groups(GroupNews::answered);
    call_.answer_owed = true;
    if (by_request) {
        arm(TimerKind::answer_event, turn_.now + draw(delays().small));
    } else {
        raise_answer();
    }
    if (call_.recording_enabled) {
        start_recording();
    }
    follow_script();
    if (is_leg_b()) {
        leg_is_answered();
    }
}

void CallStep::raise_answer() {
    call_.answer_owed = false;
    disarm(TimerKind::answer_event);
    AnswerDetail detail;
    if (call_.details) {
        detail.transfer_leg = is_leg_b();
        detail.caller = call_.details->caller;
    }
    if (Event* const event = raise(EventType::answer, call_.tag); event != nullptr) {
        event->asks_document = may_become_document();
        event->detail.emplace<AnswerDetail>(std::move(detail));
    }
}

/// Spec v1 4.1 rule 3: done, gather hung-up, conference-member, hangup, recording, transcription.
void CallStep::end(Cause cause, CallState state, Instant not_before) {
    leave_ringing();
    if (call_.answer_owed) {
        raise_answer();
    }
    stop_document();
    drop_whisper();
    cut_audio();
    raise_owed_gathers();
    if (running_gather() != nullptr) {
        end_gather(GatherReason::hung_up);
    }
    call_.cause = cause;
    call_.ended_at = turn_.now;
    become(state);
    log(LogEntry::Name::hangup, static_cast<std::uint8_t>(cause));
    tell_groups(GroupNews::ended);
    for (const TimerKind kind :
         {TimerKind::far_hangup, TimerKind::key, TimerKind::tone, TimerKind::recording_max}) {
        disarm(kind);
    }
    const Instant hangup_at = std::max(turn_.now + draw(delays().hangup), not_before);
    call_.hangup_owed = true;
    arm(TimerKind::ending, hangup_at);
    stop_recording(hangup_at);
    tell_peer(LegNews::ended, hangup_at);
    if (under_document()) {
        run().document = {};  // a call is kept long after its end
    }
}

/// The platform itself breaks: an error event and no hangup (spec v1 4.1 rule 5, 3.3 error).
void CallStep::fail() {
    leave_ringing();
    stop_document();
    cut_audio();  // what it was to hear, once answered
    call_.cause = Cause::normal_temporary_failure;
    call_.ended_at = turn_.now;
    become(CallState::error);
    log(LogEntry::Name::error, static_cast<std::uint8_t>(call_.cause));
    tell_groups(GroupNews::ended);
    emit(EventType::error, NoDetail{}, call_.tag);
    tell_peer(LegNews::ended, turn_.now);
}

void CallStep::leave_ringing() {
    disarm(TimerKind::far_end);
    disarm(TimerKind::ring_over);
}

// --- leaves
// ---------------------------------------------------------------------------------------

void CallStep::arm(TimerKind kind, Instant at, std::uint32_t arg) {
    disarm(kind);
    effects_.timers.push_back(
        {Timer{kind, call_.serials[index_of(kind)], static_cast<std::uint16_t>(arg)}, at});
}

void CallStep::log(LogEntry::Name name, std::uint8_t data) {
    if (call_.log.capacity() == 0) {
        call_.log.reserve(usual_log);
    }
    call_.log.push_back({turn_.now, name, data});
}

void CallStep::become(CallState state) {
    effects_.put<Became>(turn_.now, call_.id) = {call_.state, state, call_.cause};
    call_.state = state;
}

/// The event with all but its detail, or null when there is nobody to tell.
Event* CallStep::raise(EventType type, const std::string& tag, const RouteRef& route) {
    if (call_.answer_owed && type != EventType::answer) {
        raise_answer();  // nothing of a call is told before that it was answered
    }
    Event* const event = effects_.owe(type, turn_.now, call_.id, route, call_.strand);
    if (event == nullptr) {
        return nullptr;
    }
    event->tag = tag;
    const bool names_parties = type == EventType::answer || type == EventType::incomingcall ||
                               type == EventType::hangup || type == EventType::timeout ||
                               type == EventType::error || type == EventType::redirect;
    if (names_parties) {
        event->from = call_.from;
        event->to = call_.to;
    }
    return event;
}

void CallStep::on_the_phone(OnThePhone::What what, std::string_view text) {
    auto& news = effects_.put<OnThePhone>(turn_.now, call_.id);
    news.what = what;
    news.text = text;
}

}  // namespace ringback
