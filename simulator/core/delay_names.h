#pragma once

#include <array>
#include <string_view>

#include "simulator/core/settings.h"

namespace ringback {

/// A delay as people name it: `--answer-delay` of `serve`, `"answer-delay"` of a scenario's model.
struct NamedDelay {
    std::string_view name;
    DelayRange Delays::*delay;
    std::string_view about;
};
/// Spec v1 4.1, in its order.
inline constexpr std::array named_delays{
    NamedDelay{"answer-delay", &Delays::answer, "POST /calls to answer"},
    NamedDelay{"slow-answer-delay", &Delays::slow_answer, "the same for numbers ending in 9906"},
    NamedDelay{"fail-delay", &Delays::fail, "to busy, unallocated or network failure"},
    NamedDelay{"decline-delay", &Delays::decline, "to a decline"},
    NamedDelay{"audio-start-delay", &Delays::audio_start, "POST audio to started"},
    NamedDelay{"stop-delay", &Delays::stop, "stop request to done"},
    NamedDelay{"hangup-delay", &Delays::hangup, "hang-up to the hangup event"},
    NamedDelay{"save-delay", &Delays::save, "end of a recording to its event"},
    NamedDelay{"transcribe-delay", &Delays::transcribe, "recording to transcription event"},
    NamedDelay{"small-delay", &Delays::small,
               "manual answer, or change of a conference or member, to its event"},
    NamedDelay{"sent-delay", &Delays::sent, "POST /messages to the sms or mms event"},
    NamedDelay{"receipt-delay", &Delays::receipt, "that event to the delivery receipt"},
    NamedDelay{"key-delay", &Delays::key, "until a modelled person presses keys"},
    NamedDelay{"talk-delay", &Delays::talk, "answer to hang-up for numbers ending in 9907"},
};

/// A length of the model's, named in the same two places.
struct NamedLength {
    std::string_view name;
    Duration Delays::*length;
    std::string_view about;
};
inline constexpr std::array named_lengths{
    NamedLength{"key-gap", &Delays::key_gap, "between two keys of a modelled person"},
    NamedLength{"tone-length", &Delays::tone, "one digit of dtmfOut"},
    NamedLength{"inbound-ring", &Delays::inbound_ring,
                "until the caller of an inbound call gives up"},
    NamedLength{"speech-per-word", &Delays::speech_per_word, "length of speech, per word"},
    NamedLength{"speech-minimum", &Delays::speech_minimum, "length of the shortest speech"},
    NamedLength{"file-duration", &Delays::file, "length of a played file"},
};

}  // namespace ringback
