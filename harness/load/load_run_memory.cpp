// The part of LoadRun that ends a run for which there is no memory.
#include <chrono>

#include "harness/load/load_run_parts.h"
#include "harness/process/patient_loop.h"
#include "simulator/edge/wall_clock.h"

namespace ringback {

/// At every look, for as long as it is short.
void LoadRun::Parts::save_memory(LoadMemory::Wants wants, const std::string& why) {
    if (running && want == Want::none) {
        want = Want::starts_no_more;
        constexpr std::chrono::seconds margin{5};
        last_resort.expires_after(settings.drain + margin);
        last_resort.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled && running) {
                starve();  // what would have said that a loop is over may not have been done
            }
        });
    }
    if (running && starting) {
        end_early(why);
    }
    if (running && wants == LoadMemory::Wants::end_at_once && want != Want::is_cut) {
        want = Want::is_cut;
        cut_short(why);
    }
}

/// What could not be done may have been a call's next step or a part of what is measured: no
/// figure of it is good any more. From any thread.
void LoadRun::Parts::starve() noexcept {
    if (!starved.exchange(true)) {
        say_something_was_not_done();
    }
    loop.stop();
}

/// When the loops have ended.
void LoadRun::Parts::end_starved() {
    if (!starved) {
        return;
    }
    if (result.aborted.empty()) {
        result.aborted = "out of memory";
    }
    if (running) {
        ended = wall_now();
    }
}

}  // namespace ringback
