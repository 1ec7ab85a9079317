#pragma once

// Inside of call_machine: one step of one call. Not for use elsewhere.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/core/call_machine.h"

namespace ringback {

/// One call, one turn. Has an operator() for every Input, so that a new one does not compile until
/// it is handled; the operators are the branches, the private functions the leaves. Grouped by
/// file: call_machine.cpp (life), call_far_end.cpp, call_update.cpp, call_transfer.cpp,
/// call_audio.cpp, call_gather.cpp, call_recording.cpp, call_bxml.cpp, call_bxml_verbs.cpp.
class CallStep {
public:
    CallStep(Call& call, const Turn& turn, Effects& effects)
        : call_{call}, turn_{turn}, effects_{effects}, rng_{turn.stream, call.draws} {}
    CallStep(const CallStep&) = delete;
    CallStep& operator=(const CallStep&) = delete;
    ~CallStep() { call_.draws = static_cast<std::uint32_t>(rng_.drawn()); }

    Outcome operator()(const Begin&);
    Outcome operator()(const TimerFired&);
    Outcome operator()(const Update&);
    Outcome operator()(const Play&);
    Outcome operator()(const StopPlaying&);
    Outcome operator()(const SendTones&);
    Outcome operator()(const StartGather&);
    Outcome operator()(const StopGather&);
    Outcome operator()(const Transcribe&);
    Outcome operator()(const PressKeys&);
    Outcome operator()(const Say&);
    Outcome operator()(const FarEndHangsUp&);
    Outcome operator()(const FarEndAnswers&);
    Outcome operator()(const FarEndDeclines&);
    Outcome operator()(const IncomingTold&);
    Outcome operator()(const PeerNews&);
    Outcome operator()(const DocumentCame&);
    Outcome operator()(const NoDocument&);

private:
    // life
    void reach_application();
    void ring();
    void answer(bool by_request);
    void raise_answer();
    void end(Cause cause, CallState state, Instant not_before = never);
    void fail();
    void leave_ringing();

    // far end
    [[nodiscard]] std::optional<Duration> time_to_act();
    void far_end_acts();
    void ring_is_over();
    void follow_script();
    [[nodiscard]] Refusal refusal_of_pick_up() const;

    // update
    [[nodiscard]] Refusal refusal_of(const Update& update) const;
    [[nodiscard]] bool allows(WantedState wanted) const;
    void apply_settings(const Update& update);
    void apply_state(const Update& update);

    // transfer
    void transfer(const std::string& to, const std::string& from, const RouteRef& route,
                  const std::optional<Audio>& whisper);
    void leg_is_answered();
    void join_legs();
    void drop_whisper();
    void tell_peer(LegNews news, Instant hangup_at = never);
    void tell_leg(CallId leg, LegNews news, Instant hangup_at = never);
    [[nodiscard]] bool is_leg_b() const;
    /// The bridge and the conference it is in hear of it.
    void tell_groups(GroupNews news) {
        if (!call_.details) {
            return;
        }
        if (call_.details->bridge != CallId::none) {
            tell_group(call_.details->bridge, news);
        }
        if (call_.details->conferring) {
            tell_group(call_.details->conference, news);
        }
    }
    void tell_group(CallId group, GroupNews news);

    // audio
    void play(const Audio& audio, Playing::Purpose purpose);
    void play_all(std::vector<Sound> sounds, Playing::Purpose purpose);
    void play_next(Playing::Purpose purpose);
    void next_audio_phase();
    void audio_starts();
    void audio_ends();
    void cut_audio();
    [[nodiscard]] bool audio_is_told() const;

    // gather and keys
    void prompt_ended();
    void press(char key);
    void end_gather(GatherReason reason, char key = '\0');
    void press_next_key();
    void next_tone();
    void plan_keys(KeysOf which);
    [[nodiscard]] const std::string& keys(KeysOf which) const;
    [[nodiscard]] Gather* running_gather();
    void raise_gather(std::uint32_t number);
    void raise_owed_gathers();
    void sound_tone();

