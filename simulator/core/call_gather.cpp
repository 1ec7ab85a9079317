// Digits in both directions: keys, gathers, tones (spec v1 2.1.7, 2.1.8, 4.6).

#include "simulator/core/call_step.h"

namespace ringback {

Outcome CallStep::operator()(const StartGather& wanted) {
    if (!is_up(call_.state) || under_document()) {
        return not_now();
    }
    if (running_gather() != nullptr) {
        return refused(Refusal::duplicate_gather);
    }
    if (call_.details && call_.details->gathers.size() >= most_parts_of_a_call) {
        return refused(Refusal::no_room);
    }
    Gather gather = wanted.gather;
    gather.created_at = turn_.now;
    gather.completed_at = never;
    gather.digits.clear();
    gather.reason.reset();
    gather.event_owed = false;
    details().gathers.push_back(std::move(gather));
    if (wanted.prompt) {
        play(*wanted.prompt, Playing::Purpose::prompt);
    } else {
        prompt_ended();
    }
    plan_keys(KeysOf::gather);
    commanded();
    return {Refusal::none, static_cast<std::uint32_t>(call_.details->gathers.size()), CallId::none};
}

Outcome CallStep::operator()(const StopGather& wanted) {
    if (!call_.details || wanted.gather == 0 || wanted.gather > call_.details->gathers.size()) {
        return refused(Refusal::no_such_item);
    }
    Gather& gather = call_.details->gathers[wanted.gather - 1];
    if (gather.reason || under_document()) {
        return not_now();
    }
    gather.reason = GatherReason::cancelled;
    gather.completed_at = turn_.now;
    gather.event_owed = true;
    disarm(TimerKind::gather);
    if (call_.details->playing && call_.details->playing->purpose == Playing::Purpose::prompt) {
        cut_audio();
    }
    arm(TimerKind::gather_stopped, turn_.now + draw(delays().stop), wanted.gather);
    commanded();
    return {};
}

Outcome CallStep::operator()(const PressKeys& pressed) {
    if (!is_up(call_.state)) {
        return not_now();
    }
    for (const char key : pressed.keys) {
        if (is_up(call_.state)) {  // a document may end the call by it
            press(key);
        }
    }
    return {};
}

Outcome CallStep::operator()(const SendTones& wanted) {
    if (!is_up(call_.state) || under_document()) {
        return not_now();
    }
    const bool idle = details().tones.empty();
    details().tones += wanted.tones;
    if (idle) {
        sound_tone();
    }
    commanded();
    return {};
}

/// The interDigitTimeout runs from the end of the prompt; a looping prompt has no end, so there it
/// runs from the first digit (spec v1 2.1.8).
void CallStep::prompt_ended() {
    if (const Gather* gather = running_gather(); gather != nullptr) {
        arm(TimerKind::gather, turn_.now + gather->inter_digit_timeout);
    }
}

void CallStep::press(char key) {
    on_the_phone(OnThePhone::What::pressed, {&key, 1});
    if (call_.details && call_.details->keys_are_taken) {
        // By its conference: no gather sees them, and nobody is told (spec v1 2.3).
        if (key == '*') {
            tell_group(call_.details->conference, GroupNews::star_pressed);
        }
        return;
    }
    log(LogEntry::Name::dtmf, static_cast<std::uint8_t>(key));
    const Gather* before = running_gather();
    if (!under_document() && (before == nullptr || !before->suppress_dtmf)) {
        emit(EventType::dtmf, DigitDetail{key});
    }
    if (before == nullptr) {
        record_verb_key(key);
        return;  // not buffered for a later gather
    }
    if (call_.details->playing && call_.details->playing->purpose == Playing::Purpose::prompt) {
        cut_audio();  // barge-in
    }
    Gather& gather = *running_gather();
    if (gather.terminating_digits.find(key) != std::string::npos) {
        end_gather(GatherReason::terminating_digit, key);
        return;
    }
    gather.digits += key;
    if (gather.digits.size() >= gather.max_digits) {
        end_gather(GatherReason::max_digits);
    } else {
        arm(TimerKind::gather, turn_.now + gather.inter_digit_timeout);
    }
}

/// `key`: the terminating digit.
void CallStep::end_gather(GatherReason reason, char key) {
    Gather& gather = *running_gather();
    gather.reason = reason;
    gather.completed_at = turn_.now;
    disarm(TimerKind::gather);
    const auto number = static_cast<std::uint32_t>(call_.details->gathers.size());
    if (under_document()) {
        gather_verb_ended(number, key);
    } else {
        raise_gather(number);
    }
}

void CallStep::raise_gather(std::uint32_t number) {
    Gather& gather = call_.details->gathers[number - 1];
    gather.event_owed = false;
    log(LogEntry::Name::gather, static_cast<std::uint8_t>(*gather.reason));
    emit(EventType::gather, GatherDetail{number, *gather.reason, gather.digits}, gather.tag);
}

/// The events of gathers that were stopped on request and whose Delays::stop is not over.
void CallStep::raise_owed_gathers() {
    if (!call_.details) {
        return;
    }
    for (std::uint32_t number = 1; number <= call_.details->gathers.size(); ++number) {
        if (call_.details->gathers[number - 1].event_owed) {
            raise_gather(number);
        }
    }
}

/// The modelled person begins to press these keys, and forgets others still to be pressed.
void CallStep::plan_keys(KeysOf which) {
    if (keys(which).empty()) {
        return;
    }
    call_.keys_of = which;
    call_.keys_pressed = 0;
    const std::optional<Duration> wait = script().keys_delay;
    arm(TimerKind::key, turn_.now + (wait ? *wait : draw(delays().key)));
}

void CallStep::press_next_key() {
    const std::string& planned = keys(call_.keys_of);
    const char key = planned[call_.keys_pressed++];
    if (call_.keys_pressed < planned.size()) {
        arm(TimerKind::key, turn_.now + delays().key_gap);
    }
    press(key);
}

const std::string& CallStep::keys(KeysOf which) const {
    return which == KeysOf::gather ? script().keys_on_gather : script().keys_after_answer;
}

/// The first of `tones` has sounded.
void CallStep::next_tone() {
    call_.details->tones.erase(0, 1);
    if (!call_.details->tones.empty()) {
        sound_tone();
    } else {
        verb_is_over(bxml::Waits::tones);
    }
}

/// Lets the far end hear what is first in `tones`, which stays there for its length; `,` and `w`
/// wait 0.5 s, `W` 1 s.
void CallStep::sound_tone() {
    const char tone = call_.details->tones.front();
    Duration length = delays().tone;
    if (tone == ',' || tone == 'w') {
        length = std::chrono::milliseconds{500};
    } else if (tone == 'W') {
        length = std::chrono::seconds{1};
    } else {
        on_the_phone(OnThePhone::What::heard_tone, {&tone, 1});
    }
    arm(TimerKind::tone, turn_.now + length);
}

Gather* CallStep::running_gather() {
    if (!call_.details || call_.details->gathers.empty() || call_.details->gathers.back().reason) {
        return nullptr;
    }
    return &call_.details->gathers.back();
}

}  // namespace ringback
