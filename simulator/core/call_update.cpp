// POST calls/{id}: settings and states asked for by the application (spec v1 2.1.5).

#include "simulator/core/call_step.h"

namespace ringback {
namespace {

/// The one command for a call under control of BXML (spec v1 6.1).
bool ends_only(const Update& update) {
    return update.state == WantedState::completed && !update.recording_enabled &&
           !update.recording_format && !update.recording_max_s && !update.transcription_enabled &&
           !update.route && !update.tag;
}

}  // namespace

Outcome CallStep::operator()(const Update& update) {
    if (const Refusal refusal = refusal_of(update); refusal != Refusal::none) {
        return refused(refusal);
    }
    apply_settings(update);
    apply_state(update);
    commanded();
    return {};
}

/// Spec v1 2.1.5, the table. Everything is judged before anything is changed.
Refusal CallStep::refusal_of(const Update& update) const {
    const bool changes = update.state || update.recording_enabled || update.recording_format ||
                         update.recording_max_s || update.transcription_enabled || update.route ||
                         update.tag;
    if (is_over(call_.state)) {
        return changes ? Refusal::already_ended : Refusal::none;
    }
    if (under_document() && changes && !ends_only(update)) {
        return Refusal::invalid_state;
    }
    if (update.state && !allows(*update.state)) {
        return Refusal::invalid_state;
    }
    const bool stays_recording =
        call_.details && !call_.details->recordings.empty() &&
        call_.details->recordings.back().state == Recording::State::recording &&
        update.recording_enabled.value_or(true);
    const bool changes_recording =
        (update.recording_format && *update.recording_format != call_.recording_format) ||
        (update.recording_max_s && *update.recording_max_s != call_.recording_max_s);
    if (stays_recording && changes_recording) {
        return Refusal::recording_in_progress;
    }
    const bool begins_one = update.recording_enabled.value_or(false) && !stays_recording;
    return begins_one && call_.details && call_.details->recordings.size() >= most_parts_of_a_call
               ? Refusal::no_room
               : Refusal::none;
}

/// Whether a call that is not over may be asked to become that.
bool CallStep::allows(WantedState wanted) const {
    const bool inbound_ringing =
        call_.state == CallState::started && call_.direction == Direction::in;
    switch (wanted) {
        case WantedState::active:
            return inbound_ringing ||
                   (call_.state == CallState::active && !switches().active_again_is_refused);
        case WantedState::rejected:
            return inbound_ringing;
        case WantedState::completed:
            return true;
        case WantedState::transferring:
            return call_.state == CallState::active;
    }
    return false;
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

void CallStep::apply_state(const Update& update) {
    if (!update.state) {
        return;
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
            details().transfer.open().diversion = update.diversion;
            transfer(update.transfer_to,
                     update.transfer_caller_id.empty() ? call_.from : update.transfer_caller_id,
                     update.route ? *update.route : call_.route, update.whisper);
            break;
    }
}

}  // namespace ringback
