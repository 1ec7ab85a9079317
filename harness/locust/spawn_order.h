#pragma once

#include <chrono>
#include <nlohmann/json.hpp>

#include "harness/locust/locust_host.h"
#include "simulator/core/result.h"

namespace ringback {

/// The data of the master's `spawn`: how many users there shall be here, all in all.
// NOLINTNEXTLINE(bugprone-exception-escape): json says it moves without one
struct SpawnOrder {
    double timestamp{0};  // the master's clock, seconds
    LocustUsers users;
    LocustTest test;
    std::chrono::milliseconds grace{};  // --stop-timeout; 0: none
};

/// At most a million users of a class, and a day of grace.
[[nodiscard]] Result<SpawnOrder> read_spawn_order(const nlohmann::json& data);

}  // namespace ringback
