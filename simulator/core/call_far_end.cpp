// What the other end does: the person on the phone or the network (spec v1 4.2-4.4).

#include "simulator/core/call_step.h"

namespace ringback {

/// From the start of the call; none: never.
std::optional<Duration> CallStep::time_to_act() {
    const FarEnd& far_end = call_.far_end;
    if (far_end.act == FarEndAct::never_answers) {
        return std::nullopt;
    }
    if (far_end.after) {
        return far_end.after;
    }
    if (far_end.act == FarEndAct::answers) {
        return draw(far_end.slow ? delays().slow_answer : delays().answer);
    }
    return draw(far_end.act == FarEndAct::declines ? delays().decline : delays().fail);
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

/// What the person does now that the call stands.
void CallStep::follow_script() {
    const FarEndScript& plan = script();
    if (plan.hangs_up_after) {
        arm(TimerKind::far_hangup, turn_.now + *plan.hangs_up_after);
    } else if (plan.hangs_up_after_talk) {
        arm(TimerKind::far_hangup, turn_.now + draw(delays().talk));
    }
    plan_keys(KeysOf::answer);
}

Outcome CallStep::operator()(const FarEndHangsUp&) {
    if (is_over(call_.state)) {
        return refused(Refusal::already_ended);
    }
    if (call_.state == CallState::started && call_.direction == Direction::out) {
        return refused(Refusal::invalid_state);  // a ringing phone can only be declined
    }
    on_the_phone(OnThePhone::What::hung_up);
    end(is_up(call_.state) ? Cause::normal_clearing : Cause::originator_cancel,
        CallState::completed);
    return {};
}

Outcome CallStep::operator()(const FarEndAnswers&) {
    if (const Refusal refusal = refusal_of_pick_up(); refusal != Refusal::none) {
        return refused(refusal);
    }
    on_the_phone(OnThePhone::What::answered);
    answer(false);
    return {};
}

Outcome CallStep::operator()(const FarEndDeclines&) {
    if (const Refusal refusal = refusal_of_pick_up(); refusal != Refusal::none) {
        return refused(refusal);
    }
    on_the_phone(OnThePhone::What::declined);
    end(Cause::call_rejected, CallState::rejected);
    return {};
}

/// Only a phone that rings can be answered or declined.
Refusal CallStep::refusal_of_pick_up() const {
    if (is_over(call_.state)) {
        return Refusal::already_ended;
    }
    return call_.state == CallState::started && call_.direction == Direction::out
               ? Refusal::none
               : Refusal::invalid_state;
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

}  // namespace ringback
