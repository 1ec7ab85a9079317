// What each verb of a BXML document does to its call (spec v1 6.3, 6.4).

#include <algorithm>

#include "simulator/core/call_step.h"
#include "simulator/core/overloaded.h"
#include "simulator/core/url_join.h"

namespace ringback {
namespace {

constexpr std::chrono::seconds longest_joint_recording{3600};

}  // namespace

namespace bxml {

std::string_view name_of(const Verb& verb) {
    return std::visit(
        Overloaded{
            [](const Gather&) { return "Gather"; }, [](const Hangup&) { return "Hangup"; },
            [](const Pause&) { return "Pause"; }, [](const PlayAudio&) { return "PlayAudio"; },
            [](const Record&) { return "Record"; }, [](const Redirect&) { return "Redirect"; },
            [](const Reject&) { return "Reject"; }, [](const SendDtmf&) { return "SendDtmf"; },
            [](const SpeakSentence&) { return "SpeakSentence"; },
            [](const Transfer&) { return "Transfer"; }},
        verb);
}

}  // namespace bxml

// --- what takes a while
// ---------------------------------------------------------------------------------------

void CallStep::begin(const bxml::SpeakSentence& verb) {
    wait_for(bxml::Waits::sound);
    play_all({sound_of(verb)}, Playing::Purpose::verb);
}

void CallStep::begin(const bxml::PlayAudio& verb) {
    wait_for(bxml::Waits::sound);
    play_all({sound_of(verb)}, Playing::Purpose::verb);
}

void CallStep::begin(const bxml::Pause& verb) {
    if (verb.length > Duration{0}) {
        wait_for(bxml::Waits::pause);
        arm_document(turn_.now + verb.length);
    }
}

void CallStep::begin(const bxml::SendDtmf& verb) {
    wait_for(bxml::Waits::tones);
    details().tones = verb.tones;
    sound_tone();
}

Sound CallStep::sound_of(const bxml::SpeakSentence& verb) {
    return Sound{Audio{Audio::Kind::speech, verb.text, {}, false}, 1, Duration{0}, false};
}

Sound CallStep::sound_of(const bxml::PlayAudio& verb) const {
    const std::string url = joined_url(call_.details->document->url, verb.url);
    return Sound{Audio{Audio::Kind::file, url, {}, false}, verb.repeat_count,
                 verb.delay_before_repeat, false};
}

// --- digits
// ---------------------------------------------------------------------------------------

void CallStep::begin(const bxml::Gather& verb) {
    Gather gather;
    gather.max_digits = verb.max_digits;
    gather.inter_digit_timeout = verb.inter_digit_timeout;
    gather.terminating_digits = verb.terminating_digits;
    gather.suppress_dtmf = true;
    gather.tag = verb.tag;
    gather.created_at = turn_.now;
    details().gathers.push_back(std::move(gather));
    wait_for(bxml::Waits::gather);
    std::vector<Sound> prompt;
    std::visit(Overloaded{[](const std::monostate&) {},
                          [&](const std::vector<bxml::SpeakSentence>& sentences) {
                              for (const bxml::SpeakSentence& each : sentences) {
                                  prompt.push_back(sound_of(each));
                              }
                          },
                          [&](const bxml::PlayAudio& file) { prompt.push_back(sound_of(file)); }},
               verb.prompt);
    if (prompt.empty()) {
        prompt_ended();
    } else {
        play_all(std::move(prompt), Playing::Purpose::prompt);
    }
    plan_keys(KeysOf::gather);
}

/// The gather has its reason. A receiver is told of digits only, and of a hang-up (spec v1 6.4);
/// the call waits for its answer if no verb follows.
void CallStep::gather_verb_ended(std::uint32_t number, char key) {
    const auto& verb = present_verb<bxml::Gather>();
    Gather& gather = call_.details->gathers[number - 1];
    const bool hung_up = *gather.reason == GatherReason::hung_up;
    // Nobody asks for these again, and a call may have thousands: they are a receiver's to choose.
    const std::string tag = std::exchange(gather.tag, {});
    std::string{}.swap(gather.terminating_digits);
    log(LogEntry::Name::gather, static_cast<std::uint8_t>(*gather.reason));
    if (verb.request.url.empty() || (gather.digits.empty() && !hung_up)) {
        verb_is_over(bxml::Waits::gather);
        return;
    }
    Event& event = *raise(EventType::gather, tag, route_to(verb.request));
    event.detail = GatherDetail{number, *gather.reason, gather.digits, key, true};
    if (hung_up) {
        return;
    }
    event.asks_document = run().next == run().document->steps.size();
    if (event.asks_document) {
        run().asked_by = EventType::gather;
        wait_for(bxml::Waits::document);
    } else {
        verb_is_over(bxml::Waits::gather);
    }
}

// --- recordings
// ---------------------------------------------------------------------------------------

void CallStep::begin(const bxml::Record& verb) {
    record(verb.settings, verb.max_duration);
    wait_for(bxml::Waits::record);
    const std::string& says = script().says;
    await_silence(says.empty() ? Duration{0}
                               : length_of(Audio{Audio::Kind::speech, says, {}, false}, delays()));
}

/// One recording at a time: what REST asked for, when the call was made, ends by it.
void CallStep::record(const bxml::RecordSettings& settings, Duration longest) {
    if (running_recording() != nullptr) {
        call_.recording_enabled = false;
        stop_recording(never);
    }
    Recording recording;
    recording.format = settings.format;
    recording.started_at = turn_.now;
    recording.of_document = true;
    recording.transcribe = settings.transcribe;
    if (!settings.request.url.empty()) {
        recording.events = route_to(settings.request);
    }
    if (settings.transcribe) {
        Route route;
        route.url = joined_url(run().url, settings.transcribe_callback_url);
        recording.transcripts = RouteRef{std::move(route)};
    }
    details().recordings.push_back(std::move(recording));
    arm(TimerKind::recording_max, turn_.now + longest);
}

/// The person talks for so long from now, and then says nothing. A silenceTimeout of 0 is none.
void CallStep::await_silence(Duration talk) {
    if (!under_document() || run().waits != bxml::Waits::record) {
        return;
    }
    const Duration silence = present_verb<bxml::Record>().settings.silence_timeout;
    if (silence > Duration{0}) {
        arm_document(turn_.now + talk + silence);
    }
}

void CallStep::record_verb_key(char key) {
    if (under_document() && run().waits == bxml::Waits::record &&
        present_verb<bxml::Record>().terminating_digits.find(key) != std::string::npos) {
        disarm(TimerKind::recording_max);
        stop_recording(never);
        verb_is_over(bxml::Waits::record);
    }
}

// --- the end, and elsewhere
// ---------------------------------------------------------------------------------------

void CallStep::begin(const bxml::Hangup& /*verb*/) { hang_up("Hangup"); }

void CallStep::begin(const bxml::Reject& /*verb*/) {
    tell(BxmlNews::What::hangs_up, "Reject");
    end(Cause::call_rejected, CallState::rejected);
}

void CallStep::begin(const bxml::Redirect& verb) {
    run().asked_by = EventType::redirect;
    wait_for(bxml::Waits::document);
    raise(EventType::redirect, call_.tag, route_to(verb.request))->asks_document = true;
}

/// Where a verb's events go. Longer than 30 s nobody waits (spec v1 6.4).
RouteRef CallStep::route_to(const bxml::RequestUrl& request) const {
    Route route;
    route.url = joined_url(call_.details->document->url, request.url);
    route.method = Method::get;
    route.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::min(request.timeout, bxml::longest_answer));
    return RouteRef{std::move(route)};
}

