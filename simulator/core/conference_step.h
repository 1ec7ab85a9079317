#pragma once

// Inside of conference_machine: one step of one conference. Not for use elsewhere.

#include <string>
#include <string_view>

#include "simulator/core/conference_machine.h"

namespace ringback {

/// One conference, one turn; as CallStep is for calls. conference_machine.cpp has the commands and
/// the members, conference_telling.cpp what is heard and what is told.
class ConferenceStep {
public:
    ConferenceStep(Conference& conference, const Turn& turn, Effects& effects)
        : it_{conference}, turn_{turn}, effects_{effects}, rng_{turn.stream, conference.draws} {}
    ConferenceStep(const ConferenceStep&) = delete;
    ConferenceStep& operator=(const ConferenceStep&) = delete;
    ~ConferenceStep() { it_.draws = static_cast<std::uint32_t>(rng_.drawn()); }

    Outcome operator()(const Begin&);
    Outcome operator()(const TimerFired& fired);
    Outcome operator()(const UpdateConference& update);
    Outcome operator()(const AddMember& wanted);
    Outcome operator()(const UpdateMember& update);
    Outcome operator()(const Play& wanted);
    Outcome operator()(const StopPlaying&);
    Outcome operator()(const GroupTold& told);

private:
    // members
    [[nodiscard]] Refusal refusal_of(const AddMember& wanted) const;
    void let_go(const Member& member);
    void remove(std::uint32_t number);

    // the end
    [[nodiscard]] bool is_over() const { return it_.state == ConferenceState::completed; }
    void complete();
    void end();

    // audio
    void next_audio_phase();
    void audio_starts();
    void audio_ends();
    void cut_audio();
    void sound(OnThePhone::What what, std::string_view text);

    // events
    void emit_audio(const Audio& audio, bool done);
    template <class Told>
    void describe(Told& told, std::uint32_t number) const;
    [[nodiscard]] ConferenceNotice notice(std::uint32_t number = 0) const;
    void owe(const ConferenceNotice& what, Duration wait);
    void raise_now(const ConferenceNotice& what);
    void raise_all_owed() { raise_owed(Instant::max()); }
    void raise_owed(Instant until);
    void raise_notice(const ConferenceNotice& what);
    [[nodiscard]] Event* raise(EventType type, const std::string& tag);

    // leaves
    void become(ConferenceState state);
    ConferenceBecame& tell_history(std::uint32_t number = 0);
    void arm(ConferenceTimer what, Instant at);
    void disarm(ConferenceTimer what) { ++it_.serials.at(static_cast<std::size_t>(what)); }
    [[nodiscard]] static Outcome refused(Refusal why) { return {why, 0, CallId::none}; }
    [[nodiscard]] const Delays& delays() const {
        return turn_.delays != nullptr ? *turn_.delays : turn_.settings->delays;
    }
    [[nodiscard]] Duration draw(const DelayRange& range) { return range.draw(rng_); }
    [[nodiscard]] Duration small() { return draw(delays().small); }

    Conference& it_;
    const Turn& turn_;
    Effects& effects_;
    Rng rng_;
};

}  // namespace ringback
