#include "harness/scenario/delay_before.h"

#include <algorithm>
#include <array>

namespace ringback {
namespace {

/// Which delay comes before an event.
struct DelayBefore {
    std::string_view event;
    DelayRange Delays::*delay;
};
constexpr std::array delays_before{
    DelayBefore{"answer", &Delays::answer},
    DelayBefore{"speak.started", &Delays::audio_start},
    DelayBefore{"playback.started", &Delays::audio_start},
    DelayBefore{"hangup", &Delays::hangup},
    DelayBefore{"recording", &Delays::save},
    DelayBefore{"recording.complete", &Delays::save},
    DelayBefore{"recording.error", &Delays::save},
    DelayBefore{"transcription", &Delays::transcribe},
    DelayBefore{"transcription.complete", &Delays::transcribe},
    DelayBefore{"transcription.error", &Delays::transcribe},
    DelayBefore{"sms.sent", &Delays::sent},
    DelayBefore{"sms.error", &Delays::sent},
    DelayBefore{"mms.sent", &Delays::sent},
    DelayBefore{"mms.error", &Delays::sent},
    DelayBefore{"sms.delivered", &Delays::receipt},
    DelayBefore{"sms.not-delivered", &Delays::receipt},
};

const DelayBefore* known(std::string_view event) {
    const auto found = std::ranges::find(delays_before, event, &DelayBefore::event);
    return found == delays_before.end() ? nullptr : &*found;
}

}  // namespace

bool has_delay_before(std::string_view event) {
    return event == "speak.done" || event == "playback.done" || known(event) != nullptr;
}

void set_delay_before(std::string_view event, std::optional<Duration> delay, const Delays& model,
                      Delays& delays) {
    if (event == "speak.done") {  // however long the sentence is
        delays.speech_minimum = delay.value_or(model.speech_minimum);
        delays.speech_per_word = delay ? Duration{} : model.speech_per_word;
    } else if (event == "playback.done") {
        delays.file = delay.value_or(model.file);
    } else if (const DelayBefore* const one = known(event)) {
        delays.*(one->delay) = delay ? DelayRange{*delay} : model.*(one->delay);
    }
}

}  // namespace ringback
