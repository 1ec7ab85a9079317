#include "harness/scenario/scenario.h"
#include "simulator/core/call_machine.h"

namespace ringback {

Duration draw(const TimeSpec& time, Rng& rng, const Delays& delays) {
    if (time.is_speech) {
        return length_of(Audio{Audio::Kind::speech, time.speech, {}, false}, delays);
    }
    return draw(static_cast<const DrawnTime&>(time), rng);
}

}  // namespace ringback
