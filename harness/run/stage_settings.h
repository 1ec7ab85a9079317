#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "harness/script/script.h"
#include "simulator/core/result.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// Where a run is stopped, and the receiver under test with it: when the event `after`, from 1, has
/// been answered and what came of it is in; of 0 when the receiver has placed a call, and before
/// the first event. The clock stands still meanwhile.
struct Gap {
    std::size_t after{1};
    bool misses_next{false};  // the receiver is still down when the next event is sent
    /// From the loop, once each, in this order: the receiver is to end now; it is to be there
    /// again, then `go_on` is to be called.
    std::function<void()> end_receiver{};
    std::function<void(std::function<void()> go_on)> start_receiver{};
};

/// What one run of a scenario is given besides the scenario.
struct StageSettings {
    std::size_t row{0};                     // of the scenario's data, from 1; 0 = none
    std::size_t take{0};                    // how often the same was played before in this suite
    std::optional<std::size_t> drawn_as{};  // the take whose faults it has; none: its own
    std::uint64_t seed{42};
    std::string user;
    std::string token;
    std::string secret;
    std::string receiver;  // base URL of the receiver, without a slash at the end
    std::string api;       // base URL of the fake
    std::function<bool()> receiver_is_busy{};  // as far as can be seen; Simulator::watch_receiver
    std::string run_id;
    std::chrono::milliseconds timeout{60'000};  // wall time for the whole run
    std::chrono::milliseconds linger{2'000};    // wall time after the last step, at most
    SimulatorSettings simulator;                // what the command line says
    std::optional<Leniency> lenient{};          // for what it puts in only; nothing is judged
    std::optional<Gap> gap{};                   // needs `lenient`
};

/// What the texts of a scenario may name from the beginning: what is built in, then the scenario's
/// own variables, which may be made of that and of each other. Errors: the variable that names what
/// there is not, such as ${env.HOME} where that is not set.
[[nodiscard]] Result<Bindings> bindings_of(const Scenario& scenario, const StageSettings& settings);

}  // namespace ringback