// --- transfer
// ---------------------------------------------------------------------------------------

/// All numbers ring; the legs send no events (spec v1 6.4: off by default).
void CallStep::begin(const bxml::Transfer& verb) {
    AskedTransfer& asked = details().transfer.open();
    asked = {verb.targets.front(), verb.caller_id.empty() ? call_.from : verb.caller_id,
             verb.diversion};
    run().legs.clear();
    run().leg_answered = false;
    run().reachable = false;
    wait_for(bxml::Waits::transfer);
    become(CallState::transferring);
    for (const std::string& to : verb.targets) {
        MakeLeg wanted;
        wanted.leg.from = asked.caller_id;
        wanted.leg.to = to;
        wanted.leg.call_timeout_s = static_cast<std::uint16_t>(
            std::chrono::duration_cast<std::chrono::seconds>(verb.call_timeout).count());
        wanted.of_document = true;
        for (const bxml::Whisper& whisper : verb.whispers) {
            wanted.whispers.push_back(
                std::visit([this](const auto& each) { return this->sound_of(each); }, whisper));
        }
        effects_.legs.push_back({effects_.outputs.size(), std::move(wanted)});
    }
}

/// What a number that the Transfer rings, or the one that has answered, reports.
void CallStep::leg_news(const PeerNews& told) {
    const auto& legs = run().legs;
    if (run().waits != bxml::Waits::transfer ||
        std::ranges::find(legs, told.peer, &bxml::RungLeg::id) == legs.end()) {
        return;
    }
    switch (told.news) {
        case LegNews::answered:
            leg_answered(told.peer);
            break;
        case LegNews::ready_to_join:
            leg_joined(told.peer);
            break;
        case LegNews::ended:
            leg_ended(told);
            break;
    }
}

/// The first to answer wins.
void CallStep::leg_answered(CallId leg) {
    auto& legs = run().legs;
    for (const bxml::RungLeg& each : legs) {
        if (each.id != leg) {
            tell_leg(each.id, LegNews::ended);
        }
    }
    std::erase_if(legs, [leg](const bxml::RungLeg& each) { return each.id != leg; });
    run().leg_answered = true;
}

void CallStep::leg_joined(CallId leg) {
    details().peer = Peer{leg, Peer::Role::leg_a, true};
    become(CallState::active);
    const auto& verb = present_verb<bxml::Transfer>();
    if (!verb.records.empty()) {
        record(verb.records.front().settings, longest_joint_recording);
    }
}

void CallStep::leg_ended(const PeerNews& told) {
    if (run().leg_answered) {
        tell(BxmlNews::What::hangs_up, "the Transfer is over");
        end(Cause::normal_clearing, CallState::completed, told.hangup_at);
        return;
    }
    std::erase_if(run().legs, [&](const bxml::RungLeg& each) { return each.id == told.peer; });
    run().reachable = run().reachable || told.cause != Cause::unallocated_number;
    if (!run().legs.empty()) {
        return;
    }
    become(CallState::active);
    if (run().reachable) {
        verb_is_over(bxml::Waits::transfer);
    } else {
        hang_up("the Transfer has no number that exists");
    }
}

/// From and to are leg B's, all else is ours (spec v1 3.6).
void CallStep::raise_transfer_complete() {
    const auto& verb = present_verb<bxml::Transfer>();
    Event* const event = raise(EventType::transfer_complete, verb.tag,
                               verb.request.url.empty() ? call_.route : route_to(verb.request));
    if (event != nullptr && !run().legs.empty()) {
        event->from = call_.details->transfer->caller_id;
        event->to = run().legs.front().to;
    }
}

}  // namespace ringback
