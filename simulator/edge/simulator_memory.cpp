#include "simulator/edge/simulator.h"

namespace ringback {

void Simulator::look_at_memory() {
    memory_->look();
    save_memory();
}

/// What is over is forgotten. When there is hardly any memory left, live calls must not tell of
/// more before what they have told is over: a receiver that keeps all of them waiting would bring
/// the process to its end. Where nothing is owed the clock goes on, or nothing would ever be over.
void Simulator::save_memory() {
    if (memory_->is_short()) {
        engine_.forget_half_of_what_is_over();
    }
    // What faults hold back leaves at a modelled time, so nobody waits for that.
    const bool stand = memory_->is_nearly_out() && !nothing_owed();
    if (stand && !clock_paused()) {
        memory_->tell_nearly_out();
        stands_for_memory_ = true;  // first: what follows needs memory, too
        stand_still(true);
    } else if (!stand && stands_for_memory_) {
        stand_still(false);
        stands_for_memory_ = false;
    }
}

}  // namespace ringback