    // recording
    void start_recording();
    void stop_recording(Instant not_before);
    void recording_saved(std::uint32_t number);
    void begin_transcription(std::uint32_t recording, bool of_document);
    void transcribed(std::uint32_t number);
    [[nodiscard]] Recording* running_recording();

    // documents: what leads from one verb to the next
    [[nodiscard]] bool under_document() const { return is_under_document(call_); }
    [[nodiscard]] bool may_become_document() const;
    [[nodiscard]] bool asked_for_document(EventType asked_by) const;
    void commanded();
    void take_over();
    void go_on();
    void wait_for(bxml::Waits what);
    void verb_is_over(bxml::Waits what);
    void document_timer();
    void arm_document(Instant at);
    void document_is_done();
    void hang_up(std::string_view why, bxml::Place place = {});
    void stop_document();
    void tell_notices();
    void tell(BxmlNews::What what, std::string_view text, bxml::Place place = {},
              std::string_view url = {});
    bxml::Run& run() { return *call_.details->document.get(); }

    // documents: verbs, see bxml.h
    void begin(const bxml::Gather& verb);
    void begin(const bxml::Hangup& verb);
    void begin(const bxml::Pause& verb);
    void begin(const bxml::PlayAudio& verb);
    void begin(const bxml::Record& verb);
    void begin(const bxml::Redirect& verb);
    void begin(const bxml::Reject& verb);
    void begin(const bxml::SendDtmf& verb);
    void begin(const bxml::SpeakSentence& verb);
    void begin(const bxml::Transfer& verb);
    void gather_verb_ended(std::uint32_t number, char key);
    void record(const bxml::RecordSettings& settings, Duration longest);
    void await_silence(Duration talk);
    void record_verb_key(char key);
    void leg_news(const PeerNews& told);
    void leg_answered(CallId leg);
    void leg_joined(CallId leg);
    void leg_ended(const PeerNews& told);
    void raise_transfer_complete();
    [[nodiscard]] static Sound sound_of(const bxml::SpeakSentence& verb);
    [[nodiscard]] Sound sound_of(const bxml::PlayAudio& verb) const;
    [[nodiscard]] RouteRef route_to(const bxml::RequestUrl& request) const;
    /// The verb that is being carried out, which is of that kind.
    template <class Verb>
    [[nodiscard]] const Verb& present_verb() const {
        const bxml::Run& at = *call_.details->document.get();
        return std::get<Verb>(at.document->steps[at.next - 1].verb);
    }

    // leaves
    void arm(TimerKind kind, Instant at, std::uint32_t arg = 0);
    void disarm(TimerKind kind) { ++call_.serials[static_cast<std::size_t>(kind)]; }
    void log(LogEntry::Name name, std::uint8_t data = 0);
    void become(CallState state);
    template <class Detail>
    void emit(EventType type, Detail detail, const std::string& tag = {}) {
        if (Event* const event = raise(type, tag); event != nullptr) {
            event->detail.emplace<Detail>(std::move(detail));
        }
    }
    [[nodiscard]] Event* raise(EventType type, const std::string& tag) {
        return raise(type, tag, call_.route);
    }
    [[nodiscard]] Event* raise(EventType type, const std::string& tag, const RouteRef& route);
    void on_the_phone(OnThePhone::What what, std::string_view text = {});
    [[nodiscard]] static Outcome refused(Refusal why) { return {why, 0, CallId::none}; }
    /// Refused by the state the call is in: over, or not the one it takes.
    [[nodiscard]] Outcome not_now() const {
        return refused(is_over(call_.state) ? Refusal::already_ended : Refusal::invalid_state);
    }
    [[nodiscard]] Duration draw(const DelayRange& range) { return range.draw(rng_); }
    [[nodiscard]] const Delays& delays() const {
        return turn_.delays != nullptr ? *turn_.delays : turn_.settings->delays;
    }
    [[nodiscard]] const ModelSwitches& switches() const { return turn_.settings->switches; }
    [[nodiscard]] const FarEndScript& script() const { return *call_.far_end.script; }
    CallDetails& details() { return call_.details.open(); }

    Call& call_;
    const Turn& turn_;
    Effects& effects_;
    Rng rng_;
};

}  // namespace ringback
