#include "simulator/wire/words.h"

#include "simulator/core/result.h"

namespace ringback {

std::string_view word(CallState state) {
    switch (state) {
        case CallState::started:
            return "started";
        case CallState::active:
            return "active";
        case CallState::transferring:
            return "transferring";
        case CallState::completed:
            return "completed";
        case CallState::rejected:
            return "rejected";
        case CallState::error:
            return "error";
    }
    bug("a CallState without a word");
}

std::string_view word(Direction direction) { return direction == Direction::in ? "in" : "out"; }

std::string_view word(Cause cause) {
    switch (cause) {
        case Cause::normal_clearing:
            return "NORMAL_CLEARING";
        case Cause::originator_cancel:
            return "ORIGINATOR_CANCEL";
        case Cause::user_busy:
            return "USER_BUSY";
        case Cause::call_rejected:
            return "CALL_REJECTED";
        case Cause::unallocated_number:
            return "UNALLOCATED_NUMBER";
        case Cause::no_answer:
            return "NO_ANSWER";
        case Cause::normal_temporary_failure:
            return "NORMAL_TEMPORARY_FAILURE";
    }
    bug("a Cause without a word");
}

std::string_view word(EventType type) {
    switch (type) {
        case EventType::incomingcall:
            return "incomingcall";
        case EventType::answer:
            return "answer";
        case EventType::speak:
            return "speak";
        case EventType::playback:
            return "playback";
        case EventType::dtmf:
            return "dtmf";
        case EventType::gather:
            return "gather";
        case EventType::hangup:
            return "hangup";
        case EventType::timeout:
            return "timeout";
        case EventType::recording:
            return "recording";
        case EventType::transcription:
            return "transcription";
        case EventType::error:
            return "error";
        case EventType::redirect:
            return "redirect";
        case EventType::transfer_complete:
            return "transferComplete";
        case EventType::sms:
            return "sms";
        case EventType::mms:
            return "mms";
        case EventType::conference:
            return "conference";
        case EventType::conference_member:
            return "conference-member";
        case EventType::conference_speak:
            return "conference-speak";
        case EventType::conference_playback:
            return "conference-playback";
    }
    bug("an EventType without a word");
}

std::string_view word(GatherReason reason) {
    switch (reason) {
        case GatherReason::max_digits:
            return "max-digits";
        case GatherReason::terminating_digit:
            return "terminating-digit";
        case GatherReason::inter_digit_timeout:
            return "inter-digit-timeout";
        case GatherReason::hung_up:
            return "hung-up";
        case GatherReason::cancelled:
            return "cancelled";
    }
    bug("a GatherReason without a word");
}

std::string_view word(RecordingFormat format) {
    return format == RecordingFormat::wav ? "wav" : "mp3";
}

std::string_view word(Recording::State state) {
    switch (state) {
        case Recording::State::recording:
            return "recording";
        case Recording::State::saving:
            return "saving";
        case Recording::State::complete:
            return "complete";
        case Recording::State::error:
            return "error";
    }
    bug("a Recording::State without a word");
}

std::string_view word(Transcription::State state) {
    switch (state) {
        case Transcription::State::transcribing:
            return "transcribing";
        case Transcription::State::completed:
            return "completed";
        case Transcription::State::error:
            return "error";
    }
    bug("a Transcription::State without a word");
}

std::string_view word(LogEntry::Name name) {
    switch (name) {
        case LogEntry::Name::create:
            return "create";
        case LogEntry::Name::answer:
            return "answer";
        case LogEntry::Name::speak:
            return "speak";
        case LogEntry::Name::playback:
            return "playback";
        case LogEntry::Name::dtmf:
            return "dtmf";
        case LogEntry::Name::gather:
            return "gather";
        case LogEntry::Name::hangup:
            return "hangup";
        case LogEntry::Name::error:
            return "error";
    }
    bug("a LogEntry::Name without a word");
}

std::string_view word(AttemptEnd end) {
    switch (end) {
        case AttemptEnd::answered:
            return "answered";
        case AttemptEnd::timed_out:
            return "timed_out";
        case AttemptEnd::could_not_connect:
            return "could_not_connect";
        case AttemptEnd::broken:
            return "broken";
        case AttemptEnd::tls_failed:
            return "tls_failed";
        case AttemptEnd::malformed:
            return "malformed";
        case AttemptEnd::target_refused:
            return "target_refused";
        case AttemptEnd::abandoned:
            return "abandoned";
    }
    bug("an AttemptEnd without a name");
}

std::string_view word(DeliveryState state) {
    switch (state) {
        case DeliveryState::owed:
            return "owed";
        case DeliveryState::delivered:
            return "delivered";
        case DeliveryState::delivered_by_fallback:
            return "delivered_by_fallback";
        case DeliveryState::failed:
            return "failed";
    }
    bug("a DeliveryState without a name");
}

std::string_view word(AnswerFate fate) {
    switch (fate) {
        case AnswerFate::meant:
            return "meant";
        case AnswerFate::spoilt:
            return "spoilt";
        case AnswerFate::refused:
            return "refused";
        case AnswerFate::acted:
            return "acted";
    }
    bug("an AnswerFate without a name");
}

std::string_view word(MessageState state) {
    switch (state) {
        case MessageState::received:
            return "received";
        case MessageState::queued:
            return "queued";
        case MessageState::sending:
            return "sending";
        case MessageState::sent:
            return "sent";
        case MessageState::error:
            return "error";
    }
    bug("a MessageState without a word");
}

std::string_view word(ReceiptRequested receipts) {
    switch (receipts) {
        case ReceiptRequested::none:
            return "none";
        case ReceiptRequested::all:
            return "all";
        case ReceiptRequested::error:
            return "error";
    }
    bug("a ReceiptRequested without a word");
}

std::string_view word(ReceiptState receipt) {
    switch (receipt) {
        case ReceiptState::none:
            return "";
        case ReceiptState::waiting:
            return "waiting";
        case ReceiptState::delivered:
            return "delivered";
        case ReceiptState::not_delivered:
            return "not-delivered";
    }
    bug("a ReceiptState without a word");
}

std::string_view word(BridgeState state) {
    switch (state) {
        case BridgeState::created:
            return "created";
        case BridgeState::active:
            return "active";
        case BridgeState::hold:
            return "hold";
        case BridgeState::completed:
            return "completed";
    }
    bug("a BridgeState without a word");
}

std::string_view word(ConferenceState state) {
    switch (state) {
        case ConferenceState::created:
            return "created";
        case ConferenceState::active:
            return "active";
        case ConferenceState::completed:
            return "completed";
    }
    bug("a ConferenceState without a word");
}

std::string_view word(KeyProfile profile) {
    return profile == KeyProfile::interpret_digits ? "interpret_digits" : "passthru_digits";
}

std::string_view word(Resource what) {
    switch (what) {
        case Resource::call:
            return "call";
        case Resource::message:
            return "message";
        case Resource::bridge:
            return "bridge";
        case Resource::conference:
            return "conference";
    }
    bug("a Resource without a word");
}

std::string_view id_name(Resource what) {
    switch (what) {
        case Resource::call:
            return "callId";
        case Resource::message:
            return "messageId";
        case Resource::bridge:
            return "bridgeId";
        case Resource::conference:
            return "conferenceId";
    }
    bug("a Resource without a name for its ids");
}

std::string_view word(Method method) { return method == Method::get ? "GET" : "POST"; }

std::string_view word(Product product) {
    switch (product) {
        case Product::local_number_per_month:
            return "local-number-per-month";
        case Product::toll_free_number_per_month:
            return "toll-free-number-per-month";
        case Product::sms_in:
            return "sms-in";
        case Product::sms_out:
            return "sms-out";
        case Product::mms_in:
            return "mms-in";
        case Product::mms_out:
            return "mms-out";
        case Product::call_in:
            return "call-in";
        case Product::call_out:
            return "call-out";
        case Product::sip_call_in:
            return "sip-call-in";
        case Product::sip_call_out:
            return "sip-call-out";
        case Product::transcription:
            return "transcription";
        case Product::cnam_search:
            return "cnam-search";
    }
    bug("a Product without a word");
}

std::string_view word(DomainChanged::What what) {
    switch (what) {
        case DomainChanged::What::domain:
            return "domain";
        case DomainChanged::What::endpoint:
            return "endpoint";
        case DomainChanged::What::token:
            return "token";
    }
    bug("a DomainChanged::What without a word");
}

std::string_view word(DomainChanged::How how) {
    switch (how) {
        case DomainChanged::How::created:
            return "created";
        case DomainChanged::How::changed:
            return "changed";
        case DomainChanged::How::removed:
            return "removed";
    }
    bug("a DomainChanged::How without a word");
}

}  // namespace ringback
