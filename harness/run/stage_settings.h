#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "harness/scenario/expand.h"
#include "harness/scenario/scenario.h"
#include "simulator/core/result.h"
#include "simulator/edge/settings.h"

namespace ringback {

/// What one run of a scenario is given besides the scenario.
struct StageSettings {
    std::size_t row{0};   // of the scenario's data, from 1; 0 = none
    std::size_t take{0};  // how often the same was played before in this suite
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
};

/// What the texts of a scenario may name from the beginning: what is built in, then the scenario's
/// own variables, which may be made of that and of each other. Errors: the variable that names what
/// there is not, such as ${env.HOME} where that is not set.
[[nodiscard]] Result<Bindings> bindings_of(const Scenario& scenario, const StageSettings& settings);

}  // namespace ringback
